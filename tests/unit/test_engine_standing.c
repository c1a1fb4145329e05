#include "fixture.h"

#include "engine/standing.h"
#include "operate/queued.h"
#include "operate/runs.h"
#include "tick/work.h"

#include <string.h>

/* How a run stands whose mailbox is closed: the one that is due, and the one that is planned for tomorrow. */

enum { HOUR = 3600, DAY = 24 * HOUR };

static const char documents[] =
	"kind: Mailbox\nname: free\nfrom: Free <free@example.com>\nmaildir: FOLDER/free\ninbox_max_age: never\n"
	"---\nkind: Mailbox\nname: slow\nfrom: Slow <slow@example.com>\nmaildir: FOLDER/slow\nlimit: {gap: 10 minutes}\ninbox_max_age: never\n"
	"---\nkind: Mailbox\nname: unread\nfrom: Unread <unread@example.com>\nmaildir: FOLDER/unread\ninbox: drop\n"
	"---\nkind: Pipeline\nname: now\nmailbox: free\nsteps: [{email: {subject: Now, text: x}}, {email: {subject: More, text: x}, after: 2 days}]\n"
	"---\nkind: Pipeline\nname: later\nmailbox: free\nsteps: [{email: {subject: Later, text: x}, after: 1 day}]\n"
	"---\nkind: Pipeline\nname: slow\nmailbox: slow\nsteps: [{email: {subject: Slow, text: x}, hours: always}]\n"
	"---\nkind: Pipeline\nname: unread\nmailbox: unread\nsteps: [{email: {subject: Unread, text: x}}]\n"
	"---\nkind: Pipeline\nname: heedless\nmailbox: unread\nignore: [replied]\nsteps: [{email: {subject: Heedless, text: x}}]\n";

static int setup(void **state)
{
	static const char *const pipelines[] = { "now", "later", "slow", "unread", "heedless" };
	static struct fixture f;

	fixture_open(&f);
	fixture_apply(&f, documents);
	fixture_add(&f, "ann@example.org", NULL);
	for (size_t i = 0; i < ARRAY_LEN(pipelines); i++)
		fixture_enroll(&f, pipelines[i], "ann@example.org", NULL);
	*state = &f;
	return 0;
}

/* "status reason moved next", next as seconds from now; - for nothing. */
static const char *stands_run(struct fixture *f, int64_t id)
{
	STANDINGS_AUTO s = { 0 };
	struct run_standing now;
	struct run r;

	OK(run_load(f->db, f->team, id, &f->arena, &r, &err));
	standings_begin(&s, &f->e, f->team);
	OK(run_standing(&s, &r, &f->arena, &now, &err));
	return arena_printf(&f->arena, "%s %s %s %lld", run_state_text(now.status), *now.reason ? now.reason : "-", *now.moved ? now.moved : "-",
	                    now.next ? (long long)(now.next - f->e.now) : -1LL);
}

#define RUNS_OF "SELECT r.id FROM run r JOIN document d ON d.id = r.pipeline WHERE d.kind = 'Pipeline' AND d.name = '%s' "

static const char *stands(struct fixture *f, const char *pipeline)
{
	return stands_run(f, fixture_number(f, arena_printf(&f->arena, RUNS_OF, pipeline)));
}

static const char *stands_last(struct fixture *f, const char *pipeline)
{
	return stands_run(f, fixture_number(f, arena_printf(&f->arena, RUNS_OF "ORDER BY r.id DESC", pipeline)));
}

static void change(struct fixture *f, const char *sql)
{
	fixture_number(f, arena_printf(&f->arena, "%s RETURNING 1", sql));
}

