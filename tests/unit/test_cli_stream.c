#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "cli/context.h"
#include "cli/input.h"
#include "cli/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void progress_is_due_after_a_second_and_then_five_times_a_second(void **state)
{
	static const struct {
		int64_t ms;
		bool due;
	} rows[] = {
		{ 0, false }, { 999, false }, { 1000, true }, { 1001, false }, { 1199, false }, { 1200, true }, { 5000, true },
	};
	struct cli_progress p = { .what = "x", .total = 10, .start_ms = 50000, .columns = 80 };
	char line[200];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(cli_progress_line(&p, 1, 50000 + rows[i].ms, line, sizeof line), rows[i].due);
}

static void progress_shows_how_far_it_has_come(void **state)
{
	static const struct {
		int64_t total, done;
		int columns;
		const char *line;
	} rows[] = {
		{ 200, 0, 80, "importing [                              ]   0% 0/200" },
		{ 200, 100, 80, "importing [===============               ]  50% 100/200" },
		{ 200, 200, 80, "importing [==============================] 100% 200/200" },
		{ 200, 300, 80, "importing [==============================] 100% 300/200" },
		{ INT64_MAX / 200, INT64_MAX / 400, 120,
		  "importing [==============                ]  49% 23058430092136939/46116860184273879" },
		{ 0, 4711, 80, "importing 4711" },
		{ 200, 100, 20, "importing [========" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct cli_progress p = { .what = "importing", .total = rows[i].total, .columns = rows[i].columns };
		char line[200];

		assert_true(cli_progress_line(&p, rows[i].done, 1000, line, sizeof line));
		assert_string_equal(line, rows[i].line);
	}
}

static void what_is_wrong_with_a_file_is_told_apart(void **state)
{
	static const struct {
		const char *path;
		enum err_kind kind;
		const char *text;
	} rows[] = {
		{ "/nowhere/x", ERR_NOINPUT, "'/nowhere/x': No such file or directory" },
		{ "/dev", ERR_NOINPUT, "'/dev': Is a directory" },
		{ "/dev/zero", ERR_INVALID, "'/dev/zero' is larger than 100 bytes" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		BUF_AUTO b = BUF_INIT(100);
		struct err err = ERR_INIT;

		assert_int_equal(cli_read_input(rows[i].path, &b, &err), -1);
		assert_int_equal(err.kind, rows[i].kind);
		assert_string_equal(err.text, rows[i].text);
	}
}

static void files_that_cannot_be_written_are_errors(void **state)
{
	struct err err = ERR_INIT;
	FILE *out;

	(void)state;
	assert_int_equal(cli_open_output("/nowhere/x", &out, &err), -1);
	assert_int_equal(err.kind, ERR_CREATE);
	assert_int_equal(cli_open_output("/dev/full", &out, &err), 0);
	fputs("x", out);
	assert_int_equal(cli_close_output("/dev/full", &out, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_string_equal(err.text, "'/dev/full': No space left on device");
	assert_null(out);
	assert_int_equal(cli_open_output("/dev/null", &out, &err), 0);
	fputs("x", out);
	assert_int_equal(cli_close_output("/dev/null", &out, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(progress_is_due_after_a_second_and_then_five_times_a_second),
		cmocka_unit_test(progress_shows_how_far_it_has_come),
		cmocka_unit_test(what_is_wrong_with_a_file_is_told_apart),
		cmocka_unit_test(files_that_cannot_be_written_are_errors),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
