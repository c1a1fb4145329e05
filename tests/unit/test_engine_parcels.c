#include "fixture.h"

#include "engine/alert.h"
#include "engine/lanes.h"
#include "engine/message.h"
#include "engine/parcel.h"
#include "operate/queued.h"
#include "rehearse/trial.h"
#include "store/contact_store.h"
#include "store/message_store.h"
#include "store/queue_store.h"
#include "tick/work.h"

#include <string.h>

/* A mail from its claim to its answer, when something else happens meanwhile. */

enum { HOUR = 3600, DAY = 24 * HOUR };

struct scene {
	struct fixture f;
	struct lane lane;
};

static int setup(void **state)
{
	static struct scene s;

	s = (struct scene){ 0 };
	fixture_open(&s.f);
	fixture_apply(&s.f, "kind: Calendar\nname: morning\nopen: {mon-fri: 08:00-10:00}\n"
	                    "---\nkind: Template\nname: note\nsubject: Note\ntext: x\n"
	                    "---\nkind: Pipeline\nname: p\nhours: morning\nsteps: [{email: {subject: One, text: x}, id: one}, {email: {subject: Two, text: y}, id: two, after: 1 day}]\n");
	fixture_add(&s.f, "anna@example.org", NULL);
	assert_true(fixture_enroll(&s.f, "p", "anna@example.org", NULL) > 0);
	*state = &s;
	return 0;
}

static int teardown(void **state)
{
	fixture_close(&((struct scene *)*state)->f);
	return 0;
}

/* What is due next, as a tick takes it; NULL: it became no mail. */
static struct parcel *claim(struct scene *s)
{
	struct txn t = TXN_INIT;
	struct parcel *p = NULL;
	struct queue_row row;
	struct world *w = NULL;
	int n = 0;

	OK(txn_begin(&t, s->f.db, &err));
	OK(lane_find(s->f.db, s->f.team, "mailbox", "hello", &s->f.arena, &s->lane, &err));
	OK(engine_world(&s->f.e, s->f.team, &w, &err));
	OK(n = queue_take(s->f.db, s->lane.id, s->f.e.now, &row, 1, &err));
	assert_int_equal(n, 1);
	OK(parcel_claim(&s->f.e, &s->lane, world_mailbox(w, "hello"), &row, s->f.e.now, &p, &err));
	OK(txn_commit(&t, &err));
	return p;
}

/* Its last byte may leave: 1, or 0 and it is given back. */
static int fence(struct scene *s, struct parcel *p)
{
	struct txn t = TXN_INIT;
	int got = -1;

	OK(txn_begin(&t, s->f.db, &err));
	OK(got = parcel_fence(&s->f.e, p, &err));
	if (got == 0)
		OK(parcel_refuse(&s->f.e, p, &err));
	OK(txn_commit(&t, &err));
	return got;
}

static void answer(struct scene *s, struct parcel *p, enum delivery_outcome outcome)
{
	struct txn t = TXN_INIT;

	p->result = delivery_make(outcome, PHASE_DOT, "said the server");
	OK(txn_begin(&t, s->f.db, &err));
	OK(parcel_record(&s->f.e, &s->lane, p, &err));
	OK(txn_commit(&t, &err));
	parcel_free(p);
}

static const char *run_says(struct scene *s)
{
	return fixture_text(&s->f, "SELECT status || ' ' || reason || ' ' || step FROM run");
}

static const char *mail_says(struct scene *s)
{
	return fixture_text(&s->f, "SELECT state FROM message ORDER BY id DESC LIMIT 1");
}

static void change(struct scene *s, const char *sql)
{
	fixture_number(&s->f, arena_printf(&s->f.arena, "%s RETURNING 1", sql));
}

/* The machine slept between claim and fence, or the server let it wait. */
static void a_later_minute_decides_anew(void **state)
{
	struct scene *s = *state;
	struct parcel *p = claim(s);

	s->f.e.now += 120;
	assert_int_equal(fence(s, p), 1);
	answer(s, p, DELIVERY_SENT);
	s->f.e.now = MONDAY_9AM + DAY + 300;
	p = claim(s);
	s->f.e.now += 2 * HOUR; /* the hours are over */
	assert_int_equal(fence(s, p), 0);
	parcel_free(p);
	assert_string_equal(mail_says(s), "queued");
	assert_int_equal(fixture_number(&s->f, "SELECT count(*) FROM claim"), 0);
	assert_int_equal(fixture_number(&s->f, "SELECT count(*) FROM queue"), 1);
}

