#include "fixture.h"

#include "engine/person.h"
#include "model/address.h"
#include "people/import.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Which starts of a pipeline an import may set off: brings are fields and tags, "+" any tags, "!" suppressions. */
static const struct {
	const char *enroll, *brings;
	bool starts;
} cases[] = {
	{ "{new_contacts: true}", "", true },
	{ "{if: {tag: x}}", "tag x", false },
	{ "{when: {tag: trial}}", "", false },
	{ "{when: {tag: trial}}", "plan", false },
	{ "{when: {tag: trial}}", "tag trial", true },
	{ "{when: {tag: [a, trial]}}", "tag trial", true },
	{ "{when: {tag: trial}}", "tag fair", false },
	{ "{when: {tag: trial}}", "+", true },
	{ "{when: {field: {plan: pro}}}", "plan", true },
	{ "{when: {field: {plan: pro}}}", "company", false },
	{ "{when: {field: {plan: {set: false}}}}", "", true },
	{ "{when: {not: {tag: customer}}}", "", true },
	{ "{when: {kind: lead}}", "", true },
	{ "{when: {kind: contact}}", "", false },
	{ "{when: {kind: contact}}", "kind", true },
	{ "{when: {owner: tester}}", "", false },
	{ "{when: {owner: tester}}", "owner", true },
	{ "{when: {all: [{tag: trial}, {field: {plan: pro}}]}}", "plan", true }, /* who has the tag already */
	{ "{when: {all: [{tag: trial}, {field: {plan: pro}}]}}", "company", false },
	{ "{when: {any: [{tag: trial}, {field: {plan: pro}}]}}", "plan", true },
	{ "{when: {event: order.placed}}", "plan", false },
	{ "{when: {event: contact.created}}", "", true },
	{ "{when: {event: contact.updated}}", "", true },
	{ "{when: {all: [{event: order.placed}, {tag: trial}]}}", "tag trial", false },
	{ "{when: {all: [{event: contact.tagged}, {tag: trial}]}}", "tag trial", true },
	{ "{when: replied}", "plan", false },
	{ "{when: converted}", "plan", false },
	{ "{when: converted}", "kind", true },
	{ "{when: unsubscribed}", "!", true },
	{ "{when: [{tag: trial}, {field: {plan: pro}}]}", "plan", true },
};

static struct import_brings brings_of(const char *text, const char *names[1])
{
	struct import_brings b = { .any_tags = *text == '+', .suppresses = *text == '!' };
	bool tag = strncmp(text, "tag ", 4) == 0;
	struct names *list = tag ? &b.tags : &b.fields;

	names[0] = tag ? text + 4 : text;
	if (*text && !b.any_tags && !b.suppresses)
		*list = (struct names){ names, 1 };
	return b;
}

static void s0_17_an_import_knows_what_it_would_start(void **state)
{
	char yaml[512];
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		const char *names[1];
		struct import_brings brings = brings_of(cases[i].brings, names);
		const struct pipeline *p;
		struct err err = ERR_INIT;
		struct world *w;
		size_t at = 0;

		fixture_open(&f);
		snprintf(yaml, sizeof yaml,
		         "kind: Fields\nname: contact\nfields: {plan: {type: choice, values: [free, pro]}}\n"
		         "events: {order.placed: {total: number}}\n"
		         "---\nkind: Pipeline\nname: p\nenroll: %s\nsteps: [{tag: x}]\n", cases[i].enroll);
		fixture_apply(&f, yaml);
		assert_int_equal(engine_world(&f.e, f.team, &w, &err), 0);
		p = import_starts(w, &brings, &at);
		if ((p != NULL) != cases[i].starts) {
			print_message("%s with '%s': %s\n", cases[i].enroll, cases[i].brings, p ? "starts" : "does not start");
			bad++;
		}
		fixture_close(&f);
	}
	assert_int_equal(bad, 0);
}

static void a_draft_starts_nothing(void **state)
{
	struct import_brings brings = { 0 };
	struct err err = ERR_INIT;
	struct fixture f;
	struct world *w;
	size_t at = 0;

	(void)state;
	fixture_open(&f);
	fixture_apply(&f, "kind: Pipeline\nname: p\nactive: false\nenroll: {new_contacts: true}\nsteps: [{tag: x}]\n");
	assert_int_equal(engine_world(&f.e, f.team, &w, &err), 0);
	assert_null(import_starts(w, &brings, &at));
	fixture_close(&f);
}

/* What was told of a table, a line each. */
struct told {
	struct fixture *f;
	const char *text;
};

static void hear_problem(void *ctx, size_t line, const char *text, const char *raw, size_t len)
{
	struct told *t = ctx;
	(void)raw;
	(void)len;

	t->text = arena_printf(&t->f->arena, "%s%zu: %s\n", t->text, line, text);
}

