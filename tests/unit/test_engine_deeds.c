#include "fixture.h"

#include "apply/migrate.h"
#include "engine/lanes.h"
#include "engine/progress.h"
#include "operate/queued.h"
#include "operate/runs.h"
#include "operate/safekeeping.h"
#include "store/message_store.h"
#include "store/queue_store.h"

#include <string.h>

/* What may be done by hand to runs and mails in each state, and what is said where it may not. */

enum { HOUR = 3600, DAY = 24 * HOUR };

static int setup(void **state)
{
	static struct fixture f;

	fixture_open(&f);
	fixture_apply(&f, "kind: Mailbox\nname: far\nfrom: Far <far@example.com>\nsmtp: {url: 'smtp://127.0.0.1:1', tls: none}\n"
	                  "---\nkind: Pipeline\nname: p\nmailbox: far\n"
	                  "steps: [{email: {subject: One, text: x}, id: one}, {note: between}, {email: {subject: Two, text: x}, id: two}]\n"
	                  "---\nkind: Pipeline\nname: noted\nsteps: [{note: n, after: 1 day}, {email: {subject: S, text: x}, id: later, after: 1 day}]\n");
	fixture_add(&f, "anna@example.org", NULL);
	assert_true(fixture_enroll(&f, "p", "anna@example.org", NULL) > 0);
	fixture_tick(&f, MONDAY_9AM); /* it cannot reach its server; its message is there */
	*state = &f;
	return 0;
}

static int64_t run_id(struct fixture *f)
{
	return fixture_number(f, "SELECT max(id) FROM run");
}

static int64_t message_id(struct fixture *f)
{
	return fixture_number(f, "SELECT max(id) FROM message");
}

static void message_is(struct fixture *f, const char *state)
{
	fixture_number(f, arena_printf(&f->arena, "UPDATE message SET state = '%s', waits = '%s' IN ('queued', 'held', 'in-doubt', 'quarantined')"
	                               " WHERE id IN (SELECT max(id) FROM message) RETURNING id", state, state));
}

static void run_is(struct fixture *f, const char *set)
{
	fixture_number(f, arena_printf(&f->arena, "UPDATE run SET %s WHERE id IN (SELECT max(id) FROM run) RETURNING id", set));
}

enum deed { HOLD, RELEASE, DROP };

/* "1", "0", or why not. */
static const char *done(struct fixture *f, enum deed deed)
{
	struct err why = ERR_INIT;
	struct txn t = TXN_INIT;
	struct message m;
	int got;

	OK(txn_begin(&t, f->db, &err));
	OK(message_load(f->db, f->team, message_id(f), &f->arena, &m, &err));
	got = deed == HOLD ? queued_hold(&f->e, &m, &why) : deed == RELEASE ? queued_release(&f->e, &m, &why) : queued_drop(&f->e, &m, &why);
	txn_release(&t);
	return got < 0 ? arena_strdup(&f->arena, why.text) : got ? "1" : "0";
}

static void mails_in_each_state(void **state)
{
	static const struct {
		const char *state, *hold, *release, *drop;
	} rows[] = {
		{ "queued", "1", "0", "1" },
		{ "held", "0", "1", "1" },
		{ "refused", "1", "is refused, not held", "1" },
		{ "quarantined", "1", "is quarantined, not held", "1" },
		{ "sending", "1", "0", "1" },
		{ "offered", "is with the server at this moment", "0", "is with the server at this moment" },
		{ "in-doubt", "may have been sent; say so or send it again: pipectl settle", "is in-doubt, not held", "may have been sent" },
		{ "sent", "is sent and cannot be held", "is sent, not held", "is sent and cannot be dropped" },
		{ "bounced", "is bounced and cannot be held", "is bounced, not held", "is bounced and cannot be dropped" },
		{ "dropped", "is dropped and cannot be held", "is dropped, not held", "0" },
	};
	struct fixture *f = *state;

	assert_true(message_id(f) > 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *says[] = { rows[i].hold, rows[i].release, rows[i].drop };

		message_is(f, rows[i].state);
		for (int deed = HOLD; deed <= DROP; deed++) {
			const char *got = done(f, (enum deed)deed);

			if (!strstr(got, says[deed]))
				fail_msg("%s, deed %d: '%s', not '%s'", rows[i].state, deed, got, says[deed]);
		}
	}
}

