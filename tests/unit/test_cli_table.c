#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/zone.h"
#include "cli/context.h"
#include "cli/grid.h"
#include "cli/table.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct cli_column columns[] = {
	{ "id", CLI_INT },      { "first_name", CLI_TEXT }, { "status", CLI_STATE },
	{ "tags", CLI_NAMES },  { "open", CLI_BOOL },       { "due_at", CLI_TIME },
	{ "data", CLI_JSON | CLI_ONLY_JSON }, { 0 },
};

static struct zone *berlin;

static const char *const tags[] = { "a", "b\tc" };

static void add_full_row(struct cli_table *t, const char *name)
{
	const char *list[] = { tags[0], tags[1] };

	cli_int(t, 7);
	cli_text(t, name);
	cli_text(t, "blocked");
	cli_names(t, &(struct names){ list, 2 });
	cli_bool(t, true);
	cli_time(t, 1782898200);
	cli_json(t, "{\"k\":[1]}");
	cli_row_end(t);
}

static void add_empty_row(struct cli_table *t)
{
	cli_int(t, -12);
	cli_text(t, NULL);
	cli_null(t);
	cli_names(t, &(struct names){ NULL, 0 });
	cli_bool(t, false);
	cli_null(t);
	cli_null(t);
	cli_row_end(t);
}

struct output {
	struct cli cli;
	char *text;
	size_t size;
};

static void output_begin(struct output *o)
{
	*o = (struct output){ .cli = { .name = "t", .columns = 80 } };
	o->cli.out = open_memstream(&o->text, &o->size);
	o->cli.zone = berlin;
}

static void output_expect(struct output *o, const char *text)
{
	fclose(o->cli.out);
	assert_string_equal(o->text, text);
	free(o->text);
	arena_release(&o->cli.arena);
}

static void piped_rows_are_tab_separated(void **state)
{
	struct cli_table t;
	struct output o;

	(void)state;
	output_begin(&o);
	cli_table_begin(&t, &o.cli, columns);
	add_full_row(&t, "A\n\x1b[1m\xe2\x80\xae \xff\\");
	add_empty_row(&t);
	cli_table_end(&t);
	output_expect(&o, "7\tA\\x0a\\x1b[1m\\u{202e} \\xff\\\tblocked\ta,b\\x09c\tyes\t2026-07-01T09:30:00Z\n"
	                  "-12\t\t\t\tno\t\n");
}

static void rows_stream_unless_on_a_terminal(void **state)
{
	static const struct cli_column one[] = { { "a", CLI_TEXT }, { 0 } };
	struct cli_table t;
	struct output o;

	(void)state;
	output_begin(&o);
	cli_table_begin(&t, &o.cli, one);
	cli_text(&t, "x");
	cli_row_end(&t);
	fflush(o.cli.out);
	assert_string_equal(o.text, "x\n");
	cli_text(&t, NULL);
	cli_row_end(&t);
	cli_table_end(&t);
	output_expect(&o, "x\n\n");
}

static void json_has_typed_members(void **state)
{
	struct cli_table t;
	struct output o;

	(void)state;
	output_begin(&o);
	o.cli.json = true;
	o.cli.out_terminal = true;
	cli_table_begin(&t, &o.cli, columns);
	add_full_row(&t, "A\"\n\x1b\xe2\x80\xae\\");
	add_empty_row(&t);
	cli_table_end(&t);
	output_expect(&o, "{\"id\":7,\"first_name\":\"A\\\"\\n\\u001b\\u202e\\\\\",\"status\":\"blocked\","
	                  "\"tags\":[\"a\",\"b\\tc\"],\"open\":true,\"due_at\":\"2026-07-01T09:30:00Z\","
	                  "\"data\":{\"k\":[1]}}\n"
	                  "{\"id\":-12,\"first_name\":null,\"status\":null,\"tags\":[],\"open\":false,"
	                  "\"due_at\":null,\"data\":null}\n");
}

static void terminals_get_aligned_columns(void **state)
{
	struct cli_table t;
	struct output o;

	(void)state;
	output_begin(&o);
	o.cli.out_terminal = true;
	cli_table_begin(&t, &o.cli, columns);
	add_full_row(&t, "\xe4\xbd\xa0\xe5\xa5\xbd\n");
	add_empty_row(&t);
	cli_table_end(&t);
	output_expect(&o, " ID  FIRST NAME  STATUS   TAGS      OPEN  DUE AT\n"
	                  "  7  你好\\x0a    blocked  a,b\\x09c  yes   2026-07-01 11:30\n"
	                  "-12  -           -        -         -     -\n");
}