static void a_run_that_ended_meanwhile_takes_no_notice(void **state)
{
	static const enum delivery_outcome outcomes[] = { DELIVERY_SENT, DELIVERY_RETRY, DELIVERY_RECIPIENT, DELIVERY_REFUSED, DELIVERY_IN_DOUBT };
	static const char *const mails[] = { "sent", "queued", "refused", "refused", "in-doubt" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
		struct scene *s;
		struct parcel *p;
		void *own = NULL;

		setup(&own);
		s = own;
		fixture_apply(&s->f, "kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nsendmail: /bin/true\n");
		p = claim(s);
		assert_int_equal(fence(s, p), 1);
		change(s, "UPDATE run SET status = 'stopped', reason = 'manual', ended_at = 1");
		s->f.e.changes++;
		answer(s, p, outcomes[i]);
		assert_string_equal(run_says(s), "stopped manual 1");
		assert_string_equal(mail_says(s), mails[i]);
		teardown(&own);
	}
}

/* An in-doubt mail of a mailbox that is gone is held: nobody can say what its policy was. */
static void doubt_follows_the_mailbox(void **state)
{
	static const struct {
		const char *policy, *mail, *run;
	} rows[] = {
		{ "in_doubt: hold\n", "in-doubt", "blocked in-doubt 1" },
		{ "in_doubt: assume-sent\n", "sent", "running  2" },
		{ "in_doubt: resend\n", "queued", "pending backoff 1" },
	};

	(void)state;
	for (size_t i = 0; i <= ARRAY_LEN(rows); i++) {
		bool gone = i == ARRAY_LEN(rows);
		const char *policy = gone ? "" : rows[i].policy;
		struct scene *s;
		struct parcel *p;
		void *own = NULL;

		setup(&own);
		s = own;
		fixture_apply(&s->f, arena_printf(&s->f.arena, "kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nsendmail: /bin/true\n%s", policy));
		p = claim(s);
		assert_int_equal(fence(s, p), 1);
		if (gone)
			change(s, "UPDATE lane SET name = 'gone' WHERE name = 'hello'");
		answer(s, p, DELIVERY_IN_DOUBT);
		assert_string_equal(mail_says(s), gone ? "in-doubt" : rows[i].mail);
		assert_string_equal(run_says(s), gone ? "blocked in-doubt 1" : rows[i].run);
		teardown(&own);
	}
}

