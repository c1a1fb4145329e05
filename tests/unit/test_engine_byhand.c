#include "fixture.h"

#include "engine/lanes.h"
#include "engine/parcel.h"
#include "engine/pause.h"
#include "operate/queued.h"
#include "operate/runs.h"
#include "operate/safekeeping.h"
#include "store/message_store.h"

#include <stdio.h>
#include <string.h>

/* What people do while a tick has a mail in hand: the tick and the people are two connections in one process here. */

struct scene {
	struct fixture f;
	struct lane lane;
	int64_t run;
};

static const char short_pipeline[] =
	"kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nmaildir: FOLDER/hello\nlimit: {per_day: 5}\n"
	"---\nkind: Pipeline\nname: short\nsteps:\n  - email: {subject: Only one, text: x}\n    id: only\n"
	"  - email: {subject: Second, text: y}\n    id: second\n    after: 1 day\n";

static int setup(void **state)
{
	static struct scene s;

	s = (struct scene){ 0 };
	fixture_open(&s.f);
	fixture_apply(&s.f, short_pipeline);
	fixture_add(&s.f, "anna@example.org", NULL);
	s.run = fixture_enroll(&s.f, "short", "anna@example.org", NULL);
	OK(lane_find(s.f.db, s.f.team, "mailbox", "hello", &s.f.arena, &s.lane, &err));
	*state = &s;
	return 0;
}

static int teardown(void **state)
{
	fixture_close(&((struct scene *)*state)->f);
	return 0;
}

static void begin(struct scene *s, struct txn *t)
{
	*t = (struct txn)TXN_INIT;
	OK(txn_begin(t, s->f.db, &err));
}

static void commit(struct txn *t)
{
	OK(txn_commit(t, &err));
}

/* As a tick does it; NULL: nothing is due. */
static struct parcel *claim(struct scene *s)
{
	struct world *w = NULL;
	struct parcel *p = NULL;
	struct queue_row row;
	struct txn t;
	int n = 0;

	begin(s, &t);
	OK(engine_world(&s->f.e, s->f.team, &w, &err));
	OK(n = queue_take(s->f.db, s->lane.id, s->f.e.now, &row, 1, &err));
	if (n > 0)
		OK(parcel_claim(&s->f.e, &s->lane, world_mailbox(w, "hello"), &row, s->f.e.now, &p, &err));
	commit(&t);
	return p;
}

static int fence(struct scene *s, struct parcel *p)
{
	struct txn t;
	int got = -1;

	begin(s, &t);
	OK(got = parcel_fence(&s->f.e, p, &err));
	if (got == 0)
		OK(parcel_return(&s->f.e, p, &err));
	commit(&t);
	return got;
}

static void record_sent(struct scene *s, struct parcel *p)
{
	struct txn t;

	p->result = delivery_make(DELIVERY_SENT, PHASE_DOT, "ok");
	begin(s, &t);
	OK(parcel_record(&s->f.e, &s->lane, p, &err));
	commit(&t);
}

static void pause_all(struct scene *s, bool paused)
{
	struct txn t;

	begin(s, &t);
	OK(pause_pipeline(&s->f.e, s->f.team, "short", paused, &err));
	commit(&t);
}

static struct message load_message(struct scene *s)
{
	struct message m = { 0 };

	OK(message_load(s->f.db, s->f.team, fixture_number(&s->f, "SELECT id FROM message"), &s->f.arena, &m, &err));
	return m;
}

static int hold_message(struct scene *s, enum err_kind *ret_kind)
{
	struct message m = load_message(s);
	struct err err = ERR_INIT;
	struct txn t;
	int got;

	begin(s, &t);
	got = queued_hold(&s->f.e, &m, &err);
	*ret_kind = err.kind;
	if (got < 0)
		txn_release(&t);
	else
		commit(&t);
	return got;
}

static void release_message(struct scene *s)
{
	struct message m = load_message(s);
	struct txn t;

	begin(s, &t);
	OK(queued_release(&s->f.e, &m, &err));
	commit(&t);
}

static int64_t count(struct scene *s, const char *table)
{
	return fixture_number(&s->f, arena_printf(&s->f.arena, "SELECT count(*) FROM %s", table));
}