static void a_mail_of_a_blocked_run_does_not_go_anyway(void **state)
{
	struct fixture *f = *state;

	run_is(f, "status = 'blocked', reason = 'undeliverable'");
	message_is(f, "refused");
	assert_non_null(strstr(done(f, HOLD), " does not go anyway: its run "));
	message_is(f, "held");
	assert_string_equal(done(f, RELEASE), "1");
	run_is(f, "status = 'stopped', ended_at = 1");
	assert_string_equal(done(f, RELEASE), "1");
	message_is(f, "refused");
	assert_string_equal(done(f, DROP), "1");
}

static const char *named(struct fixture *f, int64_t id, const char *step, bool again)
{
	struct queued_name name = { .id = id, .step = step, .again = again };
	struct err why = ERR_INIT;
	struct txn t = TXN_INIT;
	struct message m;
	int got;

	OK(txn_begin(&t, f->db, &err));
	got = queued_find_named(&f->e, f->team, &name, &f->arena, &m, &why);
	txn_release(&t);
	return got < 0 ? arena_strdup(&f->arena, why.text) : arena_printf(&f->arena, "%s %d", message_state_text(m.state), m.step);
}

static void mails_by_the_name_of_their_step(void **state)
{
	struct fixture *f = *state;
	int64_t noted;

	assert_string_equal(named(f, run_id(f), "one", false), "queued 1");
	assert_non_null(strstr(named(f, run_id(f), "two", false), "stands before 'one', not 'two'"));
	assert_non_null(strstr(named(f, 999, "one", false), "no run 999"));
	assert_non_null(strstr(named(f, 999, NULL, false), "999"));
	noted = fixture_enroll(f, "noted", "anna@example.org", NULL);
	assert_non_null(strstr(named(f, noted, NULL, false), "has no mail as its next step"));
	run_is(f, "status = 'stopped', ended_at = 1");
	assert_non_null(strstr(named(f, noted, NULL, false), "has no mail as its next step"));
}

/* Dropped again is no mistake, and no second mail. */
static void a_mail_that_was_dropped_is_known(void **state)
{
	struct fixture *f = *state;
	struct txn t = TXN_INIT;
	struct message m;

	OK(txn_begin(&t, f->db, &err));
	OK(message_load(f->db, f->team, message_id(f), &f->arena, &m, &err));
	OK(queued_drop(&f->e, &m, &err));
	OK(txn_commit(&t, &err));
	assert_string_equal(named(f, run_id(f), NULL, true), "dropped 1");
	assert_string_equal(named(f, run_id(f), NULL, false), "queued 3");
}

static const char *retry(struct fixture *f, struct retry_result *ret)
{
	static const char *const names[] = { "done", "opened", "nothing", "ended", "missing", "in-doubt", "held" };
	struct txn t = TXN_INIT;

	OK(txn_begin(&t, f->db, &err));
	OK(run_retry_by_hand(&f->e, f->team, run_id(f), &f->arena, ret, &err));
	txn_release(&t);
	return names[ret->how];
}

