#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "cli/cmd.h"
#include "cli/completion.h"
#include "cli/completion_private.h"
#include "cli/help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct values {
	bool dry_run;
	const char *as, *from;
	struct names map;
};

static const struct opt opts[] = {
	OPT_FLAG(struct values, dry_run, 'n', "dry-run", "say what would be done"),
	OPT_CHOICE(struct values, as, 0, "as", "dot|mermaid", "the language"),
	OPT_STR(struct values, from, 'f', "from", "FILE", "where it comes from"),
	OPT_LIST(struct values, map, 0, "a-rather-long-name", "COLUMN=FIELD|-", "a column"),
	OPT_END
};

static const struct cli_cmd verbs[] = {
	{ .name = "draw",
	  .group = "Pipelines",
	  .args = "PIPELINE [STEP]...",
	  .about = "draw it",
	  .opts = opts,
	  .opts_size = sizeof(struct values),
	  .examples = "t draw welcome\nt draw -f x welcome\n" },
	{ .name = "check", .about = "look at everything" },
};

static const struct cli_cmd *const cmds[] = {
	&verbs[0], &verbs[1], NULL,
};

static const struct cli_program program = {
	.name = "t", .about = "a program", .examples = "t draw welcome\n", .cmds = cmds
};

static void assert_starts_with(const char *text, const char *start)
{
	if (strncmp(text, start, strlen(start)) != 0)
		assert_string_equal(text, start);
}

static void help_of_a_command_has_examples_before_options(void **state)
{
	BUF_AUTO b = BUF_INIT(10000);

	(void)state;
	help_cmd(&b, "t", &verbs[0]);
	assert_starts_with(b.s, "usage: t draw [-n] [--as dot|mermaid] [-f FILE]\n"
	                         "           [--a-rather-long-name COLUMN=FIELD|-]... PIPELINE [STEP]...\n"
	                         "t draw: draw it\n"
	                         "\n"
	                         "Examples:\n"
	                         "  t draw welcome\n"
	                         "  t draw -f x welcome\n"
	                         "\n"
	                         "Options:\n"
	                         "  -n, --dry-run             say what would be done\n"
	                         "      --as dot|mermaid      the language\n"
	                         "  -f, --from FILE           where it comes from\n"
	                         "      --a-rather-long-name COLUMN=FIELD|-\n"
	                         "                            a column (repeatable)\n"
	                         "\n"
	                         "Options of every command:\n"
	                         "      --db FILE  ");
}

static void a_program_without_verbs_is_named_once(void **state)
{
	static const struct cli_cmd tick = { .name = "tick", .about = "do it" };
	BUF_AUTO b = BUF_INIT(10000);

	(void)state;
	help_cmd(&b, "tick", &tick);
	assert_starts_with(b.s, "usage: tick\ntick: do it\n\nOptions of every");
}

static void help_of_a_program_lists_its_verbs(void **state)
{
	BUF_AUTO b = BUF_INIT(10000);

	(void)state;
	help_program(&b, &program);
	assert_non_null(strstr(b.s, "\nPipelines:\n"
	                            "  draw          draw it\n"
	                            "  check         look at everything\n"
	                            "\nHelp:\n"
	                            "  help  "));
	assert_non_null(strstr(b.s, "\n  -q, --quiet "));
	buf_clear(&b);
	help_short(&b, &program);
	assert_string_equal(b.s, "usage: t COMMAND [OPTION]... [OPERAND]...\n"
	                         "t: a program\n"
	                         "\n"
	                         "Examples:\n"
	                         "  t draw welcome\n"
	                         "\n"
	                         "'t help' lists all commands, 't help COMMAND' says how each is used.\n");
}

static void the_dump_has_a_row_for_each_command_and_option(void **state)
{
	BUF_AUTO b = BUF_INIT(10000);

	(void)state;
	help_dump(&b, &program);
	assert_non_null(strstr(b.s, "opt\t*\tq\tquiet\t-\tflag\t"));
	assert_non_null(strstr(b.s, "\ncmd\tdraw\tPIPELINE [STEP]...\tdraw it\n"
	                            "opt\tdraw\tn\tdry-run\t-\tflag\tsay what would be done\n"
	                            "opt\tdraw\t-\tas\tdot|mermaid\tchoice\tthe language\n"
	                            "opt\tdraw\tf\tfrom\tFILE\tstr\twhere it comes from\n"
	                            "opt\tdraw\t-\ta-rather-long-name\tCOLUMN=FIELD|-\tlist\ta column\n"
	                            "cmd\tcheck\t-\tlook at everything\n"
	                            "cmd\thelp\t"));
}

static void placeholders_become_proposals(void **state)
{
	static const struct {
		const char *placeholder, *specs;
	} rows[] = {
		{ "FILE", "FILE" },
		{ "FILE|DIR|-...", "FILE" },
		{ "FILE.json", "FILE" },
		{ "[-f] FILE", "FILE" },
		{ "PIPELINE", "@pipelines" },
		{ "[PIPELINE]", "@pipelines" },
		{ "PIPELINE|--all", "@pipelines" },
		{ "[RUN|ADDR]...", "" },
		{ "sent|resend", "sent resend" },
		{ "add|remove|primary", "add remove primary" },
		{ "KIND/NAME[@VERSION]|PIPELINE", "@kind/name @pipelines" },
		{ "[KIND[/NAME]]", "@kind/name" },
		{ "KIND", "@kinds" },
		{ "KIND[.FIELD]|events|placeholders", "@kinds events placeholders" },
		{ "field=value...", "" },
		{ "COLUMN=FIELD|-", "" },
		{ "ADDR...|--where FILTER", "" },
		{ "MAILBOX", "@mailboxes" },
		{ "TEMPLATE|PIPELINE", "@templates @pipelines" },
		{ "PIPELINE|mailbox/M|--all", "@pipelines @mailbox/" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		BUF_AUTO b = BUF_INIT(1000);

		completion_specs(&b, rows[i].placeholder, strlen(rows[i].placeholder));
		assert_string_equal(b.s, rows[i].specs);
	}
}

static void operands_are_taken_from_a_synopsis(void **state)
{
	const char *args = "RUN [STEP|--all X] ADDR...|--where FILTER", *operand;
	bool repeats;
	size_t len;

	(void)state;
	assert_true(completion_operand(&args, &operand, &len, &repeats));
	assert_memory_equal(operand, "RUN", 3);
	assert_int_equal(len, 3);
	assert_false(repeats);
	assert_true(completion_operand(&args, &operand, &len, &repeats));
	assert_memory_equal(operand, "[STEP|--all X]", 14);
	assert_int_equal(len, 14);
	assert_false(repeats);
	assert_true(completion_operand(&args, &operand, &len, &repeats));
	assert_int_equal(len, strlen("ADDR...|--where"));
	assert_true(repeats);
	assert_true(completion_operand(&args, &operand, &len, &repeats));
	assert_false(completion_operand(&args, &operand, &len, &repeats));
}

static void there_is_no_completion_for_other_shells(void **state)
{
	BUF_AUTO b = BUF_INIT(100);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(completion_write(&b, &program, "csh", &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(err.text, "no completion for 'csh': bash, zsh or fish");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_of_a_command_has_examples_before_options),
		cmocka_unit_test(a_program_without_verbs_is_named_once),
		cmocka_unit_test(help_of_a_program_lists_its_verbs),
		cmocka_unit_test(the_dump_has_a_row_for_each_command_and_option),
		cmocka_unit_test(placeholders_become_proposals),
		cmocka_unit_test(operands_are_taken_from_a_synopsis),
		cmocka_unit_test(there_is_no_completion_for_other_shells),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
