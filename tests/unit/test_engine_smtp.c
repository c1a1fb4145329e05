#include "fixture.h"

#include "engine/parcel.h"
#include "smtp_session.h"
#include "tick/deliver.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What becomes of runs when a server answers this or that. */

struct world_of_mail {
	struct fixture f;
	struct sink sink;
	bool sink_runs;
};

static int setup(void **state)
{
	static struct world_of_mail w;

	fixture_open(&w.f);
	w.sink_runs = false;
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	struct world_of_mail *w = *state;

	if (w->sink_runs)
		sink_stop(&w->sink);
	fixture_close(&w->f);
	return 0;
}

static void start(struct world_of_mail *w, const char *more, const char *const *options)
{
	char yaml[1024];

	sink_start(&w->sink, options);
	w->sink_runs = true;
	snprintf(yaml, sizeof yaml,
	         "kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nsmtp: {url: \"%s\", tls: none}\n%s"
	         "---\nkind: Pipeline\nname: two\nmailbox: hello\nsteps:\n"
	         "  - email: {subject: One, text: First.}\n    id: one\n"
	         "  - email: {subject: Two, text: Second.}\n    id: two\n    after: 1 day\n",
	         w->sink.url, more);
	fixture_apply(&w->f, yaml);
}

static void stop(struct world_of_mail *w)
{
	sink_stop(&w->sink);
	w->sink_runs = false;
}

static void people(struct world_of_mail *w, int n)
{
	char email[64];

	for (int i = 0; i < n; i++) {
		snprintf(email, sizeof email, "p%d@example.org", i);
		fixture_add(&w->f, email, NULL);
		fixture_enroll(&w->f, "two", email, NULL);
	}
}

static int64_t count(struct world_of_mail *w, const char *what)
{
	char sql[256];

	snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", what);
	return fixture_number(&w->f, sql);
}

static int64_t accepted(struct world_of_mail *w)
{
	FILE *f = fopen(w->sink.log, "r");
	char line[4096];
	int64_t n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof line, f))
		n++;
	fclose(f);
	return n;
}

static void all_arrive_and_the_next_step_is_planned(void **state)
{
	struct world_of_mail *w = *state;

	start(w, "limit: {connections: 10}\n", NULL);
	people(w, 300);
	fixture_tick(&w->f, MONDAY_9AM);
	assert_int_equal(accepted(w), 300);
	assert_int_equal(count(w, "message WHERE state = 'sent' AND reply LIKE '250 2.0.0%'"), 300);
	assert_int_equal(count(w, "message WHERE reply LIKE '250%250 %'"), 0); /* the server's words, once */
	assert_int_equal(count(w, "run WHERE status = 'running' AND mails_sent = 1"), 300);
	assert_int_equal(count(w, "claim"), 0);
	assert_int_equal(count(w, "event WHERE type = 'email.sent'"), 300);
	fixture_tick(&w->f, MONDAY_9AM + 86400);
	assert_int_equal(accepted(w), 600);
	assert_int_equal(count(w, "run WHERE status = 'completed'"), 300);
}

static void a_4xx_comes_again_later_and_touches_nobody_else(void **state)
{
	struct world_of_mail *w = *state;
	const char *const options[] = { "--refuse", "rcpt/p3@=451 4.7.1 Greylisted", NULL };

	start(w, "", options);
	people(w, 6);
	fixture_tick(&w->f, MONDAY_9AM);
	assert_int_equal(accepted(w), 5);
	assert_int_equal(count(w, "message WHERE state = 'queued' AND reply LIKE '451 4.7.1%'"), 1);
	assert_int_equal(count(w, "run WHERE status = 'pending'"), 1);
	assert_int_equal(count(w, "queue WHERE due BETWEEN 1782716400 + 240 AND 1782716400 + 360"), 1);
	/* After 48 hours of it the run is blocked. */
	for (int64_t now = MONDAY_9AM; now <= MONDAY_9AM + 54 * 3600; now += 1800)
		fixture_tick(&w->f, now);
	assert_string_equal(fixture_text(&w->f, "SELECT reason FROM run WHERE status = 'blocked'"), "undeliverable");
}