static void a_pause_takes_back_what_is_claimed(void **state)
{
	struct scene *s = *state;
	struct parcel *p = claim(s);

	assert_non_null(p);
	assert_string_equal(fixture_text(&s->f, "SELECT state FROM message"), "sending");
	pause_all(s, true);
	assert_string_equal(fixture_text(&s->f, "SELECT state FROM message"), "queued");
	assert_int_equal(count(s, "claim"), 0);
	assert_int_equal(count(s, "quota"), 0);
	assert_int_equal(fence(s, p), 0);
	parcel_free(p);
	assert_null(claim(s));
	assert_int_equal(count(s, "queue"), 1);
	pause_all(s, false);
}

/* The parcel that was taken back must not take the claim along that a tick made anew since. */
static void a_claim_made_anew_is_left_alone(void **state)
{
	struct scene *s = *state;
	struct parcel *old = claim(s), *anew;

	assert_non_null(old);
	pause_all(s, true);
	pause_all(s, false);
	anew = claim(s);
	assert_non_null(anew);
	assert_int_equal(fence(s, old), 0);
	parcel_free(old);
	assert_int_equal(count(s, "claim"), 1);
	assert_int_equal(count(s, "quota"), 1);
	assert_int_equal(fence(s, anew), 1);
	record_sent(s, anew);
	parcel_free(anew);
	assert_string_equal(fixture_text(&s->f, "SELECT state FROM message"), "sent");
	assert_int_equal(count(s, "claim"), 0);
	assert_int_equal(fixture_number(&s->f, "SELECT steps_done FROM run"), 1);
}

static void a_hold_wins_until_the_fence_and_not_after_it(void **state)
{
	struct scene *s = *state;
	struct parcel *p = claim(s);
	enum err_kind kind;

	assert_non_null(p);
	assert_int_equal(hold_message(s, &kind), 1);
	assert_int_equal(fence(s, p), 0);
	parcel_free(p);
	assert_string_equal(fixture_text(&s->f, "SELECT state FROM message"), "held");
	assert_int_equal(count(s, "queue"), 0);

	release_message(s);
	p = claim(s);
	assert_non_null(p);
	assert_int_equal(fence(s, p), 1);
	assert_int_equal(hold_message(s, &kind), -1);
	assert_int_equal(kind, ERR_REFUSED);
	record_sent(s, p);
	parcel_free(p);
}

static void a_stop_wins_until_the_fence(void **state)
{
	struct scene *s = *state;
	struct parcel *p = claim(s);
	struct run_stop how = { 0 };
	struct txn t;

	assert_non_null(p);
	begin(s, &t);
	OK(run_stop(&s->f.e, s->f.team, s->run, &how, &err));
	commit(&t);
	assert_false(how.under_way);
	assert_int_equal(fence(s, p), 0);
	parcel_free(p);
	assert_string_equal(fixture_text(&s->f, "SELECT state FROM message"), "dropped");
	assert_int_equal(count(s, "claim"), 0);
	assert_int_equal(count(s, "quota"), 0);
}

static void a_stop_behind_the_fence_says_so(void **state)
{
	struct scene *s = *state;
	struct parcel *p = claim(s);
	struct run_stop how = { 0 };
	struct txn t;

	assert_non_null(p);
	assert_int_equal(fence(s, p), 1);
	begin(s, &t);
	OK(run_stop(&s->f.e, s->f.team, s->run, &how, &err));
	commit(&t);
	assert_true(how.under_way);
	record_sent(s, p);
	parcel_free(p);
	assert_string_equal(fixture_text(&s->f, "SELECT state FROM message"), "sent");
	assert_string_equal(fixture_text(&s->f, "SELECT status FROM run"), "stopped");
	assert_int_equal(fixture_number(&s->f, "SELECT mails_sent FROM run"), 0);
}

/* A claim of a run that was stopped and whose tick died gives its slot back, too. */
static void recovery_gives_the_slot_of_a_dropped_mail_back(void **state)
{
	struct scene *s = *state;
	struct run_stop how = { 0 };
	struct txn t;

	parcel_free(claim(s));
	begin(s, &t);
	OK(run_stop(&s->f.e, s->f.team, s->run, &how, &err));
	commit(&t);
	assert_int_equal(count(s, "quota"), 1);
	fixture_tick(&s->f, s->f.e.now);
	assert_int_equal(count(s, "claim"), 0);
	assert_int_equal(count(s, "quota"), 0);
	assert_int_equal(fixture_mails(&s->f, "hello"), 0);
}