static void terminals_that_have_colours_get_some(void **state)
{
	static const struct cli_column two[] = { { "status", CLI_STATE }, { "n", CLI_INT }, { 0 } };
	struct cli_table t;
	struct output o;

	(void)state;
	output_begin(&o);
	o.cli.out_terminal = o.cli.color = true;
	cli_table_begin(&t, &o.cli, two);
	cli_text(&t, "blocked");
	cli_int(&t, 1);
	cli_row_end(&t);
	cli_text(&t, "running");
	cli_int(&t, 22);
	cli_row_end(&t);
	cli_table_end(&t);
	output_expect(&o, "\033[1mSTATUS\033[0m    \033[1mN\033[0m\n"
	                  "\033[31mblocked\033[0m   1\n"
	                  "running  22\n");
}

static void long_tables_on_terminals_stream_after_a_while(void **state)
{
	static const struct cli_column one[] = { { "n", CLI_INT }, { 0 } };
	struct cli_table t;
	struct output o;
	size_t lines = 0;

	(void)state;
	output_begin(&o);
	o.cli.out_terminal = true;
	cli_table_begin(&t, &o.cli, one);
	for (int i = 1; i <= 1500; i++) {
		cli_int(&t, i);
		cli_row_end(&t);
		if (i == 1400)
			fflush(o.cli.out);
	}
	assert_non_null(strstr(o.text, "1400\n"));
	cli_table_end(&t);
	fflush(o.cli.out);
	for (const char *at = o.text; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, 1501);
	assert_memory_equal(o.text, "   N\n   1\n", 10);
	fclose(o.cli.out);
	free(o.text);
}

static void tables_without_rows_print_nothing(void **state)
{
	struct cli_table t;
	struct output o;

	(void)state;
	output_begin(&o);
	o.cli.out_terminal = true;
	cli_table_begin(&t, &o.cli, columns);
	cli_table_end(&t);
	output_expect(&o, "");
}