static void a_mailbox_that_is_closed_holds_what_is_due(void **state)
{
	static const struct {
		const char *reason;
		int hours;          /* it is closed for so long */
		const char *pipeline, *stands;
	} cases[] = {
		{ "", 0, "now", "pending - - 0" },
		{ "", 0, "later", "pending - - 86400" },
		{ "auth", 1, "now", "blocked auth auth -1" },
		{ "auth", 1, "later", "pending - - 86400" },
		{ "settings", 1, "now", "blocked settings settings -1" },
		{ "backoff", 1, "now", "pending backoff backoff 3600" },
		{ "backoff", 1, "later", "pending - - 86400" },
		{ "backoff", 30, "later", "pending - backoff 108000" },
		{ "quota", 1, "now", "blocked quota limit 3600" },
		{ "gap", 1, "now", "pending gap gap 3600" },
		{ "auth", -1, "now", "pending - - 0" },
	};
	struct fixture *f = *state;
	int bad = 0;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *got;

		change(f, arena_printf(&f->arena, "UPDATE lane SET reason = '%s', free_at = %lld, closed_since = %lld WHERE name = 'free'", cases[i].reason,
		                       (long long)(f->e.now + cases[i].hours * HOUR), (long long)f->e.now));
		got = stands(f, cases[i].pipeline);
		if (strcmp(got, cases[i].stands) != 0) {
			print_message("%s for %d hours, %s: %s, not %s\n", cases[i].reason, cases[i].hours, cases[i].pipeline, got, cases[i].stands);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

/* A paused one holds what is due; the rest has still time. */
static void a_mailbox_that_is_paused_holds_what_is_due(void **state)
{
	struct fixture *f = *state;

	change(f, arena_printf(&f->arena, "UPDATE lane SET paused_at = %lld WHERE name = 'free'", (long long)f->e.now));
	assert_string_equal(stands(f, "now"), "pending paused - -1");
	assert_string_equal(stands(f, "later"), "pending - - 86400");
	/* Another text of it opens what is closed, and no pause. */
	fixture_apply(f, "kind: Mailbox\nname: free\nfrom: Frei <free@example.com>\nmaildir: FOLDER/free\ninbox_max_age: never\n");
	assert_string_equal(stands(f, "now"), "pending paused - -1");
}

/* Only runs that an answer would end wait until the inbox is read. */
static void an_inbox_that_nobody_reads_holds_who_may_have_answered(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(stands(f, "unread"), "blocked inbox inbox -1");
	assert_string_equal(stands(f, "heedless"), "pending - - 0");
	fixture_tick(f, f->e.now);
	assert_string_equal(stands(f, "unread"), "blocked inbox inbox -1");
	assert_string_equal(stands(f, "heedless"), "completed - - -1");
	fixture_apply(f, "kind: Mailbox\nname: unread\nfrom: Unread <unread@example.com>\nmaildir: FOLDER/unread\ninbox: drop\ninbox_max_age: never\n");
	assert_string_equal(stands(f, "unread"), "pending - inbox 60");
}

/* A mail that is held, or with the server, is one of the step that it is of: its run may stand elsewhere by now. */
static void a_mail_in_hand_is_that_of_its_step(void **state)
{
	struct fixture *f = *state;

	fixture_tick(f, f->e.now);
	assert_string_equal(stands(f, "now"), "running - - 172800");
	change(f, "UPDATE message SET state = 'held', waits = 1 WHERE subject = 'Now'");
	assert_string_equal(stands(f, "now"), "running - - 172800");
	change(f, "UPDATE run SET step = 1 WHERE id IN (SELECT run FROM message WHERE subject = 'Now')");
	assert_string_equal(stands(f, "now"), "running held - -1");
	change(f, "UPDATE run SET visit = 2 WHERE id IN (SELECT run FROM message WHERE subject = 'Now')");
	assert_string_equal(stands(f, "now"), "running - - 172800");
}

/* The mailbox goes on in the evening, the calendar in the morning. */
static void what_a_mailbox_puts_off_keeps_its_hours(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, "kind: Calendar\nname: office\nopen: {mon-fri: 08:00-18:00}\n"
	                 "---\nkind: Pipeline\nname: later\nmailbox: free\nhours: office\nsteps: [{email: {subject: Later, text: x}, after: 1 day}]\n");
	change(f, arena_printf(&f->arena, "UPDATE lane SET reason = 'backoff', free_at = %lld, closed_since = 1 WHERE name = 'free'",
	                       (long long)(f->e.now + 35 * HOUR)));
	assert_string_equal(stands(f, "later"), arena_printf(&f->arena, "pending - hours %d", 47 * HOUR));
}

/* Of a day are only the limits; a gap may be longer. */
static void a_gap_of_more_than_a_day_holds(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, "kind: Mailbox\nname: slow\nfrom: Slow <slow@example.com>\nmaildir: FOLDER/slow\n"
	                 "limit: {gap: 48 hours, jitter: 24 hours}\ninbox_max_age: never\n");
	fixture_tick(f, MONDAY_9AM);
	assert_int_equal(fixture_mails(f, "slow"), 1);
	f->e.now = MONDAY_9AM + 36 * 3600;
	fixture_add(f, "bob@example.org", NULL);
	fixture_enroll(f, "slow", "bob@example.org", NULL);
	assert_non_null(strstr(stands_last(f, "slow"), " gap "));
	fixture_tick(f, MONDAY_9AM + 36 * 3600);
	assert_int_equal(fixture_mails(f, "slow"), 1);
	assert_non_null(strstr(stands_last(f, "slow"), "gap gap "));
	fixture_tick(f, fixture_number(f, "SELECT free_at FROM lane WHERE name = 'slow'"));
	assert_int_equal(fixture_mails(f, "slow"), 2);
}