static void what_retry_can_do(void **state)
{
	struct retry_result got;
	struct fixture *f = *state;
	struct lane l;
	struct txn t = TXN_INIT;

	/* Its server is away: the mailbox is tried at once. */
	assert_string_equal(retry(f, &got), "opened");
	OK(txn_begin(&t, f->db, &err));
	OK(lane_find(f->db, f->team, "mailbox", "far", &f->arena, &l, &err));
	OK(lane_open_now(&f->e, &l, &err));
	OK(txn_commit(&t, &err));
	assert_string_equal(retry(f, &got), "nothing");
	fixture_number(f, "UPDATE queue SET due = due + 600 RETURNING 1");
	run_is(f, "put_off = put_off + 600");
	fixture_number(f, "UPDATE message SET attempts = 1 RETURNING 1");
	assert_string_equal(retry(f, &got), "done");
	message_is(f, "held");
	assert_string_equal(retry(f, &got), "held");
	assert_string_equal(got.text, "the mail is held");
	for (int i = 0; i < 3; i++) {
		static const char *const states[] = { "refused", "quarantined", "sent" };

		run_is(f, "status = 'blocked', reason = 'undeliverable'");
		message_is(f, states[i]);
		assert_string_equal(retry(f, &got), "done");
	}
	message_is(f, "offered");
	assert_string_equal(retry(f, &got), "in-doubt");
	assert_int_equal(got.message, message_id(f));
	run_is(f, "status = 'completed', ended_at = 1");
	assert_string_equal(retry(f, &got), "ended");
	assert_string_equal(got.text, "completed");
}

static int64_t go_to(struct fixture *f, int step, int64_t at)
{
	struct txn t = TXN_INIT;
	struct traveller who;

	OK(txn_begin(&t, f->db, &err));
	OK(traveller_load(&f->e, f->team, run_id(f), &f->arena, &who, &err));
	OK(run_goto(&f->e, &who, step, at, &err));
	OK(txn_commit(&t, &err));
	return fixture_number(f, "SELECT due_at FROM run ORDER BY id DESC LIMIT 1");
}

/* Limits and gaps hold, and so do the hours of a calendar: to try again changes nothing. */
static void what_retry_cannot_do(void **state)
{
	struct retry_result got;
	struct fixture *f = *state;

	fixture_number(f, arena_printf(&f->arena, "UPDATE lane SET reason = 'gap', free_at = %lld WHERE name = 'far' RETURNING 1", (long long)MONDAY_9AM + 60));
	assert_string_equal(retry(f, &got), "held");
	fixture_number(f, "UPDATE lane SET reason = '', free_at = 0 WHERE name = 'far' RETURNING 1");
	fixture_number(f, "UPDATE message SET attempts = 0 RETURNING 1");
	run_is(f, arena_printf(&f->arena, "reason = 'hours', put_off = %d", HOUR));
	assert_string_equal(retry(f, &got), "nothing");
}

static void a_run_that_there_is_not_is_told(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 2; i++) {
		struct err why = ERR_INIT;
		struct retry_result tried;
		struct run_stop stopped;
		struct txn t = TXN_INIT;

		OK(txn_begin(&t, f->db, &err));
		assert_int_equal(i ? run_stop(&f->e, f->team, 999, &stopped, &why) : run_retry_by_hand(&f->e, f->team, 999, &f->arena, &tried, &why), -1);
		txn_release(&t);
		assert_int_equal(why.kind, ERR_MISSING);
		assert_non_null(strstr(why.text, "no run 999"));
	}
}

/* A mail can be held or dropped by the name of its step where there is a step, and somebody to send it. */
static void a_mail_that_cannot_be_is_told(void **state)
{
	struct fixture *f = *state;
	int64_t noted = fixture_enroll(f, "noted", "anna@example.org", NULL);

	go_to(f, 1, 0);
	fixture_number(f, "DELETE FROM document WHERE name = 'hello' RETURNING 1");
	fixture_number(f, "UPDATE team SET generation = generation + 1 RETURNING 1");
	engine_release(&f->e);
	engine_init(&f->e, f->db, MONDAY_9AM, "tester", "manual");
	assert_non_null(strstr(named(f, noted, "later", false), "cannot send this mail"));
	run_is(f, "step = 0");
	assert_non_null(strstr(named(f, noted, "later", false), "stands before no step, not 'later'"));
	assert_non_null(strstr(named(f, noted, NULL, false), "has no mail as its next step"));
}