static void records_have_a_line_for_each_value(void **state)
{
	static const struct {
		bool terminal, json;
		const char *text;
	} rows[] = {
		{ true, false, "ID:          7\n"
		               "FIRST NAME:  one\n"
		               "             two\\x1b\n"
		               "STATUS:      blocked\n"
		               "TAGS:        a,b\\x09c\n"
		               "OPEN:        yes\n"
		               "DUE AT:      2026-07-01 11:30\n" },
		{ false, false, "id\t7\nfirst_name\tone\\x0atwo\\x1b\nstatus\tblocked\ntags\ta,b\\x09c\nopen\tyes\n"
		                "due_at\t2026-07-01T09:30:00Z\n" },
		{ true, true, "{\"id\":7,\"first_name\":\"one\\ntwo\\u001b\",\"status\":\"blocked\","
		              "\"tags\":[\"a\",\"b\\tc\"],\"open\":true,\"due_at\":\"2026-07-01T09:30:00Z\","
		              "\"data\":{\"k\":[1]}}\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct cli_table t;
		struct output o;

		output_begin(&o);
		o.cli.out_terminal = rows[i].terminal;
		o.cli.json = rows[i].json;
		cli_record_begin(&t, &o.cli, columns);
		add_full_row(&t, "one\ntwo\x1b");
		cli_table_end(&t);
		output_expect(&o, rows[i].text);
	}
}

static void records_on_terminals_leave_out_what_is_not_there(void **state)
{
	struct cli_table t;
	struct output o;

	(void)state;
	output_begin(&o);
	o.cli.out_terminal = true;
	cli_record_begin(&t, &o.cli, columns);
	add_empty_row(&t);
	cli_table_end(&t);
	output_expect(&o, "ID:  -12\n");
}

static void the_widest_columns_are_cut_to_the_terminal(void **state)
{
	static const char *const cells[] = { "1", "abcdefghijklmnopqrst", "x", "2", "abcdefghijklmno", NULL };
	static const struct {
		size_t room;
		const char *text;
	} rows[] = {
		{ 80, "N  WORD                  LAST\n1  abcdefghijklmnopqrst  x\n2  abcdefghijklmno       -\n" },
		{ 29, "N  WORD                  LAST\n1  abcdefghijklmnopqrst  x\n2  abcdefghijklmno       -\n" },
		{ 28, "N  WORD                 LAST\n1  abcdefghijklmnopqr…  x\n2  abcdefghijklmno      -\n" },
		{ 20, "N  WORD         LAST\n1  abcdefghij…  x\n2  abcdefghij…  -\n" },
		{ 5, "N  WORD      LAST\n1  abcdefg…  x\n2  abcdefg…  -\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct grid_column grid[] = { { .title = "N", .right = true }, { .title = "WORD" }, { .title = "LAST" } };
		BUF_AUTO b = BUF_INIT(4096);

		grid_fit(grid, 3, cells, 2, rows[i].room);
		grid_add_titles(&b, grid, 3, false);
		grid_add_row(&b, grid, cells, 3, false);
		grid_add_row(&b, grid, cells + 3, 3, false);
		assert_string_equal(b.s, rows[i].text);
	}
}

static void several_wide_columns_share_the_loss(void **state)
{
	static const struct {
		size_t room, a, b, c;
	} rows[] = {
		{ 94, 40, 30, 20 }, { 84, 30, 30, 20 }, { 79, 25, 30, 20 }, { 64, 20, 20, 20 }, { 10, 8, 8, 8 },
	};
	static const char *const cells[] = {
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
		"cccccccccccccccccccc",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct grid_column grid[] = { { .title = "A" }, { .title = "B" }, { .title = "C" } };

		grid_fit(grid, 3, cells, 1, rows[i].room);
		assert_int_equal(grid[0].width, rows[i].a);
		assert_int_equal(grid[1].width, rows[i].b);
		assert_int_equal(grid[2].width, rows[i].c);
	}
}

static void what_nobody_misses_is_left_out_first(void **state)
{
	static const char *const cells[] = { "anna@example.org", NULL, "12", "2026-07-01 09:30", "a note", "x",
		                                 "bob@example.org",  NULL, "1",  NULL,               "another note", "y" };
	static const struct {
		size_t room;
		const char *titles;
		const char *row;
	} rows[] = {
		{ 80, "EMAIL             REASON  DONE  AT                NOTE          BY",
		      "anna@example.org  -         12  2026-07-01 09:30  a note        x" },
		{ 60, "EMAIL             DONE  AT                NOTE          BY", /* without a value */
		      "anna@example.org    12  2026-07-01 09:30  a note        x" },
		{ 57, "EMAIL             DONE  AT                NOTE", /* the last spare one */
		      "anna@example.org    12  2026-07-01 09:30  a note" },
		{ 48, "EMAIL             AT                NOTE", "anna@example.org  2026-07-01 09:30  a note" },
		{ 44, "EMAIL         AT                NOTE", "anna@exampl…  2026-07-01 09:30  a note" },
		{ 10, "EMAIL     AT                NOTE", "anna@ex…  2026-07-01 09:30  a note" }, /* times stay whole */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct grid_column grid[] = { { .title = "EMAIL" },
			                          { .title = "REASON" },
			                          { .title = "DONE", .right = true, .whole = true, .spare = true },
			                          { .title = "AT", .whole = true },
			                          { .title = "NOTE" },
			                          { .title = "BY", .spare = true } };
		BUF_AUTO b = BUF_INIT(4096);

		grid_fit(grid, 6, cells, 2, rows[i].room);
		grid_add_titles(&b, grid, 6, false);
		grid_add_row(&b, grid, cells, 6, false);
		assert_int_equal(strncmp(b.s, rows[i].titles, strlen(rows[i].titles)), 0);
		assert_non_null(strstr(b.s, rows[i].row));
	}
}

static void wide_characters_are_cut_whole(void **state)
{
	static const char *const cells[] = { "\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xbd\xa0", "x" };
	struct grid_column grid[] = { { .title = "A", .width = 8 }, { .title = "B", .width = 1 } };
	BUF_AUTO b = BUF_INIT(4096);

	(void)state;
	grid_add_row(&b, grid, cells, 2, false);
	assert_string_equal(b.s, "\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xbd\xa0…   x\n");
}

static int open_berlin(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	return zone_open("Europe/Berlin", &berlin, &err);
}

static int free_berlin(void **state)
{
	(void)state;
	zone_free(berlin);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(piped_rows_are_tab_separated),
		cmocka_unit_test(rows_stream_unless_on_a_terminal),
		cmocka_unit_test(json_has_typed_members),
		cmocka_unit_test(terminals_get_aligned_columns),
		cmocka_unit_test(terminals_that_have_colours_get_some),
		cmocka_unit_test(long_tables_on_terminals_stream_after_a_while),
		cmocka_unit_test(tables_without_rows_print_nothing),
		cmocka_unit_test(records_have_a_line_for_each_value),
		cmocka_unit_test(records_on_terminals_leave_out_what_is_not_there),
		cmocka_unit_test(the_widest_columns_are_cut_to_the_terminal),
		cmocka_unit_test(several_wide_columns_share_the_loss),
		cmocka_unit_test(what_nobody_misses_is_left_out_first),
		cmocka_unit_test(wide_characters_are_cut_whole),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, open_berlin, free_berlin);
}