static void enroll_in_slow(struct fixture *f, int n)
{
	for (int i = 0; i < n; i++) {
		const char *email = arena_printf(&f->arena, "p%d@example.org", i);

		fixture_add(f, email, NULL);
		fixture_enroll(f, "slow", email, NULL);
	}
}

static void tick_hourly(struct fixture *f, int from, int to)
{
	for (int h = from; h <= to; h++)
		fixture_tick(f, MONDAY_9AM + h * 3600 + 60);
}

/* Limits spread what there is over days; none of it is late while ticks run. */
static void what_a_limit_keeps_waiting_is_not_late(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, "kind: Mailbox\nname: slow\nfrom: Slow <slow@example.com>\nmaildir: FOLDER/slow\n"
	                 "limit: {per_day: 2}\ninbox_max_age: never\n");
	enroll_in_slow(f, 6);
	tick_hourly(f, 0, 24);
	assert_int_equal(fixture_mails(f, "slow"), 4);
	tick_hourly(f, 25, 75);
	assert_int_equal(fixture_mails(f, "slow"), 7);
}

static void send_one(struct fixture *f, int64_t now)
{
	struct work_options how = { .max = 1 };
	struct work_count n;

	f->e.now = now;
	OK(work(&f->e, &how, &n, &err));
}

static void what_trouble_keeps_waiting_is_not_late(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, "kind: Mailbox\nname: slow\nfrom: Slow <slow@example.com>\nmaildir: FOLDER/slow\ninbox_max_age: never\n");
	enroll_in_slow(f, 2);
	change(f, arena_printf(&f->arena, "UPDATE lane SET reason = 'backoff', free_at = %lld WHERE name = 'slow'",
	                       (long long)MONDAY_9AM + 30 * 3600));
	tick_hourly(f, 0, 29);
	assert_int_equal(fixture_mails(f, "slow"), 0);
	for (int i = 0; i < 3; i++)
		send_one(f, MONDAY_9AM + 30 * 3600 + 60 * i);
	assert_int_equal(fixture_mails(f, "slow"), 3);
}

static void what_no_tick_takes_up_is_late_whatever_closed_its_lane(void **state)
{
	struct fixture *f = *state;

	change(f, arena_printf(&f->arena, "UPDATE lane SET reason = 'backoff', free_at = %lld WHERE name = 'slow'",
	                       (long long)MONDAY_9AM + 3600));
	fixture_tick(f, MONDAY_9AM + 26 * 3600);
	assert_int_equal(fixture_mails(f, "slow"), 0);
	assert_string_equal(stands(f, "slow"), "blocked late - -1");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(a_mailbox_that_is_closed_holds_what_is_due),
		T(a_mailbox_that_is_paused_holds_what_is_due),
		T(an_inbox_that_nobody_reads_holds_who_may_have_answered),
		T(a_mail_in_hand_is_that_of_its_step),
		T(what_a_mailbox_puts_off_keeps_its_hours),
		T(a_gap_of_more_than_a_day_holds),
		T(what_a_limit_keeps_waiting_is_not_late),
		T(what_trouble_keeps_waiting_is_not_late),
		T(what_no_tick_takes_up_is_late_whatever_closed_its_lane),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