/* Nobody can tell the sender: the contact has no owner. */
static void a_mail_without_a_sender_cannot_be_held(void **state)
{
	struct fixture *f = *state;
	int64_t run;

	fixture_apply(f, "kind: Pipeline\nname: owned\nmailbox: hello\nsteps: [{email: {subject: S, text: x}, mailbox: owner, id: o, after: 1 day}]\n");
	run = fixture_enroll(f, "owned", "anna@example.org", NULL);
	run_is(f, "status = 'pending', reason = ''");
	assert_non_null(strstr(named(f, run, "o", false), "cannot send this mail"));
}

static void who_is_sent_to_a_date_that_is_missing_is_blocked(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, "kind: Fields\nname: contact\nfields: {renewal: date}\n---\nkind: Pipeline\nname: dated\n"
	                 "steps: [{note: n, after: 1 day}, {wait: {until: {field: renewal}}}]\n");
	fixture_enroll(f, "dated", "anna@example.org", NULL);
	go_to(f, 1, MONDAY_9AM + HOUR);
	assert_string_equal(fixture_text(f, "SELECT status || ' ' || reason FROM run ORDER BY id DESC LIMIT 1"), "blocked missing");
}

/* What the Team document lacked is looked at again; what a contact lacks is his own. */
static void who_lacks_something_of_the_team_is_tried_again(void **state)
{
	static const char *const lacks[] = { "team.phone", "sender.phone", "contact.first_name" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(lacks); i++) {
		run_is(f, arena_printf(&f->arena, "status = 'blocked', reason = 'missing', reason_text = '%s'", lacks[i]));
		OK(runs_resume_settings(&f->e, f->team, &err));
		assert_string_equal(fixture_text(f, "SELECT status FROM run ORDER BY id DESC LIMIT 1"), i < 2 ? "pending" : "blocked");
	}
}

static void who_is_sent_elsewhere_goes_when_it_is_said(void **state)
{
	struct fixture *f = *state;

	fixture_enroll(f, "noted", "anna@example.org", NULL);
	assert_int_equal(go_to(f, 1, 0), MONDAY_9AM + DAY);
	assert_int_equal(go_to(f, 1, MONDAY_9AM + HOUR), MONDAY_9AM + HOUR);
	assert_int_equal(go_to(f, 0, MONDAY_9AM), MONDAY_9AM);
	run_is(f, "status = 'stopped', ended_at = 1");
	assert_int_equal(go_to(f, 0, MONDAY_9AM + 5 * DAY), MONDAY_9AM);
}

static void filters_of_runs_are_checked(void **state)
{
	struct err err = ERR_INIT;
	unsigned states;
	(void)state;

	assert_int_equal(run_states_parse("open", &states, &err), 0);
	assert_int_equal(states, 1u << RUN_PENDING | 1u << RUN_RUNNING | 1u << RUN_BLOCKED);
	assert_int_equal(run_states_parse("activ", &states, &err), -1);
	assert_string_equal(err.text, "no status 'activ'; did you mean 'active'?");
	assert_int_equal(run_states_parse("xyzzy", &states, &err), -1);
	assert_string_equal(err.text, "no status 'xyzzy': pending, running, blocked, completed, stopped, active or open");
	assert_int_equal(run_reason_check("", &err), 0);
	assert_int_equal(run_reason_check("replied", &err), 0);
	assert_int_equal(run_reason_check("in-dubt", &err), -1);
	assert_string_equal(err.text, "no reason 'in-dubt'; did you mean 'in-doubt'?");
}

/* How people of an old version go on in the newest. */
static const char *plan(struct fixture *f, const char *from, const char *to)
{
	const struct step_mapping map = { from, to };
	struct migration_request want = { .maps = &map, .n_maps = from ? 1 : 0 };
	struct err why = ERR_INIT;
	struct migration_plan got;
	struct world *w = NULL;

	OK(engine_world(&f->e, f->team, &w, &err));
	want.now = world_pipeline(w, "p");
	if (migrate_plan(f->db, f->team, want.now->id, &want, &f->arena, &got, &why) < 0)
		return arena_strdup(&f->arena, why.text);
	return got.n == 0 ? "nobody" : arena_printf(&f->arena, "%s -> %s", got.stands[0].name, got.stands[0].go_on ? got.stands[0].go_on : "over");
}

