#include "fixture.h"

#include "engine/pause.h"
#include "store/db.h"
#include "tick/watch.h"
#include "tick/work.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Mailboxes that rest: what makes them, and what ends it. */

static void write_file(struct fixture *f, const char *name, mode_t mode, const char *text)
{
	const char *path = arena_printf(&f->arena, "%s/%s", f->folder, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/*
 * Programs.
 */
static void use_program(struct fixture *f, int people)
{
	write_file(f, "send", 0755, "#!/bin/sh\ncat >/dev/null\n. \"${0%/*}/answer\"\n");
	fixture_apply(f, "kind: Mailbox\nname: prog\nfrom: Prog <prog@example.com>\nsendmail: FOLDER/send\n"
	                 "---\nkind: Pipeline\nname: one\nmailbox: prog\nsteps: [{email: {subject: One, text: First.}}]\n");
	for (int i = 0; i < people; i++) {
		const char *email = arena_printf(&f->arena, "p%d@example.org", i);

		fixture_add(f, email, NULL);
		fixture_enroll(f, "one", email, NULL);
	}
}

/* The next mail, whose program ends so. */
static void one_mail(struct fixture *f, const char *answer)
{
	struct work_options how = { .max = 1 };
	struct work_count n;

	write_file(f, "answer", 0644, arena_printf(&f->arena, "%s\n", answer));
	OK(work(&f->e, &how, &n, &err));
}

static const char *lane_of_program(struct fixture *f)
{
	return fixture_text(f, "SELECT reason || ' ' || reason_text FROM lane WHERE name = 'prog'");
}

static void a_refusal_of_a_program_is_one_of_the_message(void **state)
{
	struct fixture *f = *state;

	use_program(f, 2);
	one_mail(f, "echo no such mailbox here >&2; echo more >&2; exit 67");
	assert_string_equal(fixture_text(f, "SELECT reason || ' ' || reason_text FROM run WHERE status = 'blocked'"),
	                    "undeliverable 67 EX_NOUSER: no such mailbox here");
	assert_string_equal(fixture_text(f, "SELECT reply FROM message WHERE state = 'refused'"),
	                    "67 EX_NOUSER: no such mailbox here");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM suppression"), 0);
	assert_string_equal(lane_of_program(f), " ");
	one_mail(f, "exit 0");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM message WHERE state = 'sent'"), 1);
}

static void three_refusals_in_a_row_about_the_set_up_rest_the_mailbox(void **state)
{
	static const char *const answers[] = { "exit 78", "exit 77", "exit 65", "exit 64", "exit 71" };
	struct fixture *f = *state;

	use_program(f, 8);
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		one_mail(f, answers[i]);
		assert_string_equal(lane_of_program(f), " ");
	}
	one_mail(f, "echo no configuration >&2; exit 72");
	assert_string_equal(lane_of_program(f), "settings 72 EX_OSFILE: no configuration");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run WHERE status = 'blocked'"), 6);
	one_mail(f, "exit 0"); /* it rests: nobody else is blamed */
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run WHERE status = 'pending'"), 2);
	f->e.now += 3600;
	one_mail(f, "exit 0");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM message WHERE state = 'sent'"), 1);
	assert_string_equal(lane_of_program(f), " ");
}

static void a_program_that_says_later_or_dies(void **state)
{
	struct fixture *f = *state;

	use_program(f, 2);
	one_mail(f, "echo busy >&2; exit 75");
	assert_string_equal(fixture_text(f, "SELECT state || ' ' || reply FROM message"), "queued 75 EX_TEMPFAIL: busy");
	one_mail(f, "kill -9 $$");
	assert_string_equal(fixture_text(f, "SELECT reason FROM run WHERE status = 'blocked'"), "in-doubt");
}

/*
 * A password that is wrong, and a server that is away.
 */
static void use_server(struct fixture *f)
{
	fixture_apply(f, "kind: Mailbox\nname: prog\nfrom: Prog <prog@example.com>\n"
	                 "smtp: {url: \"smtp://127.0.0.1:1\", user: prog, password_file: secret, tls: none}\n"
	                 "---\nkind: Team\nname: sales\nmailbox: hello\nalerts: {to: [ops@example.com]}\n"
	                 "members: {tester: {role: admin}}\n"
	                 "---\nkind: Pipeline\nname: one\nmailbox: prog\nsteps: [{email: {subject: One, text: First.}}]\n");
	fixture_add(f, "carl@example.org", NULL);
	fixture_enroll(f, "one", "carl@example.org", NULL);
}

static const char *lane_reason(struct fixture *f)
{
	return fixture_text(f, "SELECT reason FROM lane WHERE name = 'prog'");
}

static int64_t closed_until(struct fixture *f)
{
	return fixture_number(f, "SELECT free_at FROM lane WHERE name = 'prog'");
}

static int alerts(struct fixture *f)
{
	return (int)fixture_number(f, "SELECT count(*) FROM message WHERE run = 0");
}

static int changed(struct fixture *f)
{
	int got = 0;

	OK(got = watch_any_changed(f->db, &err));
	return got;
}

static void a_password_that_changes_is_tried_once(void **state)
{
	struct fixture *f = *state;

	use_server(f);
	fixture_tick(f, MONDAY_9AM);
	assert_string_equal(lane_reason(f), "settings"); /* there is no such file */
	assert_int_equal(changed(f), 0);
	fixture_tick(f, MONDAY_9AM + 60);
	assert_int_equal(closed_until(f), MONDAY_9AM + 3600);

	write_file(f, "secret", 0644, "sesame\n"); /* others can read it: it is not used */
	assert_int_equal(changed(f), 1);
	fixture_tick(f, MONDAY_9AM + 120);
	assert_int_equal(closed_until(f), MONDAY_9AM + 120 + 3600);
	assert_int_equal(changed(f), 0);
	fixture_tick(f, MONDAY_9AM + 180);
	assert_int_equal(closed_until(f), MONDAY_9AM + 120 + 3600);

	write_file(f, "secret", 0600, "sesame\n"); /* the same bytes: only who may read it has changed */
	assert_int_equal(changed(f), 1);
	fixture_tick(f, MONDAY_9AM + 240);
	assert_string_equal(lane_reason(f), "backoff"); /* it was read, and a connection tried */
	assert_int_equal(closed_until(f), MONDAY_9AM + 240 + 300);
	assert_int_equal(changed(f), 0);
	assert_int_equal(alerts(f), 1);
}

static void a_changed_password_opens_no_paused_mailbox(void **state)
{
	struct fixture *f = *state;
	struct txn t = TXN_INIT;

	use_server(f);
	fixture_tick(f, MONDAY_9AM);
	OK(txn_begin(&t, f->db, &err));
	OK(pause_mailbox(&f->e, f->team, "prog", true, &err));
	OK(txn_commit(&t, &err));
	write_file(f, "secret", 0600, "sesame\n");
	fixture_tick(f, MONDAY_9AM + 60);
	assert_string_equal(lane_reason(f), "settings");
	assert_int_equal(changed(f), 0);
}

static void what_works_is_not_watched(void **state)
{
	struct fixture *f = *state;

	use_server(f);
	fixture_tick(f, MONDAY_9AM);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM lane_watch"), 1);
	fixture_apply(f, "kind: Mailbox\nname: prog\nfrom: Prog <prog@example.com>\nmaildir: FOLDER/prog\n");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM lane_watch"), 0);
}

static void a_server_that_is_away_for_an_hour_is_told_once_and_when_it_is_back(void **state)
{
	struct fixture *f = *state;
	int64_t now = MONDAY_9AM;

	write_file(f, "secret", 0600, "sesame\n");
	use_server(f);
	for (; now < MONDAY_9AM + 3600; now += 300)
		fixture_tick(f, now);
	assert_string_equal(lane_reason(f), "backoff");
	assert_int_equal(alerts(f), 0);
	for (; now < MONDAY_9AM + 6 * 3600; now += 300)
		fixture_tick(f, now);
	assert_int_equal(alerts(f), 1);
	assert_non_null(fixture_mail_with(f, "hello", "Subject: The mailbox prog cannot reach its server"));

	fixture_apply(f, "kind: Mailbox\nname: prog\nfrom: Prog <prog@example.com>\nmaildir: FOLDER/prog\n");
	fixture_tick(f, now);
	fixture_tick(f, now);
	assert_int_equal(fixture_mails(f, "prog"), 1);
	assert_int_equal(alerts(f), 2);
	assert_non_null(fixture_mail_with(f, "hello", "Subject: The mailbox prog works again"));
	fixture_tick(f, now + 3600);
	assert_int_equal(alerts(f), 2);
}

static void a_server_that_is_away_for_a_while_is_told_to_nobody(void **state)
{
	struct fixture *f = *state;

	write_file(f, "secret", 0600, "sesame\n");
	use_server(f);
	fixture_tick(f, MONDAY_9AM);
	fixture_tick(f, MONDAY_9AM + 600);
	fixture_apply(f, "kind: Mailbox\nname: prog\nfrom: Prog <prog@example.com>\nmaildir: FOLDER/prog\n");
	fixture_tick(f, MONDAY_9AM + 1200);
	assert_int_equal(fixture_mails(f, "prog"), 1);
	assert_int_equal(alerts(f), 0);
}

int main(void)
{
#define T(name, test) { name, test, fixture_setup, fixture_teardown, NULL }
	const struct CMUnitTest tests[] = {
		T("2.22 a refusal of a program is one of the message", a_refusal_of_a_program_is_one_of_the_message),
		T("2.22 three refusals in a row about the set-up rest the mailbox",
		  three_refusals_in_a_row_about_the_set_up_rest_the_mailbox),
		T("2.22 a program that says later, or dies", a_program_that_says_later_or_dies),
		T("S2.31 a password that changes is tried once", a_password_that_changes_is_tried_once),
		T("a changed password opens no paused mailbox", a_changed_password_opens_no_paused_mailbox),
		T("what works is not watched", what_works_is_not_watched),
		T("B16 a server that is away for an hour is told once, and when it is back",
		  a_server_that_is_away_for_an_hour_is_told_once_and_when_it_is_back),
		T("a server that is away for a while is told to nobody",
		  a_server_that_is_away_for_a_while_is_told_to_nobody),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
