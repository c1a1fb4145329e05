#include "fixture.h"

#include "engine/lanes.h"
#include "tick/work.h"

#include <string.h>

/* What a team is told about its own installation: one mail per change, in its own mailbox, to whom it named. */

#define HOUR 3600

static int setup(void **state)
{
	static struct fixture f;

	fixture_open(&f);
	fixture_apply(&f, "kind: Mailbox\nname: anna\nfrom: Anna <anna@example.com>\n"
	                  "smtp: {url: \"smtp://127.0.0.1:1\", user: anna, password_file: nowhere, tls: none}\n"
	                  "---\nkind: Team\nname: sales\nmailbox: hello\nalerts: {to: [ops@example.com, boss@example.com]}\n"
	                  "members: {tester: {role: admin}}\n"
	                  "---\nkind: Pipeline\nname: one\nmailbox: anna\nsteps: [{email: {subject: One, text: First.}}]\n");
	fixture_add(&f, "carl@example.org", NULL);
	fixture_enroll(&f, "one", "carl@example.org", NULL);
	*state = &f;
	return 0;
}

static int alerts(struct fixture *f)
{
	return (int)fixture_number(f, "SELECT count(*) FROM message WHERE run = 0 AND state <> 'dropped'");
}

static const char *lane_says(struct fixture *f)
{
	return fixture_text(f, "SELECT reason FROM lane WHERE name = 'anna'");
}

/* As if the password had been mended or spoilt, without a person's word: what the next hourly try finds. */
static void fail_with(struct fixture *f, const char *reason)
{
	struct txn t = TXN_INIT;
	struct lane l;

	OK(txn_begin(&t, f->db, &err));
	OK(lane_get(f->db, f->team, "mailbox", "anna", &f->arena, &l, &err));
	OK(*reason ? lane_suspend(&f->e, &l, reason, "535 5.7.8 no", &err) : lane_works(&f->e, &l, &err));
	OK(txn_commit(&t, &err));
}

static void a_mailbox_that_goes_down_is_told_once(void **state)
{
	struct fixture *f = *state;
	const char *mail;

	fixture_tick(f, MONDAY_9AM);
	assert_string_equal(lane_says(f), "settings");
	fixture_tick(f, MONDAY_9AM); /* the alerts themselves */
	assert_int_equal(fixture_mails(f, "hello"), 2);
	mail = fixture_mail_with(f, "hello", "To: ops@example.com");
	assert_non_null(mail);
	assert_non_null(strstr(mail, "Subject: The mailbox anna cannot send"));
	assert_non_null(strstr(mail, "pipe-tick --login anna"));
	assert_null(strstr(mail, "List-Unsubscribe"));
	assert_non_null(fixture_mail_with(f, "hello", "To: boss@example.com"));
	for (int i = 1; i <= 5; i++)
		fixture_tick(f, MONDAY_9AM + i * HOUR);
	assert_string_equal(lane_says(f), "settings");
	assert_int_equal(alerts(f), 2);
	assert_string_equal(fixture_text(f, "SELECT status FROM run"), "pending"); /* nobody's run is blamed */
}

static void each_change_is_told(void **state)
{
	struct fixture *f = *state;

	fail_with(f, "auth");
	assert_int_equal(alerts(f), 2);
	fail_with(f, "auth");
	assert_int_equal(alerts(f), 2);
	fail_with(f, "settings");
	assert_int_equal(alerts(f), 4);
	fail_with(f, "");
	assert_string_equal(lane_says(f), "");
	assert_int_equal(alerts(f), 6); /* that it works again */
	fail_with(f, "");
	assert_int_equal(alerts(f), 6);
	fail_with(f, "settings");
	assert_int_equal(alerts(f), 8);
}

/* A server that cannot be reached for a while in between is no change. */
static void a_back_off_in_between_is_no_change(void **state)
{
	struct fixture *f = *state;
	struct txn t = TXN_INIT;
	struct lane l;

	fail_with(f, "auth");
	OK(txn_begin(&t, f->db, &err));
	OK(lane_get(f->db, f->team, "mailbox", "anna", &f->arena, &l, &err));
	OK(lane_back_off(&f->e, &l, "connection refused", &err));
	OK(txn_commit(&t, &err));
	fail_with(f, "auth");
	assert_int_equal(alerts(f), 2);
}

static int64_t closed_until(struct fixture *f)
{
	return fixture_number(f, "SELECT free_at FROM lane WHERE name = 'anna'");
}

static void it_is_tried_again_each_hour_and_at_once_by_hand(void **state)
{
	struct fixture *f = *state;
	struct work_options how = { .max = INT64_MAX, .login = "anna" };
	struct work_count n;

	fixture_tick(f, MONDAY_9AM);
	assert_int_equal(closed_until(f), MONDAY_9AM + HOUR);
	fixture_tick(f, MONDAY_9AM + HOUR - 1);
	assert_int_equal(closed_until(f), MONDAY_9AM + HOUR);
	fixture_tick(f, MONDAY_9AM + HOUR);
	assert_int_equal(closed_until(f), MONDAY_9AM + 2 * HOUR);
	f->e.now = MONDAY_9AM + HOUR + 10;
	OK(work(&f->e, &how, &n, &err));
	assert_int_equal(closed_until(f), MONDAY_9AM + 2 * HOUR + 10);
	assert_int_equal(n.login.outcome, LOGIN_FAILED);
	assert_non_null(strstr(n.login.why, "settings: "));
	assert_int_equal(alerts(f), 2); /* it is down as before: no news */
	assert_int_equal(fixture_number(f, "SELECT closed_since FROM lane WHERE name = 'anna'"), MONDAY_9AM);
	how.login = "bob";
	assert_int_equal(work(&f->e, &how, &n, &(struct err)ERR_INIT), -1);
}

static void a_team_without_alerts_or_mailbox_gets_none(void **state)
{
	static const char *const teams[] = {
		"kind: Team\nname: sales\nmailbox: hello\nmembers: {tester: {role: admin}}\n",
		"kind: Team\nname: sales\nalerts: {to: [ops@example.com]}\nmembers: {tester: {role: admin}}\n",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(teams); i++) {
		fixture_apply(f, teams[i]);
		fail_with(f, i ? "auth" : "settings");
		assert_int_equal(alerts(f), 0);
	}
}

/* Servers say what they like: it stays text in the body. */
static void what_a_server_says_stays_in_the_body(void **state)
{
	struct fixture *f = *state;
	struct txn t = TXN_INIT;
	const char *mail;
	struct lane l;

	OK(txn_begin(&t, f->db, &err));
	OK(lane_get(f->db, f->team, "mailbox", "anna", &f->arena, &l, &err));
	OK(lane_suspend(&f->e, &l, "auth", "535 no\r\nBcc: evil@example.net\r\n\r\n.\r\nMAIL FROM:<x>\x1b[31m", &err));
	OK(txn_commit(&t, &err));
	fixture_tick(f, MONDAY_9AM);
	mail = fixture_mail_with(f, "hello", "To: ops@example.com");
	assert_non_null(mail);
	assert_true(strstr(mail, "\nBcc:") == NULL || strstr(mail, "\nBcc:") > strstr(mail, "\r\n\r\n"));
	assert_null(strstr(mail, "\x1b"));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(a_mailbox_that_goes_down_is_told_once),
		T(each_change_is_told),
		T(a_back_off_in_between_is_no_change),
		T(it_is_tried_again_each_hour_and_at_once_by_hand),
		T(a_team_without_alerts_or_mailbox_gets_none),
		T(what_a_server_says_stays_in_the_body),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