static void an_unknown_recipient_bounces_and_the_run_ends(void **state)
{
	struct world_of_mail *w = *state;
	const char *const options[] = { "--refuse", "rcpt/p1@=550 5.1.1 no such user", NULL };

	start(w, "", options);
	people(w, 4);
	fixture_tick(&w->f, MONDAY_9AM);
	assert_int_equal(accepted(w), 3);
	assert_string_equal(fixture_text(&w->f, "SELECT status || ' ' || reason FROM run WHERE contact IN"
	                                        " (SELECT id FROM contact WHERE folded LIKE 'p1@%')"),
	                    "stopped bounced");
	assert_int_equal(count(w, "event WHERE type = 'email.bounced'"), 1);
	assert_int_equal(count(w, "contact WHERE suppressed = 2"), 1);
	assert_int_equal(count(w, "message WHERE state = 'refused'"), 1);
}

static void other_5xx_block_and_three_policies_suspend_the_mailbox(void **state)
{
	struct world_of_mail *w = *state;
	const char *const options[] = { "--refuse", "rcpt=554 5.7.1 you are listed", NULL };

	start(w, "limit: {connections: 1}\n", options);
	people(w, 6);
	fixture_tick(&w->f, MONDAY_9AM);
	assert_int_equal(accepted(w), 0);
	assert_string_equal(fixture_text(&w->f, "SELECT reason FROM lane WHERE kind = 'mailbox'"), "settings");
	assert_true(count(w, "run WHERE status = 'blocked' AND reason = 'undeliverable'") <= 5);
	assert_true(count(w, "run WHERE status = 'blocked' AND reason = 'undeliverable'") >= 3);
	assert_true(count(w, "run WHERE status = 'pending'") >= 1);
}

static void a_failed_login_suspends_the_mailbox_not_the_people(void **state)
{
	struct world_of_mail *w = *state;
	const char *const options[] = { "--refuse", "mail=535 5.7.8 bad credentials", NULL };

	start(w, "", options);
	people(w, 5);
	fixture_tick(&w->f, MONDAY_9AM);
	assert_string_equal(fixture_text(&w->f, "SELECT reason FROM lane WHERE kind = 'mailbox'"), "auth");
	assert_int_equal(count(w, "run WHERE status = 'pending'"), 5);
	assert_int_equal(count(w, "queue"), 5);
	assert_int_equal(count(w, "claim"), 0);
}

static void lost_after_the_fence_is_in_doubt_and_never_repeated(void **state)
{
	struct world_of_mail *w = *state;
	const char *const options[] = { "--drop", "dot/p2@", NULL };
	struct err err = ERR_INIT;
	struct txn t = TXN_INIT;
	int64_t id;

	start(w, "limit: {connections: 1}\n", options);
	people(w, 5);
	fixture_tick(&w->f, MONDAY_9AM);
	fixture_tick(&w->f, MONDAY_9AM + 7200);
	assert_int_equal(accepted(w), 5);
	assert_int_equal(count(w, "message WHERE state = 'in-doubt'"), 1);
	assert_string_equal(fixture_text(&w->f, "SELECT reason FROM run WHERE status = 'blocked'"), "in-doubt");
	id = fixture_number(&w->f, "SELECT id FROM message WHERE state = 'in-doubt'");
	assert_int_equal(txn_begin(&t, w->f.db, &err), 0);
	assert_int_equal(parcel_settle(&w->f.e, w->f.team, id, false, &err), 1);
	assert_int_equal(txn_commit(&t, &err), 0);
	assert_int_equal(count(w, "run WHERE status = 'running' AND mails_sent = 1"), 5);
	assert_int_equal(count(w, "claim"), 0);
}

static void settled_as_resend_the_same_bytes_go_again(void **state)
{
	struct world_of_mail *w = *state;
	const char *const options[] = { "--drop", "dot/p0@", NULL };
	struct err err = ERR_INIT;
	struct txn t = TXN_INIT;
	const char *mid;
	int64_t id;

	start(w, "", options);
	people(w, 1);
	fixture_tick(&w->f, MONDAY_9AM);
	stop(w);
	id = fixture_number(&w->f, "SELECT id FROM message WHERE state = 'in-doubt'");
	mid = fixture_text(&w->f, "SELECT message_id FROM message");
	assert_int_equal(txn_begin(&t, w->f.db, &err), 0);
	assert_int_equal(parcel_settle(&w->f.e, w->f.team, id, true, &err), 1);
	assert_int_equal(txn_commit(&t, &err), 0);
	assert_int_equal(count(w, "queue"), 1);
	start(w, "", NULL);
	fixture_tick(&w->f, MONDAY_9AM + 60);
	assert_int_equal(accepted(w), 1);
	assert_string_equal(fixture_text(&w->f, "SELECT message_id FROM message WHERE state = 'sent'"), mid);
	assert_int_equal(count(w, "claim"), 0);
}

