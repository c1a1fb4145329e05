#include "store_fixture.h"

#include "model/contact.h"
#include "model/run.h"
#include "store/page_private.h"

/* What the schema says besides the statements: the words that it knows are the program's, no more and no fewer. */

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Words sorted and joined by blanks. */
static const char *joined(struct place *p, const char **words, size_t n)
{
	const char *text = "";

	qsort(words, n, sizeof *words, compare);
	for (size_t i = 0; i < n; i++)
		text = arena_printf(&p->arena, "%s%s%s", text, i ? " " : "", words[i]);
	return text;
}

/* The quoted words from `at` on, until there is an `end`. */
static const char *quoted(struct place *p, const char *at, const char *end)
{
	const char *words[32], *quote;
	size_t n = 0;

	for (; (quote = strchr(at, '\'')) != NULL && quote < end; at = strchr(quote + 1, '\'') + 1)
		words[n++] = arena_strndup(&p->arena, quote + 1, (size_t)(strchr(quote + 1, '\'') - quote - 1));
	return joined(p, words, n);
}

/* The quoted words in the CHECK of a column. */
static const char *checked(struct place *p, const char *table, const char *column)
{
	const char *sql = place_ask(p, arena_printf(&p->arena, "SELECT sql FROM sqlite_master WHERE name = '%s'", table));
	const char *at = strstr(sql, arena_printf(&p->arena, "\t%s TEXT NOT NULL CHECK (", column));

	if (!at)
		fail_msg("%s.%s has no CHECK in: %s", table, column, sql);
	return quoted(p, strchr(at, '('), strstr(at, "),"));
}

static void the_words_of_states_are_those_of_the_program(void **state)
{
	struct place *p = *state;
#define X(name, text) text,
	const char *runs[] = { RUN_STATES(X) };
#undef X
	const char *kinds[] = { contact_kind_text(CONTACT_LEAD), contact_kind_text(CONTACT_CONTACT) };
	const char *roles[] = { "member", "admin" }, *lanes[] = { "local", "mailbox", "parked" };

	assert_string_equal(checked(p, "run", "status"), joined(p, runs, ARRAY_LEN(runs)));
	assert_string_equal(checked(p, "contact", "kind"), joined(p, kinds, ARRAY_LEN(kinds)));
	assert_string_equal(checked(p, "member", "role"), joined(p, roles, ARRAY_LEN(roles)));
	assert_string_equal(checked(p, "lane", "kind"), joined(p, lanes, ARRAY_LEN(lanes)));
}

/* The words that the CHECK of mails has for those that wait, or for those that do not. */
static const char *checked_mails(struct place *p, bool waits)
{
	const char *sql = place_ask(p, "SELECT sql FROM sqlite_master WHERE name = 'message'");
	const char *done = strstr(sql, "(waits = 0 AND "), *waiting = strstr(sql, "OR (waits = 1 AND ");

	if (!done || !waiting)
		fail_msg("message has no CHECK of who waits in: %s", sql);
	return waits ? quoted(p, waiting, sql + strlen(sql)) : quoted(p, done, waiting);
}

static const char *of_the_program(struct place *p, bool waits)
{
	const char *words[MESSAGE_BOUNCED + 1];
	size_t n = 0;

	for (int s = MESSAGE_QUEUED; s <= MESSAGE_BOUNCED; s++)
		if (message_state_waits((enum message_state)s) == waits)
			words[n++] = message_state_text((enum message_state)s);
	return joined(p, words, n);
}

static void the_states_of_mails_say_who_waits(void **state)
{
	struct place *p = *state;

	assert_string_equal(checked_mails(p, true), of_the_program(p, true));
	assert_string_equal(checked_mails(p, false), of_the_program(p, false));
}

