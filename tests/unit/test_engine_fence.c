#include "fixture.h"

#include "engine/alert.h"
#include "engine/lanes.h"
#include "store/message_store.h"
#include "store/page_private.h"
#include "store/queue_store.h"
#include "tick/work.h"

/* A fence that refuses what a claim lets through: that mail must not keep a tick, nor others from going. */

static int setup(void **state)
{
	static struct fixture f;

	fixture_open(&f);
	fixture_apply(&f, "kind: Pipeline\nname: one\nsteps: [{email: {subject: One, text: First.}}]\n");
	*state = &f;
	return 0;
}

static void change(struct fixture *f, const char *sql)
{
	char *why = NULL;
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(f->db_path, &db, SQLITE_OPEN_READWRITE, page_vfs()), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	sqlite3_close(db);
}

static void refuse(struct fixture *f, const char *whose)
{
	change(f, arena_printf(&f->arena, "CREATE TRIGGER refuse BEFORE UPDATE ON message WHEN NEW.state = 'offered' AND NEW.rcpt_to"
	                                  " LIKE '%s' BEGIN SELECT RAISE(IGNORE); END", whose));
}

static struct work_count tick(struct fixture *f, int64_t now)
{
	struct work_options how = { .max = INT64_MAX };
	struct work_count n;

	f->e.now = now;
	OK(work(&f->e, &how, &n, &err));
	return n;
}

static int64_t start(struct fixture *f, const char *email)
{
	fixture_add(f, email, NULL);
	return fixture_enroll(f, "one", email, NULL);
}

static void who_is_refused_waits_for_the_next_minute(void **state)
{
	struct fixture *f = *state;
	struct work_count n;

	start(f, "anna@example.org");
	start(f, "bob@example.org");
	start(f, "carl@example.org");
	refuse(f, "%bob%");
	n = tick(f, MONDAY_9AM + 10);
	assert_int_equal(n.mail.sent, 2);
	assert_in_range(n.mail.claimed, 3, 4);
	assert_string_equal(fixture_text(f, "SELECT state FROM message WHERE rcpt_to LIKE 'bob%'"), "queued");
	assert_int_equal(fixture_number(f, "SELECT due FROM queue"), MONDAY_9AM + 60);
	assert_int_equal(fixture_number(f, "SELECT due_at FROM run WHERE status = 'pending'"), MONDAY_9AM);
	n = tick(f, MONDAY_9AM + 60);
	assert_int_equal(n.mail.sent, 0);
	change(f, "DROP TRIGGER refuse");
	n = tick(f, MONDAY_9AM + 120);
	assert_int_equal(n.mail.sent, 1);
	assert_int_equal(fixture_mails(f, "hello"), 3);
}

static void so_does_a_mail_without_a_run(void **state)
{
	struct fixture *f = *state;
	struct world *w;
	struct loose_mail mail = { .mailbox = "hello", .to = "ops@example.com", .subject = "Test", .text = "A test." };
	struct work_count n;
	struct txn txn;
	int64_t id;

	OK(txn_begin(&txn, f->db, &err));
	OK(engine_world(&f->e, f->team, &w, &err));
	OK(queue_loose_mail(&f->e, w, &mail, &id, &err));
	OK(txn_commit(&txn, &err));
	refuse(f, "ops%");
	n = tick(f, MONDAY_9AM + 10);
	assert_in_range(n.mail.claimed, 1, 2);
	assert_int_equal(fixture_number(f, "SELECT due FROM queue"), MONDAY_9AM + 60);
	change(f, "DROP TRIGGER refuse");
	n = tick(f, MONDAY_9AM + 60);
	assert_int_equal(n.mail.sent, 1);
}

/* What lets the fence refuse once, and is gone when it is claimed again, costs no minute. */
static void who_is_refused_once_goes_at_once(void **state)
{
	struct fixture *f = *state;
	struct work_count n;

	start(f, "anna@example.org");
	change(f, "CREATE TABLE refusals (n INTEGER); CREATE TRIGGER refuse BEFORE UPDATE ON message WHEN NEW.state = 'offered' AND"
	          " NOT EXISTS (SELECT 1 FROM refusals) BEGIN INSERT INTO refusals VALUES (1); SELECT RAISE(IGNORE); END");
	n = tick(f, MONDAY_9AM + 10);
	assert_int_equal(n.mail.claimed, 2);
	assert_int_equal(n.mail.sent, 1);
}

/*
 * The machine sleeps between a mail's DATA and its fence: it goes late then, and the next one, whose slot is just there, must
 * not go at once.
 */
static void a_slot_is_not_free_too_soon_after_a_late_mail(void **state)
{
	struct fixture *f = *state;
	struct mailbox mb = { .limit = { .gap_s = 60 } }, free_mb = { 0 };
	struct claim late = { .team = f->team, .lane = 7, .message = 1, .slot_at = MONDAY_9AM };
	struct claim next = { .team = f->team, .lane = 7, .message = 2, .slot_at = MONDAY_9AM + 60 };
	struct txn t = TXN_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(txn_begin(&t, f->db, &err), 0);
	assert_int_equal(quota_insert(f->db, 7, late.slot_at, 1, &err), 0);
	assert_int_equal(quota_insert(f->db, 7, next.slot_at, 2, &err), 0);
	assert_int_equal(quota_insert(f->db, 7, MONDAY_9AM + 120, 3, &err), 0); /* planned */
	f->e.now = MONDAY_9AM + 60;
	assert_int_equal(lane_slot_is_free(&f->e, &mb, &next, &err), 1);
	assert_int_equal(quota_remove(f->db, 7, late.slot_at, 1, &err), 0);
	late.slot_at = MONDAY_9AM + 61;
	assert_int_equal(quota_insert(f->db, 7, late.slot_at, 1, &err), 0);
	f->e.now = late.slot_at;
	assert_int_equal(lane_slot_is_free(&f->e, &mb, &next, &err), 0);
	assert_int_equal(lane_slot_is_free(&f->e, &free_mb, &next, &err), 1);
	f->e.now = late.slot_at + 58;
	assert_int_equal(lane_slot_is_free(&f->e, &mb, &next, &err), 0);
	f->e.now = late.slot_at + 59; /* a second is nothing */
	next.slot_at = f->e.now;
	assert_int_equal(quota_remove(f->db, 7, MONDAY_9AM + 60, 2, &err), 0);
	assert_int_equal(lane_slot_is_free(&f->e, &mb, &next, &err), 1);
	assert_int_equal(txn_commit(&t, &err), 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(who_is_refused_waits_for_the_next_minute),
		T(so_does_a_mail_without_a_run),
		T(who_is_refused_once_goes_at_once),
		T(a_slot_is_not_free_too_soon_after_a_late_mail),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
