#include "fixture.h"

#include "engine/guard.h"
#include "store/db.h"
#include "tick/work.h"

#include <string.h>
#include <unistd.h>

/* The clock is set while a tick works: at whichever look at it, nothing goes at the wrong time, and nothing is lost. */

static int64_t now_s = MONDAY_9AM, jump_s;
static int looks, jump_at; /* of the clock; at which it jumps; 0: never */

int64_t __wrap_clock_now(void);
int64_t __wrap_clock_now(void)
{
	if (++looks == jump_at)
		now_s += jump_s;
	return now_s;
}

static int real_tick(struct fixture *f, struct err *err)
{
	struct work_options how = { .max = INT64_MAX, .real_time = true };
	struct work_count n;
	struct guard g;
	int got;

	assert_int_equal(guard_lock(db_path(f->db), &g, err), 1);
	how.guard = &g;
	f->e.now = now_s;
	got = work(&f->e, &how, &n, err);
	close(g.fd);
	return got;
}

/* Two people whose mails are due, and a tick in which the clock jumps at one of its looks. Returns how many looks there were. */
static int tick_with_jump(int at, int64_t by)
{
	struct err err = ERR_INIT;
	struct fixture f;
	int got, seen;

	now_s = MONDAY_9AM;
	jump_at = 0;
	fixture_open(&f);
	fixture_apply(&f, "kind: Pipeline\nname: p\nsteps: [{email: {subject: S, text: x}}, {note: n}]\n");
	fixture_add(&f, "a@example.org", NULL);
	fixture_add(&f, "b@example.org", NULL);
	fixture_enroll(&f, "p", "a@example.org", NULL);
	fixture_enroll(&f, "p", "b@example.org", NULL);
	looks = 0;
	jump_at = at;
	jump_s = by;
	got = real_tick(&f, &err);
	seen = looks;
	jump_at = 0;
	assert_int_equal(fixture_number(&f, "SELECT count(*) FROM message WHERE state IN ('sending', 'offered', 'in-doubt')"), 0);
	if (got < 0) {
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_non_null(strstr(err.text, "clock"));
		assert_int_equal(fixture_number(&f, "SELECT count(*) FROM meta WHERE name = 'hold.clock'"), 1);
		err = (struct err)ERR_INIT;
		assert_int_equal(real_tick(&f, &err), -1); /* until somebody says that the clock is right */
		fixture_number(&f, "DELETE FROM meta WHERE name = 'hold.clock' RETURNING 1");
		fixture_tick(&f, now_s);
	} else {
		assert_int_equal(fixture_number(&f, "SELECT count(*) FROM event WHERE type = 'email.sent'"), 2);
	}
	assert_int_equal(fixture_number(&f, "SELECT count(*) FROM event WHERE type = 'email.sent'"), fixture_mails(&f, "hello"));
	fixture_close(&f);
	return seen;
}

static void a_clock_that_jumps_during_a_tick_stops_it(void **state)
{
	static const int64_t jumps[] = { 600, -600, 30 * INT64_C(86400) };
	int all = tick_with_jump(0, 0);

	(void)state;
	assert_true(all > 3);
	for (size_t i = 0; i < ARRAY_LEN(jumps); i++)
		for (int at = 1; at <= all; at++)
			tick_with_jump(at, jumps[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_clock_that_jumps_during_a_tick_stops_it) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