/* A step that has a message from an earlier try. */
static void what_was_there_before_decides(void **state)
{
	static const struct {
		const char *state, *run;
		bool goes;
	} rows[] = {
		{ "sent", "running  2", false },
		{ "bounced", "running  2", false },
		{ "offered", "blocked in-doubt 1", false },
		{ "in-doubt", "blocked in-doubt 1", false },
		{ "held", "pending  1", false },
		{ "dropped", "pending  1", true },
		{ "quarantined", "pending  1", true },
		{ "refused", "pending  1", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene *s;
		struct parcel *p;
		void *own = NULL;

		setup(&own);
		s = own;
		p = claim(s);
		assert_non_null(p);
		OK(parcel_return(&s->f.e, p, &err));
		parcel_free(p);
		change(s, arena_printf(&s->f.arena, "UPDATE message SET state = '%s', waits = '%s' IN ('held', 'in-doubt', 'quarantined')", rows[i].state, rows[i].state));
		p = claim(s);
		if ((p != NULL) != rows[i].goes)
			fail_msg("%s: %s", rows[i].state, p ? "goes" : "does not go");
		assert_string_equal(run_says(s), rows[i].run);
		parcel_free(p);
		teardown(&own);
	}
}

static int settle(struct scene *s, bool resend, const char **ret_why)
{
	int64_t id = fixture_number(&s->f, "SELECT max(id) FROM message");
	struct err why = ERR_INIT;
	struct txn t = TXN_INIT;
	int got;

	OK(txn_begin(&t, s->f.db, &err));
	got = parcel_settle(&s->f.e, s->f.team, id, resend, &why);
	if (got >= 0)
		OK(txn_commit(&t, &err));
	txn_release(&t);
	*ret_why = arena_strdup(&s->f.arena, why.text);
	return got;
}

static void doubt(struct scene *s)
{
	struct parcel *p = claim(s);

	fixture_apply(&s->f, "kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nsendmail: /bin/true\n");
	assert_int_equal(fence(s, p), 1);
	answer(s, p, DELIVERY_IN_DOUBT);
	assert_string_equal(mail_says(s), "in-doubt");
}

static void a_doubt_that_is_settled(void **state)
{
	struct scene *s = *state;
	const char *why;

	doubt(s);
	assert_int_equal(settle(s, true, &why), 1);
	assert_string_equal(run_says(s), "pending  1");
	assert_string_equal(mail_says(s), "queued");
	assert_int_equal(settle(s, true, &why), 0);
	doubt(s);
	assert_int_equal(settle(s, false, &why), 1);
	assert_string_equal(run_says(s), "running  2");
	assert_int_equal(settle(s, false, &why), 0);
}

static void a_doubt_whose_run_went_on(void **state)
{
	struct scene *s = *state;
	const char *why;

	doubt(s);
	change(s, "UPDATE run SET status = 'running', reason = '', step = 2");
	assert_int_equal(settle(s, true, &why), -1);
	assert_string_equal(why, "its run does not wait for it any more");
	change(s, "UPDATE run SET step = 1");
	assert_int_equal(settle(s, true, &why), 1);
	assert_string_equal(run_says(s), "running  1");
}

static void send_test(struct scene *s)
{
	struct trial how = { .to = "me@example.com", .account = "tester" };
	struct trial_mail *mails;
	struct txn t = TXN_INIT;
	struct contact c;
	struct world *w = NULL;

	OK(txn_begin(&t, s->f.db, &err));
	OK(engine_world(&s->f.e, s->f.team, &w, &err));
	OK(contact_find(s->f.db, s->f.team, "anna@example.org", &s->f.arena, &c, &err));
	how.as = &c;
	OK(trial_template(&s->f.e, w, template_of_name(w, "note"), &how, &s->f.arena, &mails, &err));
	OK(txn_commit(&t, &err));
}

/* A mail without a run: after 48 hours nobody waits for it any more. */
static void a_test_mail_is_given_up(void **state)
{
	struct scene *s = *state;
	struct parcel *p;
	const char *why;

	change(s, "DELETE FROM queue");
	send_test(s);
	p = claim(s);
	assert_int_equal(fence(s, p), 1);
	answer(s, p, DELIVERY_RETRY);
	assert_string_equal(mail_says(s), "queued");
	change(s, arena_printf(&s->f.arena, "UPDATE queue SET due = %lld", (long long)(s->f.e.now + 49 * HOUR)));
	s->f.e.now += 49 * HOUR;
	p = claim(s);
	assert_int_equal(fence(s, p), 1);
	answer(s, p, DELIVERY_RETRY);
	assert_string_equal(mail_says(s), "refused");
	assert_int_equal(fixture_number(&s->f, "SELECT count(*) FROM queue"), 0);
	send_test(s);
	p = claim(s);
	fixture_apply(&s->f, "kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nsendmail: /bin/true\n");
	assert_int_equal(fence(s, p), 1);
	answer(s, p, DELIVERY_IN_DOUBT);
	assert_string_equal(mail_says(s), "in-doubt");
	assert_int_equal(settle(s, true, &why), 1);
	assert_int_equal(fixture_number(&s->f, "SELECT count(*) FROM queue"), 1);
}

/* Trouble is told after a while, and once; then that it is over. */
static void what_is_told_of_a_mailbox(void **state)
{
	struct scene *s = *state;
	struct txn t = TXN_INIT;
	int64_t alerts;

	fixture_apply(&s->f, "kind: Team\nname: sales\nmailbox: hello\nalerts: {to: [ops@example.com, boss@example.com]}\nmembers: {tester: {role: admin}}\n"
	                     "---\nkind: Mailbox\nname: other\nfrom: other@example.com\nmaildir: FOLDER/other\n");
	OK(txn_begin(&t, s->f.db, &err));
	OK(lane_get(s->f.db, s->f.team, "mailbox", "other", &s->f.arena, &s->lane, &err));
	for (int hour = 0; hour < 8; hour++) {
		OK(lane_back_off(&s->f.e, &s->lane, "nobody there", &err));
		s->f.e.now += HOUR;
	}
	OK(lane_suspend(&s->f.e, &s->lane, "auth", "535 no", &err));
	OK(txn_commit(&t, &err));
	alerts = fixture_number(&s->f, "SELECT count(*) FROM message WHERE run = 0");
	assert_true(alerts >= 2);
	assert_int_equal(alerts % 2, 0);
	OK(txn_begin(&t, s->f.db, &err));
	OK(lane_open_now(&s->f.e, &s->lane, &err));
	OK(lane_works(&s->f.e, &s->lane, &err));
	OK(txn_commit(&t, &err));
	assert_int_equal(fixture_number(&s->f, "SELECT count(*) FROM message WHERE run = 0"), alerts + 2);
	/* Without a mailbox of the team nobody can be told; that is no failure. */
	fixture_apply(&s->f, "kind: Team\nname: sales\nalerts: {to: [ops@example.com]}\nmembers: {tester: {role: admin}}\n");
	OK(txn_begin(&t, s->f.db, &err));
	OK(lane_suspend(&s->f.e, &s->lane, "auth", "535 no", &err));
	OK(alert_mailbox_guarded(&s->f.e, &s->lane, "too many", &err));
	OK(txn_commit(&t, &err));
	assert_int_equal(fixture_number(&s->f, "SELECT count(*) FROM message WHERE run = 0"), alerts + 2);
}

/* What is stored twice, and is not the same any more: nobody is written to, and it is told. */
static void an_address_that_changed_on_the_disk_gets_no_mail(void **state)
{
	static const char *const changes[] = { "email = 'bnna@example.org'", "email = 'anna example.org'", "folded = 'x@example.org'" };
	struct work_options how = { .max = INT64_MAX };
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		struct err err = ERR_INIT;
		struct work_count n;

		fixture_number(&s->f, arena_printf(&s->f.arena, "UPDATE contact SET %s RETURNING 1", changes[i]));
		assert_int_equal(work(&s->f.e, &how, &n, &err), -1);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_non_null(strstr(err.text, "is not as it was written; bring a backup back: pipectl restore"));
		assert_int_equal(fixture_mails(&s->f, "hello"), 0);
		fixture_number(&s->f, "UPDATE contact SET email = 'anna@example.org', folded = 'anna@example.org' RETURNING 1");
	}
	fixture_tick(&s->f, s->f.e.now);
	assert_int_equal(fixture_mails(&s->f, "hello"), 1);
}