static void a_partial_index_keeps_a_state_that_there_is(void **state)
{
	struct place *p = *state;
	const char *blocked = place_ask(p, "SELECT sql FROM sqlite_master WHERE name = 'run_blocked'");

	assert_string_equal(quoted(p, blocked, blocked + strlen(blocked)), run_state_text(RUN_BLOCKED));
}

static void texts_and_states_are_parsed_back(void **state)
{
	(void)state;
	for (int s = RUN_PENDING; s <= RUN_STOPPED; s++) {
		enum run_state got = RUN_PENDING;

		assert_int_equal(run_state_parse(run_state_text((enum run_state)s), &got), 1);
		assert_int_equal(got, s);
	}
	for (int s = MESSAGE_QUEUED; s <= MESSAGE_BOUNCED; s++) {
		enum message_state got = MESSAGE_QUEUED;

		assert_int_equal(message_state_parse(message_state_text((enum message_state)s), &got), 1);
		assert_int_equal(got, s);
	}
	assert_int_equal(run_state_parse("Running", &(enum run_state){ 0 }), 0);
	assert_int_equal(message_state_parse("", &(enum message_state){ 0 }), 0);
}

/* What belongs to a team has its column; what has none belongs to a row that has, or to the installation. */
static void every_table_belongs_to_a_team_or_says_why_not(void **state)
{
	struct place *p = *state;

	assert_string_equal(place_ask(p, "SELECT t.name FROM sqlite_master t WHERE t.type = 'table' AND NOT EXISTS"
	                                 " (SELECT 1 FROM pragma_table_info(t.name) c WHERE c.name = 'team') ORDER BY 1"),
	                    "counter\nfeed_mark\nmeta\noccasion\n" /* of the installation */
	                    "queue\nqueue_class\nquota\n" /* of a lane */
	                    "team\nword"                  /* words are of the installation */);
}

/* NULL is nowhere: "" and 0 say that there is nothing. */
static void no_column_may_be_null(void **state)
{
	struct place *p = *state;

	assert_string_equal(place_ask(p, "SELECT t.name || '.' || c.name FROM sqlite_master t, pragma_table_info(t.name) c"
	                                 " WHERE t.type = 'table' AND c.\"notnull\" = 0"
	                                 " AND NOT (c.pk = 1 AND c.type = 'INTEGER')" /* SQLite's row id is never NULL */),
	                    "");
}

static void foreign_keys_hold_and_words_are_checked(void **state)
{
	struct place *p = *state;
	sqlite3 *db;
	static const char *const bad[] = {
		"INSERT INTO member VALUES (1, 'x', 'owner')",
		"INSERT INTO contact VALUES (1, 1, 'a', 'a', 'person', 0, 0, 0, 0, '')",
		"INSERT INTO lane VALUES (1, 1, 'remote', '', 0, '', '', 0, 0, 0, 0, 0)",
		"INSERT INTO member VALUES (99, 'x', 'admin')",
		"INSERT INTO document VALUES (1, 99, 'Team', 'x', '', '', '', 1, 1, 0, 0, 0)",
	};

	assert_int_equal(sqlite3_open_v2(p->path, &db, SQLITE_OPEN_READWRITE, page_vfs()), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA foreign_keys = ON; INSERT INTO team VALUES (1, 'a', 1, 1)", NULL, NULL, NULL),
	                 SQLITE_OK);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (sqlite3_exec(db, bad[i], NULL, NULL, NULL) != SQLITE_CONSTRAINT)
			fail_msg("%s: %s", bad[i], sqlite3_errmsg(db));
	sqlite3_close(db);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)
	const struct CMUnitTest tests[] = {
		T(the_words_of_states_are_those_of_the_program),
		T(the_states_of_mails_say_who_waits),
		T(a_partial_index_keeps_a_state_that_there_is),
		T(texts_and_states_are_parsed_back),
		T(every_table_belongs_to_a_team_or_says_why_not),
		T(no_column_may_be_null),
		T(foreign_keys_hold_and_words_are_checked),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
