#include "base/arena.h"
#include "base/err.h"
#include "cli/option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct values {
	bool dry_run, json;
	const char *from, *as;
	int64_t limit;
	struct names map;
};

static const struct opt own[] = {
	OPT_FLAG(struct values, dry_run, 'n', "dry-run", "say what would be done"),
	OPT_STR(struct values, from, 'f', "from", "ADDRESS", "the sender"),
	OPT_CHOICE(struct values, as, 0, "as", "dot|mermaid", "the language"),
	OPT_INT(struct values, limit, 'l', "limit", "N", 1, 1000, "at most so many"),
	OPT_LIST(struct values, map, 'm', "map", "A=B", "a column"),
	OPT_END
};

static const struct opt everywhere[] = {
	OPT_FLAG(struct values, json, 'j', "json", "JSON Lines"),
	OPT_END
};

struct parsed {
	int result;
	struct values own, everywhere;
	struct names args;
	struct arena arena;
	struct err err;
};

/* words: divided by blanks */
static void parse(struct parsed *p, const char *words)
{
	const struct opt_set sets[] = { { own, &p->own }, { everywhere, &p->everywhere }, { 0 } };
	char *argv[32], *at, *rest;
	size_t n = 0;

	*p = (struct parsed){ .err = ERR_INIT };
	rest = arena_strdup(&p->arena, words);
	while ((at = strsep(&rest, " ")))
		if (*at)
			argv[n++] = strcmp(at, "EMPTY") == 0 ? at + 5 : at;
	p->result = opt_parse(sets, argv, n, &p->arena, &p->args, &p->err);
}

static void print_names(struct arena *a, const struct names *list, const char **ret)
{
	*ret = "";
	for (size_t i = 0; i < list->n; i++)
		*ret = arena_printf(a, "%s%s[%s]", *ret, i ? " " : "", list->v[i]);
}

static void options_are_read_in_every_form(void **state)
{
	static const struct {
		const char *words;
		bool dry_run, json;
		const char *from, *as;
		int64_t limit;
		const char *map, *args;
	} rows[] = {
		{ "", false, false, NULL, NULL, 0, "", "" },
		{ "a b", false, false, NULL, NULL, 0, "", "[a] [b]" },
		{ "-n a -j", true, true, NULL, NULL, 0, "", "[a]" },
		{ "a --dry-run b --json", true, true, NULL, NULL, 0, "", "[a] [b]" },
		{ "-nj", true, true, NULL, NULL, 0, "", "" },
		{ "--from x", false, false, "x", NULL, 0, "", "" },
		{ "--from=x", false, false, "x", NULL, 0, "", "" },
		{ "--from=a=b", false, false, "a=b", NULL, 0, "", "" },
		{ "--from= a", false, false, "", NULL, 0, "", "[a]" },
		{ "--from EMPTY", false, false, "", NULL, 0, "", "" },
		{ "-f x", false, false, "x", NULL, 0, "", "" },
		{ "-fx", false, false, "x", NULL, 0, "", "" },
		{ "-njfx y", true, true, "x", NULL, 0, "", "[y]" },
		{ "-nf x y", true, false, "x", NULL, 0, "", "[y]" },
		{ "-fn", false, false, "n", NULL, 0, "", "" },
		{ "--from -n", false, false, "-n", NULL, 0, "", "" },
		{ "--from --", false, false, "--", NULL, 0, "", "" },
		{ "--from x --from y", false, false, "y", NULL, 0, "", "" },
		{ "-- -n --json", false, false, NULL, NULL, 0, "", "[-n] [--json]" },
		{ "a -- -- b", false, false, NULL, NULL, 0, "", "[a] [--] [b]" },
		{ "- -n -", true, false, NULL, NULL, 0, "", "[-] [-]" },
		{ "-f -", false, false, "-", NULL, 0, "", "" },
		{ "EMPTY", false, false, NULL, NULL, 0, "", "[]" },
		{ "--as dot", false, false, NULL, "dot", 0, "", "" },
		{ "--as=mermaid", false, false, NULL, "mermaid", 0, "", "" },
		{ "-l1", false, false, NULL, NULL, 1, "", "" },
		{ "--limit 1000", false, false, NULL, NULL, 1000, "", "" },
		{ "-m a=b x --map c=d -me", false, false, NULL, NULL, 0, "[a=b] [c=d] [e]", "[x]" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *map, *args;
		struct parsed p;

		parse(&p, rows[i].words);
		if (p.result != 0)
			fail_msg("'%s': %s", rows[i].words, p.err.text);
		print_names(&p.arena, &p.own.map, &map);
		print_names(&p.arena, &p.args, &args);
		assert_int_equal(p.own.dry_run, rows[i].dry_run);
		assert_int_equal(p.everywhere.json, rows[i].json);
		assert_string_equal(p.own.from ? p.own.from : "NULL", rows[i].from ? rows[i].from : "NULL");
		assert_string_equal(p.own.as ? p.own.as : "NULL", rows[i].as ? rows[i].as : "NULL");
		assert_int_equal(p.own.limit, rows[i].limit);
		assert_string_equal(map, rows[i].map);
		assert_string_equal(args, rows[i].args);
		arena_release(&p.arena);
	}
}

static void wrong_options_are_named_as_typed(void **state)
{
	static const struct {
		const char *words, *text;
	} rows[] = {
		{ "--dryrun", "unknown option '--dryrun'; did you mean '--dry-run'?" },
		{ "--dry-ru", "unknown option '--dry-ru'; did you mean '--dry-run'?" },
		{ "--jsno=1", "unknown option '--jsno'; did you mean '--json'?" },
		{ "--nothing", "unknown option '--nothing'" },
		{ "--=x", "unknown option '--'" },
		{ "-x", "unknown option '-x'" },
		{ "-nx", "unknown option '-x'" },
		{ "-n-", "unknown option '--'" },
		{ "-ä", "unknown option '-ä'" },
		{ "--dry-run=yes", "'--dry-run' takes no value" },
		{ "--from", "'--from' needs a value: ADDRESS" },
		{ "a -f", "'-f' needs a value: ADDRESS" },
		{ "--as svg", "'--as' takes dot|mermaid, not 'svg'" },
		{ "--as=Dot", "'--as' takes dot|mermaid, not 'Dot'; did you mean 'dot'?" },
		{ "--as dot|mermaid", "'--as' takes dot|mermaid, not 'dot|mermaid'" },
		{ "--as EMPTY", "'--as' takes dot|mermaid, not ''" },
		{ "-l 0", "'-l' takes a number from 1 to 1000, not '0'" },
		{ "--limit 1001", "'--limit' takes a number from 1 to 1000, not '1001'" },
		{ "--limit -5", "'--limit' takes a number from 1 to 1000, not '-5'" },
		{ "--limit=99999999999999999999", "'--limit' takes a number from 1 to 1000, not '99999999999999999999'" },
		{ "--limit=5x", "'--limit' takes a number from 1 to 1000, not '5x'" },
		{ "--limit=+5", "'--limit' takes a number from 1 to 1000, not '+5'" },
		{ "--limit EMPTY", "'--limit' takes a number from 1 to 1000, not ''" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct parsed p;

		parse(&p, rows[i].words);
		assert_int_equal(p.result, -1);
		assert_int_equal(p.err.kind, ERR_USAGE);
		assert_string_equal(p.err.text, rows[i].text);
		arena_release(&p.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_read_in_every_form),
		cmocka_unit_test(wrong_options_are_named_as_typed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