static void hear_begin(void *ctx, const char *raw, size_t len)
{
	(void)ctx;
	(void)raw;
	(void)len;
}

static void hear_row(void *ctx, int64_t rows)
{
	(void)ctx;
	(void)rows;
}

/* What comes of a table: what was told of its rows, and the error. */
static const char *import(struct fixture *f, const char *table, const char *map)
{
	struct import_options o = { .map = { .v = &map, .n = map != NULL }, .entries_said = true };
	const char *path = arena_printf(&f->arena, "%s/table.csv", f->folder);
	struct told told = { f, "" };
	const struct import_listener listener = { &told, hear_problem, hear_begin, hear_row };
	struct intake_counts counts;
	struct err err = ERR_INIT;
	FILE *file = fopen(path, "w");
	struct world *w;
	int fd;

	assert_non_null(file);
	fputs(table, file);
	fclose(file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(engine_world(&f->e, f->team, &w, &err), 0);
	if (import_table(&f->e, w, fd, &o, &listener, &counts, &err) < 0)
		told.text = arena_printf(&f->arena, "%s%s\n", told.text, err.text);
	close(fd);
	return told.text;
}

static void a_table_that_cannot_be_taken_says_why(void **state)
{
	static const struct {
		const char *table, *map, *says;
	} table[] = {
		{ "email\na@b.example\n", "=email", "--map '=email' is no COLUMN=FIELD\n" },
		{ "email\na@b.example\n", "email=", "--map 'email=' is no COLUMN=FIELD\n" },
		{ "email\na@b.example\n", "email", "--map 'email' is no COLUMN=FIELD\n" },
		{ "email,Name\na@b.example,Ann\n", "Rank=-", "1: no field 'Name'; a Fields document declares the team's own (--map 'Name=FIELD' names one, --map 'Name=-' leaves it out)\nnothing was imported\n" },
		{ "email,Name,Rank\na@b.example,Ann,1\n", "Name=first_name", "1: no field 'Rank'; a Fields document declares the team's own (--map 'Rank=FIELD' names one, --map 'Rank=-' leaves it out)\nnothing was imported\n" },
		{ "", NULL, "the file is empty: its first row names the columns\n" },
		{ "email,first_name,first name\na@b.example,Ann,Bea\n", NULL, "1: the columns 'first_name' and 'first name' are one field\nnothing was imported\n" },
		{ "email,tags,tags\na@b.example,x,y\n", NULL, "" },
		{ "email,first_name\n,Ann\n", NULL, "2: no e-mail address\n" },
	};
	struct fixture f;
	int bad = 0;

	(void)state;
	fixture_open(&f);
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		const char *got = import(&f, table[i].table, table[i].map);

		if (strcmp(got, table[i].says) != 0) {
			print_message("%s: %snot %s", table[i].table, got, table[i].says);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
	assert_int_equal(fixture_number(&f, "SELECT count(*) FROM tag_contact"), 2);
	fixture_close(&f);
}

static int fail_to_tell(void *ctx, const struct pipeline *p, const struct contact *c, const struct enroll_result *r, struct err *err)
{
	(void)ctx;
	(void)p;
	(void)c;
	(void)r;
	return err_set(err, ERR_IO, "nobody hears of it");
}

/* Who looks up why somebody does not enter may fail: nothing of that transaction stays. */
static void a_refusal_that_cannot_be_told_ends_the_import(void **state)
{
	struct intake_options o = { .rule = IF_EXISTS_UPDATE, .n_pipelines = 1, .refused = fail_to_tell };
	INTAKE_AUTO intake = { 0 };
	struct person p = { .suppressed = SUPPRESS_BOUNCED };
	const struct pipeline *pipeline;
	struct err err = ERR_INIT;
	struct fixture f;
	struct world *w;

	(void)state;
	fixture_open(&f);
	fixture_apply(&f, "kind: Pipeline\nname: p\nsteps: [{email: {subject: S, text: x}}]\n");
	assert_int_equal(engine_world(&f.e, f.team, &w, &err), 0);
	pipeline = world_pipeline(w, "p");
	o.pipelines = &pipeline;
	assert_int_equal(address_parse("a@b.example", &p.address, &err), 0);
	assert_int_equal(intake_begin(&intake, &f.e, w, &o, &err), 0);
	assert_int_equal(intake_take(&intake, &p, &f.arena, &err), -1);
	assert_string_equal(err.text, "nobody hears of it");
	intake_release(&intake);
	assert_int_equal(fixture_number(&f, "SELECT count(*) FROM contact"), 0);
	intake = (struct intake){ 0 };
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(s0_17_an_import_knows_what_it_would_start),
		cmocka_unit_test(a_draft_starts_nothing),
		cmocka_unit_test(a_table_that_cannot_be_taken_says_why),
		cmocka_unit_test(a_refusal_that_cannot_be_told_ends_the_import),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