static void a_dead_server_holds_up_nobody_else(void **state)
{
	struct world_of_mail *w = *state;

	start(w, "", NULL);
	fixture_apply(&w->f, "kind: Mailbox\nname: dead\nfrom: dead@example.com\nsmtp: {url: \"smtp://127.0.0.1:1\", tls: none}\n"
	                     "---\nkind: Pipeline\nname: other\nmailbox: dead\nsteps:\n  - email: {subject: One, text: x}\n");
	people(w, 3);
	fixture_enroll(&w->f, "other", "p0@example.org", NULL);
	fixture_tick(&w->f, MONDAY_9AM);
	assert_int_equal(accepted(w), 3);
	assert_string_equal(fixture_text(&w->f, "SELECT reason FROM lane WHERE name = 'dead'"), "backoff");
	assert_int_equal(fixture_number(&w->f, "SELECT free_at FROM lane WHERE name = 'dead'"), MONDAY_9AM + 300);
	assert_int_equal(count(w, "queue WHERE lane = (SELECT id FROM lane WHERE name = 'dead')"), 1);
}

static void a_server_that_says_nothing_keeps_no_tick(void **state)
{
	const char *const options[] = { "--silent", "mail", NULL };
	struct world_of_mail *w = *state;
	struct deliver_limits limits = { .max = INT64_MAX };
	struct deliver_count n = { 0 };
	struct err err = ERR_INIT;

	start(w, "", options);
	people(w, 3);
	w->f.e.now = MONDAY_9AM;
	limits.deadline_ms = clock_monotonic_ms() + 200;
	limits.cut_ms = limits.deadline_ms + 100;
	assert_int_equal(deliver(&w->f.e, 0, &limits, &n, &err), 1);
	assert_int_equal(n.claimed, 3);
	assert_int_equal(count(w, "queue"), 3);
	assert_int_equal(count(w, "message WHERE state = 'queued'"), 3);
	assert_int_equal(count(w, "claim"), 0);
}

static void a_server_that_closes_after_some_mails_loses_none(void **state)
{
	struct world_of_mail *w = *state;
	const char *const options[] = { "--close-after", "7", "--refuse", "rcpt/5@=550 5.1.1 no such user", NULL };

	start(w, "limit: {connections: 3}\nguard: {bounces: 50%}\n", options);
	people(w, 100);
	fixture_tick(&w->f, MONDAY_9AM);
	assert_int_equal(accepted(w) + count(w, "run WHERE status = 'stopped'"), 100);
	assert_int_equal(count(w, "message WHERE state = 'sent'"), accepted(w));
	assert_int_equal(count(w, "run WHERE status = 'stopped'"), 10);
}

static const char *run_of(struct world_of_mail *w, const char *email)
{
	return fixture_text(&w->f, arena_printf(&w->f.arena, "SELECT status || ' ' || reason || ' ' || reason_text FROM run WHERE contact IN"
	                                        " (SELECT id FROM contact WHERE folded = '%s')", email));
}

/* What this server cannot take is not offered to it, and touches nobody else. */
static void what_a_server_cannot_take_blocks_one_run(void **state)
{
	struct world_of_mail *w = *state;
	const char *const options[] = { "--no-utf8", "--size", "3000", NULL };
	struct buf yaml = BUF_INIT(1 << 14);

	start(w, "", options);
	people(w, 2);
	fixture_add(&w->f, "j\xc3\xb6rg@example.org", NULL);
	fixture_enroll(&w->f, "two", "j\xc3\xb6rg@example.org", NULL);
	buf_adds(&yaml, "kind: Pipeline\nname: big\nsteps: [{email: {subject: Big, text: \"");
	for (int i = 0; i < 400; i++)
		buf_adds(&yaml, "many words ");
	buf_adds(&yaml, "\"}}]\n");
	fixture_apply(&w->f, yaml.s);
	buf_release(&yaml);
	fixture_add(&w->f, "big@example.org", NULL);
	fixture_enroll(&w->f, "big", "big@example.org", NULL);
	fixture_tick(&w->f, MONDAY_9AM);
	assert_int_equal(accepted(w), 2);
	assert_non_null(strstr(run_of(w, "j\xc3\xb6rg@example.org"), "blocked undeliverable "));
	assert_non_null(strstr(run_of(w, "j\xc3\xb6rg@example.org"), "SMTPUTF8"));
	assert_non_null(strstr(run_of(w, "big@example.org"), "blocked undeliverable "));
	assert_non_null(strstr(run_of(w, "big@example.org"), "bigger"));
}

