#include "fixture.h"

#include "operate/runs.h"
#include "people/people.h"
#include "rehearse/simulate.h"

#include <string.h>

/* Instants that never come: a calendar that does not open any more. */

#define OPEN   "kind: Calendar\nname: office\nopen: {mon-fri: 08:00-18:00}\n"
#define CLOSED OPEN "closed: [2026-01-01..2046-01-01]\n"

static int setup(void **state)
{
	static struct fixture f;

	fixture_open(&f);
	fixture_apply(&f, OPEN "---\nkind: Pipeline\nname: office-hours\nhours: office\nsteps: [{email: {subject: In hours, text: x}}]\n"
	                  "---\nkind: Pipeline\nname: anytime\nsteps: [{email: {subject: At any time, text: x}}]\n"
	                  "---\nkind: Pipeline\nname: working\nhours: office\nsteps: [{tag: begun}, {wait: 3 business days}, {tag: over}]\n"
	                  "---\nkind: Pipeline\nname: calling\nhours: office\n"
	                  "steps: [{wait: 1 day}, {task: Call, due: 3 business days}, {tag: over}]\n");
	fixture_add(&f, "anna@example.org", NULL);
	fixture_add(&f, "bob@example.org", NULL);
	*state = &f;
	return 0;
}

static const char *run_in(struct fixture *f, const char *pipeline)
{
	return fixture_text(f, arena_printf(&f->arena, "SELECT r.status || ' ' || r.reason || ': ' || r.reason_text FROM run r"
	                                    " JOIN document d ON d.id = r.pipeline WHERE d.name = '%s'", pipeline));
}

/* It was queued while the calendar was open; nobody else waits for it. */
static void hours_that_never_come_block_their_runs_alone(void **state)
{
	struct fixture *f = *state;
	struct retry_result got;
	struct txn t = TXN_INIT;

	fixture_enroll(f, "office-hours", "anna@example.org", NULL);
	fixture_enroll(f, "anytime", "bob@example.org", NULL);
	fixture_apply(f, CLOSED);
	fixture_tick(f, MONDAY_9AM);
	assert_string_equal(run_in(f, "office-hours"), "blocked template: the calendar does not open within 10 years");
	assert_string_equal(run_in(f, "anytime"), "completed : ");
	assert_int_equal(fixture_mails(f, "hello"), 1);
	fixture_apply(f, OPEN);
	OK(txn_begin(&t, f->db, &err));
	OK(run_retry_by_hand(&f->e, f->team, fixture_number(f, "SELECT id FROM run WHERE status = 'blocked'"), &f->arena, &got, &err));
	OK(txn_commit(&t, &err));
	fixture_tick(f, MONDAY_9AM);
	assert_string_equal(run_in(f, "office-hours"), "completed : ");
	assert_int_equal(fixture_mails(f, "hello"), 2);
}

static void who_is_sent_to_hours_that_never_come_is_blocked(void **state)
{
	struct fixture *f = *state;
	struct traveller who;
	struct txn t = TXN_INIT;
	int64_t run = fixture_enroll(f, "office-hours", "anna@example.org", NULL);

	fixture_apply(f, CLOSED);
	OK(txn_begin(&t, f->db, &err));
	OK(engine_refresh(&f->e, &err));
	OK(traveller_load(&f->e, f->team, run, &f->arena, &who, &err));
	OK(run_goto(&f->e, &who, 0, MONDAY_9AM + 60, &err));
	OK(txn_commit(&t, &err));
	assert_string_equal(run_in(f, "office-hours"), "blocked template: the calendar does not open within 10 years");
}

static void delays_that_never_end_block(void **state)
{
	struct fixture *f = *state;

	fixture_enroll(f, "working", "anna@example.org", NULL);
	fixture_enroll(f, "calling", "anna@example.org", NULL);
	fixture_apply(f, CLOSED);
	fixture_tick(f, MONDAY_9AM);
	assert_string_equal(run_in(f, "working"), "blocked template: the calendar has no open day for 10 years");
	fixture_tick(f, MONDAY_9AM + 86400);
	assert_string_equal(run_in(f, "calling"), "blocked template: the calendar has no open day for 10 years");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM task"), 0);
}

static void who_enters_then_is_blocked_at_once(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, CLOSED);
	fixture_enroll(f, "office-hours", "anna@example.org", NULL);
	assert_string_equal(run_in(f, "office-hours"), "blocked template: the calendar does not open within 10 years");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM queue"), 0);
}

static void add_line(const struct sim_line *line, void *ctx)
{
	buf_addf(ctx, "%s %s\n", sim_word(line), line->text);
}

static const char *rehearse(struct fixture *f, const char *pipeline)
{
	BUF_AUTO out = BUF_INIT(4096);
	struct simulation how = { .from = MONDAY_9AM, .until = MONDAY_9AM + 30 * 86400, .enroller = "tester", .each = add_line, .ctx = &out };
	struct contact c;
	struct world *w = NULL;

	OK(engine_world(&f->e, f->team, &w, &err));
	OK(people_find(&f->e, w, "anna@example.org", &f->arena, &c, &err));
	OK(simulate(&f->e, w, world_pipeline(w, pipeline), &c, &how, &f->arena, &err));
	return arena_strdup(&f->arena, out.s);
}

static void a_simulation_says_the_same(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, CLOSED);
	assert_string_equal(rehearse(f, "office-hours"), "blocked the calendar does not open within 10 years\n");
	assert_string_equal(rehearse(f, "working"), "tag begun\nblocked the calendar has no open day for 10 years\n");
	assert_string_equal(rehearse(f, "calling"), "blocked the calendar has no open day for 10 years\n");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(hours_that_never_come_block_their_runs_alone),
		T(who_is_sent_to_hours_that_never_come_is_blocked),
		T(delays_that_never_end_block),
		T(who_enters_then_is_blocked_at_once),
		T(a_simulation_says_the_same),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
