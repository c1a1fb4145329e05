/* A mailbox that pauses itself when too many mails come back (RELIABILITY: reputation). */

#include "fixture.h"

#include "engine/event.h"
#include "engine/pause.h"

#include <string.h>

static void documents(struct fixture *f, const char *guard)
{
	fixture_apply(f, arena_printf(&f->arena,
	                              "kind: Mailbox\nname: bulk\nfrom: Bulk <bulk@example.com>\nmaildir: FOLDER/bulk\n%s---\n"
	                              "kind: Team\nname: sales\ntimezone: Europe/Berlin\nmailbox: hello\nalerts: {to: [ops@example.com]}\n---\n"
	                              "kind: Pipeline\nname: p\nmailbox: bulk\nhours: always\nsteps:\n"
	                              "  - email: {subject: S, text: T}\n    id: a\n",
	                              guard));
}

static void send(struct fixture *f, int n, int64_t now)
{
	static int last;

	f->e.now = now;
	for (int i = 0; i < n; i++) {
		const char *email = arena_printf(&f->arena, "p%d@example.org", last++);

		fixture_add(f, email, NULL, NULL, NULL);
		fixture_enroll(f, "p", email, NULL);
	}
	fixture_tick(f, now);
}

/* The first n mails that nothing has happened to yet. */
static void come_back(struct fixture *f, int n, const char *type)
{
	struct err err = ERR_INIT;

	for (int i = 0; i < n; i++) {
		struct happening h = { .ev = { .type = type, .source = "inbox" }, .arena = &f->arena };
		struct txn t = TXN_INIT;

		h.ev.message = fixture_number(f, "SELECT min(id) FROM message WHERE run > 0 AND id NOT IN (SELECT message FROM event"
		                                 " WHERE type IN ('email.bounced', 'email.complained'))");
		h.ev.contact = fixture_number(f, arena_printf(&f->arena, "SELECT contact FROM message WHERE id = %lld",
		                                              (long long)h.ev.message));
		assert_int_equal(txn_begin(&t, f->db, &err), 0);
		if (event_record(&f->e, f->team, &h, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(txn_commit(&t, &err), 0);
	}
}

static bool paused(struct fixture *f)
{
	return fixture_number(f, "SELECT paused_at FROM lane WHERE kind = 'mailbox' AND name = 'bulk'") > 0;
}

static void too_many_bounces_pause_it(void **state)
{
	struct fixture *f = *state;

	documents(f, "");
	send(f, 60, MONDAY_9AM);
	come_back(f, 4, "email.bounced");
	assert_false(paused(f));
	come_back(f, 1, "email.bounced");
	assert_true(paused(f));
	assert_string_equal(fixture_text(f, "SELECT reason_text FROM lane_guard"), "5 of its last 60 mails came back, more than 8 %");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM message WHERE subject = 'The mailbox bulk has paused itself'"), 1);
	send(f, 5, MONDAY_9AM + 60);
	assert_int_equal(fixture_mails(f, "bulk"), 60);
}

static void few_mails_say_nothing(void **state)
{
	struct fixture *f = *state;

	documents(f, "");
	send(f, 49, MONDAY_9AM);
	come_back(f, 20, "email.bounced");
	assert_false(paused(f));
	send(f, 1, MONDAY_9AM + 60);
	come_back(f, 1, "email.bounced");
	assert_true(paused(f));
}

static void complaints_have_a_limit_of_their_own(void **state)
{
	struct fixture *f = *state;

	documents(f, "guard: {complaints: 2 %, over: 10}\n");
	send(f, 60, MONDAY_9AM);
	come_back(f, 1, "email.complained");
	assert_false(paused(f));
	come_back(f, 1, "email.complained");
	assert_true(paused(f));
	assert_string_equal(fixture_text(f, "SELECT reason_text FROM lane_guard"),
	                    "2 of its last 60 mails were complained about, more than 2 %");
}

static void who_resumes_it_begins_anew(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;
	struct txn t = TXN_INIT;

	documents(f, "");
	send(f, 60, MONDAY_9AM);
	come_back(f, 5, "email.bounced");
	f->e.now = MONDAY_9AM + 60;
	assert_int_equal(txn_begin(&t, f->db, &err), 0);
	assert_int_equal(pause_mailbox(&f->e, f->team, "bulk", false, &err), 1);
	assert_int_equal(txn_commit(&t, &err), 0);
	f->e.now = MONDAY_9AM + 120;
	come_back(f, 10, "email.bounced");
	assert_false(paused(f));
	send(f, 60, MONDAY_9AM + 180);
	f->e.now = MONDAY_9AM + 240;
	come_back(f, 1, "email.bounced");
	assert_true(paused(f));
}

static void what_is_a_day_old_does_not_count(void **state)
{
	struct fixture *f = *state;

	documents(f, "");
	send(f, 60, MONDAY_9AM);
	come_back(f, 4, "email.bounced");
	send(f, 60, MONDAY_9AM + 86400 + 60);
	f->e.now = MONDAY_9AM + 86400 + 120;
	come_back(f, 4, "email.bounced");
	assert_false(paused(f));
	come_back(f, 1, "email.bounced");
	assert_true(paused(f));
}

/* Below 17 bounces nothing was wrong among 200 mails; of the 20 of the next day two are too many. */
static void complaints_do_not_delay_the_count_of_bounces(void **state)
{
	struct fixture *f = *state;

	documents(f, "guard: {bounces: 8 %, complaints: 50 %, over: 10}\n");
	send(f, 200, MONDAY_9AM);
	come_back(f, 5, "email.bounced");
	send(f, 20, MONDAY_9AM + 86400 + 60);
	f->e.now = MONDAY_9AM + 86400 + 120;
	come_back(f, 1, "email.complained");
	come_back(f, 1, "email.bounced");
	assert_false(paused(f));
	come_back(f, 1, "email.bounced");
	assert_true(paused(f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(too_many_bounces_pause_it, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(few_mails_say_nothing, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(complaints_have_a_limit_of_their_own, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(who_resumes_it_begins_anew, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(what_is_a_day_old_does_not_count, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(complaints_do_not_delay_the_count_of_bounces, fixture_setup, fixture_teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("guard of a mailbox", tests, NULL, NULL);
}
