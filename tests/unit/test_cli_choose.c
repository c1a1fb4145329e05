#include "base/arena.h"
#include "base/err.h"
#include "cli/choose.h"
#include "cli/startup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void the_database_is_chosen_in_order(void **state)
{
	static const char there[] = "/dev/null", missing[] = "/nowhere/pipewright.db", no_folder[] = "/dev/null/db";
	static const struct {
		const char *option;
		struct cli_env env;
		const char *system_path, *path;
	} rows[] = {
		{ "a.db", { .db = "b.db", .home = "/h" }, there, "a.db" },
		{ NULL, { .db = "b.db", .home = "/h" }, there, "b.db" },
		{ "", { .db = "b.db", .home = "/h" }, there, "b.db" },
		{ NULL, { .db = "", .home = "/h" }, there, there },
		{ NULL, { .data_home = "/x", .home = "/h" }, there, there },
		{ NULL, { .data_home = "/x", .home = "/h" }, missing, "/x/pipewright/pipewright.db" },
		{ NULL, { .data_home = "", .home = "/h" }, missing, "/h/.local/share/pipewright/pipewright.db" },
		{ NULL, { .data_home = "rel", .home = "/h" }, missing, "/h/.local/share/pipewright/pipewright.db" },
		{ NULL, { .home = "/h" }, no_folder, "/h/.local/share/pipewright/pipewright.db" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_AUTO arena = { 0 };
		struct err err = ERR_INIT;
		const char *path;

		assert_int_equal(
			choose_database(&arena, rows[i].option, &rows[i].env, rows[i].system_path, &path, &err), 0);
		assert_string_equal(path, rows[i].path);
	}
}

/* A name that is too long fails to be looked at in the same way for root, too, who may look everywhere. */
static void not_allowed_to_look_counts_as_existing(void **state)
{
	const struct cli_env env = { .home = "/h" };
	ARENA_AUTO arena = { 0 };
	struct err err = ERR_INIT;
	const char *path;
	char too_long[6000];

	(void)state;
	memset(too_long, 'x', sizeof too_long);
	too_long[0] = '/';
	too_long[sizeof too_long - 1] = '\0';
	assert_int_equal(choose_database(&arena, NULL, &env, too_long, &path, &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	assert_int_equal(choose_database(&arena, "a.db", &env, too_long, &path, &err), 0);
}

static void without_home_the_account_is_asked(void **state)
{
	const struct cli_env env = { .home = "" };
	ARENA_AUTO arena = { 0 };
	struct err err = ERR_INIT;
	const char *path;

	(void)state;
	assert_int_equal(choose_database(&arena, NULL, &env, "/nowhere/db", &path, &err), 0);
	assert_int_equal(path[0], '/');
	assert_non_null(strstr(path, "/.local/share/pipewright/pipewright.db"));
}

static const struct team_choice three[] = { { 7, "sales", true }, { 8, "support", false }, { 9, "emea", false } };

static void a_team_is_chosen(void **state)
{
	static const struct {
		size_t n;
		const char *wanted, *account;
		int64_t id;
	} rows[] = {
		{ 1, NULL, "anna", 7 }, { 1, "", "anna", 7 },      { 1, "sales", "anna", 7 },
		{ 3, "emea", "anna", 9 }, { 3, "support", NULL, 8 }, { 1, NULL, NULL, 7 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err err = ERR_INIT;
		size_t at;

		assert_int_equal(choose_team(three, rows[i].n, rows[i].wanted, rows[i].account, &at, &err), 0);
		assert_int_equal(three[at].id, rows[i].id);
	}
}

static void no_team_is_chosen(void **state)
{
	static const struct {
		size_t n;
		const char *wanted, *account;
		enum err_kind kind;
		const char *text;
	} rows[] = {
		{ 3, NULL, "anna", ERR_USAGE,
		  "there are several teams (sales, support, emea): say --team NAME or set PIPEWRIGHT_TEAM" },
		{ 3, NULL, NULL, ERR_USAGE,
		  "there are several teams (sales, support, emea): say --team NAME or set PIPEWRIGHT_TEAM" },
		{ 0, NULL, "anna", ERR_DENIED, "'anna' is in no team; an admin adds members to the Team document" },
		{ 0, "sales", "anna", ERR_DENIED, "'anna' is in no team 'sales'" },
		{ 1, "support", "anna", ERR_DENIED, "'anna' is in no team 'support'" },
		{ 1, "salse", "anna", ERR_DENIED, "'anna' is in no team 'salse'; did you mean 'sales'?" },
		{ 3, "salse", NULL, ERR_MISSING, "no team 'salse'; did you mean 'sales'?" },
		{ 3, "board", NULL, ERR_MISSING, "no team 'board'" },
		{ 0, NULL, NULL, ERR_CONFIG, "the database has no team; 'pipectl init --team NAME' adds one" },
		{ 0, "sales", NULL, ERR_CONFIG, "the database has no team; 'pipectl init --team NAME' adds one" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err err = ERR_INIT;
		size_t at;

		assert_int_equal(choose_team(three, rows[i].n, rows[i].wanted, rows[i].account, &at, &err), -1);
		assert_string_equal(err.text, rows[i].text);
		assert_int_equal(err.kind, rows[i].kind);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_database_is_chosen_in_order),
		cmocka_unit_test(not_allowed_to_look_counts_as_existing),
		cmocka_unit_test(without_home_the_account_is_asked),
		cmocka_unit_test(a_team_is_chosen),
		cmocka_unit_test(no_team_is_chosen),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