static void people_are_mapped_by_names_and_numbers(void **state)
{
	struct fixture *f = *state;
	struct migration_count n;

	fixture_apply_with(f, "kind: Pipeline\nname: p\nmailbox: far\nsteps: [{email: {subject: Two, text: x}, id: two}, {note: last, id: last}]\n",
	                   FIXTURE_KEEP, &n);
	assert_string_equal(plan(f, NULL, NULL), "one -> two");
	assert_string_equal(plan(f, "one", "last"), "one -> last");
	assert_string_equal(plan(f, "1", "last"), "one -> last");
	assert_string_equal(plan(f, "one", "3"), "one -> two");
	assert_non_null(strstr(plan(f, "one", "lost"), "pipeline 'p' has no step 'lost' in version 2; did you mean 'last'?"));
	assert_non_null(strstr(plan(f, "one", "zzzzzz"), "pipeline 'p' has no step 'zzzzzz' in version 2"));
	assert_non_null(strstr(plan(f, "onee", "two"), "'onee'"));
	assert_non_null(strstr(plan(f, "0", "two"), "'0'"));
	assert_non_null(strstr(plan(f, "99999999999", "two"), "'99999999999'"));
	assert_non_null(strstr(plan(f, "7x", "two"), "'7x'"));
}

/* What the server may have in hand, or nobody knows about, stays where it is. */
static void who_is_under_way_is_not_moved(void **state)
{
	static const char *const states[] = { "sending", "offered", "in-doubt", "queued" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		struct migration_count n;

		message_is(f, states[i]);
		fixture_apply_with(f, arena_printf(&f->arena, "kind: Pipeline\nname: p\nmailbox: far\nsteps: [{wait: %zu hours}, {note: last}]\n", i + 1),
		                   FIXTURE_MIGRATE, &n);
		assert_int_equal(n.left, i < 3);
		assert_int_equal(n.moved, i == 3);
	}
	assert_int_equal(fixture_number(f, "SELECT r.version - d.version FROM run r JOIN document d ON d.id = r.pipeline"), 0);
}

static void who_stood_on_the_last_step_is_done(void **state)
{
	struct fixture *f = *state;
	struct migration_count n;

	fixture_enroll(f, "noted", "anna@example.org", NULL);
	fixture_apply_with(f, "kind: Pipeline\nname: noted\nsteps: [{email: {subject: S, text: x}, id: later, after: 1 day}]\n", FIXTURE_KEEP, &n);
	go_to(f, 1, 0);
	fixture_apply_with(f, "kind: Pipeline\nname: noted\nsteps: [{tag: other}]\n", FIXTURE_MIGRATE, &n);
	assert_int_equal(n.completed, 1);
	assert_string_equal(fixture_text(f, "SELECT status FROM run ORDER BY id DESC LIMIT 1"), "completed");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(mails_in_each_state),
		T(a_mail_of_a_blocked_run_does_not_go_anyway),
		T(mails_by_the_name_of_their_step),
		T(a_mail_that_was_dropped_is_known),
		T(what_retry_can_do),
		T(what_retry_cannot_do),
		T(a_run_that_there_is_not_is_told),
		T(a_mail_that_cannot_be_is_told),
		T(a_mail_without_a_sender_cannot_be_held),
		T(who_is_sent_to_a_date_that_is_missing_is_blocked),
		T(who_lacks_something_of_the_team_is_tried_again),
		T(who_is_sent_elsewhere_goes_when_it_is_said),
		T(filters_of_runs_are_checked),
		T(people_are_mapped_by_names_and_numbers),
		T(who_is_under_way_is_not_moved),
		T(who_stood_on_the_last_step_is_done),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