/* The tick writes its copy of the lane, which it read before. */
static void a_tick_does_not_undo_a_pause_of_its_mailbox(void **state)
{
	struct scene *s = *state;
	struct parcel *p = claim(s);
	struct txn t;

	assert_non_null(p);
	begin(s, &t);
	OK(pause_mailbox(&s->f.e, s->f.team, "hello", true, &err));
	commit(&t);
	begin(s, &t);
	OK(lane_back_off(&s->f.e, &s->lane, "no route", &err));
	OK(lane_works(&s->f.e, &s->lane, &err));
	commit(&t);
	assert_int_equal(fixture_number(&s->f, "SELECT paused_at > 0 FROM lane WHERE kind = 'mailbox'"), 1);
	assert_int_equal(fence(s, p), 0);
	parcel_free(p);
	fixture_tick(&s->f, s->f.e.now);
	assert_int_equal(fixture_mails(&s->f, "hello"), 0);
}

static void an_answer_for_a_mail_that_was_taken_back_changes_nothing(void **state)
{
	struct scene *s = *state;
	struct parcel *p = claim(s);
	enum err_kind kind;
	struct txn t;

	assert_non_null(p);
	assert_int_equal(hold_message(s, &kind), 1);
	p->result = delivery_make(DELIVERY_RETRY, PHASE_RCPT, "come again");
	begin(s, &t);
	OK(parcel_record(&s->f.e, &s->lane, p, &err));
	commit(&t);
	parcel_free(p);
	assert_string_equal(fixture_text(&s->f, "SELECT state FROM message"), "held");
	assert_int_equal(count(s, "queue"), 0);
}

static void goto_counts_the_ways_through_the_steps(void **state)
{
	struct scene *s = *state;
	struct traveller t;
	struct txn txn;

	fixture_tick(&s->f, MONDAY_9AM);
	fixture_tick(&s->f, MONDAY_9AM + 86400);
	assert_string_equal(fixture_text(&s->f, "SELECT status FROM run"), "completed");
	s->run = fixture_enroll(&s->f, "short", "anna@example.org", NULL);
	fixture_tick(&s->f, MONDAY_9AM + 2 * 86400);
	begin(s, &txn);
	OK(traveller_load(&s->f.e, s->f.team, s->run, &s->f.arena, &t, &err));
	OK(run_goto(&s->f.e, &t, 0, 0, &err));
	commit(&txn);
	fixture_tick(&s->f, MONDAY_9AM + 3 * 86400);
	fixture_tick(&s->f, MONDAY_9AM + 4 * 86400);
	assert_string_equal(fixture_text(&s->f, arena_printf(&s->f.arena,
	                        "SELECT group_concat(step || '.' || visit, ' ') FROM message WHERE run = %lld AND state = 'sent'",
	                        (long long)s->run)), "1.1 1.2 2.2");
	assert_string_equal(fixture_text(&s->f, "SELECT status FROM run ORDER BY id DESC LIMIT 1"), "completed");
}

/* A claim with the bytes of a backup, and no answer: never sent again, and a second acceptance finds nothing. */
static void an_accepted_backup_leaves_nothing_due(void **state)
{
	struct scene *s = *state;
	struct err problem = ERR_INIT;
	struct accept_count n;
	struct txn t;

	parcel_free(claim(s));
	begin(s, &t);
	OK(meta_set(s->f.db, "hold.restore", "a backup was restored", &err));
	commit(&t);
	assert_int_equal(safekeep_accept(&s->f.e, false, &n, &problem), 1);
	assert_int_equal(n.in_doubt, 1);
	assert_int_equal(safekeep_accept(&s->f.e, false, &n, &problem), 0);
	fixture_tick(&s->f, s->f.e.now + 86400);
	assert_int_equal(fixture_mails(&s->f, "hello"), 0);
	assert_string_equal(fixture_text(&s->f, "SELECT state || ' ' || reason FROM message JOIN run ON run.id = run"),
	                    "in-doubt in-doubt");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_pause_takes_back_what_is_claimed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_claim_made_anew_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(a_hold_wins_until_the_fence_and_not_after_it, setup, teardown),
		cmocka_unit_test_setup_teardown(a_stop_wins_until_the_fence, setup, teardown),
		cmocka_unit_test_setup_teardown(a_stop_behind_the_fence_says_so, setup, teardown),
		cmocka_unit_test_setup_teardown(recovery_gives_the_slot_of_a_dropped_mail_back, setup, teardown),
		cmocka_unit_test_setup_teardown(a_tick_does_not_undo_a_pause_of_its_mailbox, setup, teardown),
		cmocka_unit_test_setup_teardown(an_answer_for_a_mail_that_was_taken_back_changes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(goto_counts_the_ways_through_the_steps, setup, teardown),
		cmocka_unit_test_setup_teardown(an_accepted_backup_leaves_nothing_due, setup, teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