/* A mail that goes later than its slot has used the minute in which it went. */
static void a_slot_that_was_missed_is_used_when_the_mail_goes(void **state)
{
	struct fixture *f = *state;
	struct mailbox mb = { .limit = { .per_hour = 3 } }, free_one = { 0 };
	struct claim c = { .team = f->team, .message = 7, .lane = 1, .slot_at = MONDAY_9AM };
	struct txn t = TXN_INIT;

	OK(txn_begin(&t, f->db, &err));
	OK(quota_insert(f->db, c.lane, c.slot_at, c.message, &err));
	OK(lane_use_slot(&f->e, &mb, &c, &err));
	assert_int_equal(c.slot_at, MONDAY_9AM);
	f->e.now = MONDAY_9AM + 5;
	OK(lane_use_slot(&f->e, &free_one, &c, &err));
	assert_int_equal(c.slot_at, MONDAY_9AM);
	OK(lane_use_slot(&f->e, &mb, &c, &err));
	OK(txn_commit(&t, &err));
	assert_int_equal(c.slot_at, MONDAY_9AM + 5);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM quota"), 1);
	assert_int_equal(fixture_number(f, "SELECT max(at) FROM quota"), MONDAY_9AM + 5);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_later_minute_decides_anew),
		cmocka_unit_test(a_run_that_ended_meanwhile_takes_no_notice),
		cmocka_unit_test(doubt_follows_the_mailbox),
		cmocka_unit_test(what_was_there_before_decides),
		T(a_doubt_that_is_settled),
		T(a_doubt_whose_run_went_on),
		T(a_test_mail_is_given_up),
		T(what_is_told_of_a_mailbox),
		T(an_address_that_changed_on_the_disk_gets_no_mail),
		cmocka_unit_test_setup_teardown(a_slot_that_was_missed_is_used_when_the_mail_goes, fixture_setup, fixture_teardown),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