static void put(struct world_of_mail *w, const char *name, const char *text)
{
	const char *path = arena_printf(&w->f.arena, "%s/%s", w->f.folder, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, 0600), 0);
}

/* A token needs a server that takes tokens; who has no secret to tell is a matter of settings. */
static void who_logs_in(void **state)
{
	static const struct {
		const char *account, *login, *reason;
	} rows[] = {
		{ "anna:secret", "user: anna, password_file: FOLDER/secret", "" },
		{ "anna:secret", "user: anna, password_command: echo secret", "" },
		{ "anna:other", "user: anna, password_file: FOLDER/secret", "auth" },
		{ "anna:secret", "user: anna, token_command: echo token", "auth" },
		{ "anna:secret", "user: anna, password_file: FOLDER/missing", "settings" },
		{ "anna:secret", "user: anna, password_command: exit 1", "settings" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const options[] = { "--auth", rows[i].account, NULL };
		struct world_of_mail *w;
		void *own = NULL;

		setup(&own);
		w = own;
		start(w, "", options);
		put(w, "secret", "secret\n");
		fixture_apply(&w->f, arena_printf(&w->f.arena, "kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nsmtp: {url: \"%s\", tls: none, %s}\n",
		                                  w->sink.url, rows[i].login));
		people(w, 2);
		fixture_tick(&w->f, MONDAY_9AM);
		if (accepted(w) != (*rows[i].reason ? 0 : 2))
			fail_msg("%s: %lld accepted", rows[i].login, (long long)accepted(w));
		assert_string_equal(fixture_text(&w->f, "SELECT reason FROM lane WHERE name = 'hello'"), rows[i].reason);
		assert_int_equal(count(w, "run WHERE status = 'blocked'"), 0);
		teardown(&own);
	}
}

static void a_maildir_that_cannot_be_suspends_its_mailbox(void **state)
{
	struct world_of_mail *w = *state;

	put(w, "file", "not a folder");
	fixture_apply(&w->f, "kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nmaildir: FOLDER/file\n"
	                     "---\nkind: Pipeline\nname: two\nmailbox: hello\nsteps: [{email: {subject: One, text: First.}}]\n");
	people(w, 2);
	fixture_tick(&w->f, MONDAY_9AM);
	assert_string_equal(fixture_text(&w->f, "SELECT reason FROM lane WHERE name = 'hello'"), "settings");
	assert_int_equal(count(w, "queue"), 2);
	assert_int_equal(count(w, "run WHERE status = 'blocked'"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "S0.20 all arrive, and the next step is planned",
		  all_arrive_and_the_next_step_is_planned, setup, teardown, NULL },
		{ "B16 a 4xx comes again later and touches nobody else",
		  a_4xx_comes_again_later_and_touches_nobody_else, setup, teardown, NULL },
		{ "B16 an unknown recipient bounces, and the run ends",
		  an_unknown_recipient_bounces_and_the_run_ends, setup, teardown, NULL },
		{ "S2.30 B5 other 5xx block, and three policies suspend the mailbox",
		  other_5xx_block_and_three_policies_suspend_the_mailbox, setup, teardown, NULL },
		{ "S2.31 a failed login suspends the mailbox, not the people",
		  a_failed_login_suspends_the_mailbox_not_the_people, setup, teardown, NULL },
		{ "B1 lost after the fence is in doubt and never repeated",
		  lost_after_the_fence_is_in_doubt_and_never_repeated, setup, teardown, NULL },
		{ "B1 settled as resend, the same bytes go again",
		  settled_as_resend_the_same_bytes_go_again, setup, teardown, NULL },
		{ "B16 a dead server holds up nobody else",
		  a_dead_server_holds_up_nobody_else, setup, teardown, NULL },
		{ "B16 a server that says nothing keeps no tick",
		  a_server_that_says_nothing_keeps_no_tick, setup, teardown, NULL },
		{ "B16 a server that closes after some mails loses none",
		  a_server_that_closes_after_some_mails_loses_none, setup, teardown, NULL },
		{ "what a server cannot take blocks one run", what_a_server_cannot_take_blocks_one_run, setup, teardown, NULL },
		{ "S2.31 who logs in, and with what", who_logs_in, NULL, NULL, NULL },
		{ "a maildir that cannot be suspends its mailbox", a_maildir_that_cannot_be_suspends_its_mailbox, setup, teardown, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
