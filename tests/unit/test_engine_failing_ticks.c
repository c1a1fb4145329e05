#include "failing_scene.h"

#include "engine/alert.h"
#include "engine/guard.h"
#include "engine/lanes.h"
#include "engine/parcel.h"
#include "engine/pause.h"
#include "operate/queued.h"
#include "operate/runs.h"
#include "operate/safekeeping.h"
#include "people/prune.h"
#include "store/queue_store.h"
#include "tick/work.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each statement behind each call of the engine fails: told, and nothing is half done. What a tick does, and what goes in parts. */

/* What a tick does with a mail: taken, offered, and what came of it, in one transaction here. */

static const char *lane_name = "free";

static int load_lane(struct fixture *f, struct lane *ret, struct err *err)
{
	return found(lane_find(f->db, f->team, "mailbox", lane_name, &f->arena, ret, err));
}

enum { ANEW = 100 };

/* outcome: 1 + one of enum delivery_outcome, + ANEW: somebody changed something meanwhile; 0: it is not offered. */
static int deliver_one(struct fixture *f, int64_t outcome, struct err *err)
{
	struct parcel *p = NULL;
	struct queue_row row;
	struct world *w;
	struct lane l;
	int got = load_lane(f, &l, err) < 0 || load_world(f, &w, err) < 0 ? -1 : queue_take(f->db, l.id, f->e.now, &row, 1, err);

	if (got > 0)
		got = parcel_claim(&f->e, &l, world_mailbox(w, lane_name), &row, f->e.now, &p, err);
	if (got <= 0)
		return got;
	f->e.changes += outcome >= ANEW;
	if (outcome % ANEW == 0) {
		got = parcel_return(&f->e, p, err);
	} else {
		got = parcel_fence(&f->e, p, err);
		p->result = delivery_make((enum delivery_outcome)(outcome % ANEW - 1), PHASE_DOT, "said the server");
		if (got > 0)
			got = parcel_record(&f->e, &l, p, err);
	}
	parcel_free(p);
	return got;
}

/* All are in doubt, or back in the queue; and once nothing of it. */
static int recover_all(struct fixture *f, int64_t id, struct err *err)
{
	struct claim *claims;
	int n = claim_list(f->db, &f->arena, &claims, err);
	(void)id;

	for (int i = 0; i < n; i++)
		if (parcel_recover(&f->e, &claims[i], err) < 0)
			return -1;
	return n < 0 ? -1 : 0;
}

static int take_back(struct fixture *f, int64_t message, struct err *err)
{
	return parcel_take_back(&f->e, f->team, message, err) < 0 ? -1 : 0;
}

/* A tick takes a mail and ends; with `offer` its last byte may have left. */
static void leave_claim(struct fixture *f, bool offer)
{
	struct parcel *p = NULL;
	struct queue_row row;
	struct txn t = TXN_INIT;
	struct world *w = NULL;
	struct lane l;
	int n = 0;

	OK(txn_begin(&t, f->db, &err));
	OK(load_lane(f, &l, &err));
	OK(load_world(f, &w, &err));
	OK(n = queue_take(f->db, l.id, f->e.now, &row, 1, &err));
	assert_int_equal(n, 1);
	OK(n = parcel_claim(&f->e, &l, world_mailbox(w, lane_name), &row, f->e.now, &p, &err));
	assert_int_equal(n, 1);
	if (offer)
		OK(parcel_fence(&f->e, p, &err));
	parcel_free(p);
	OK(txn_commit(&t, &err));
}

static const char hurried[] = "---\nkind: Pipeline\nname: hurry\nmailbox: free\nsteps: [{email: {subject: H, text: x}}, {note: n}]\n";

static void hurry(struct fixture *f, int n)
{
	for (int i = 0; i < n; i++) {
		const char *email = arena_printf(&f->arena, "h%lld@example.org", (long long)fixture_number(f, "SELECT count(*) FROM contact"));

		fixture_add(f, email, NULL);
		assert_true(fixture_enroll(f, "hurry", email, NULL) > 0);
	}
}

static int look_lane(struct fixture *f, int64_t what, struct err *err)
{
	struct lane l;

	if (load_lane(f, &l, err) < 0)
		return -1;
	if (what == 1)
		return lane_suspend(&f->e, &l, "auth", "535 no", err);
	if (what == 2)
		return lane_back_off(&f->e, &l, "away", err);
	if (what == 3)
		return alert_mailbox_guarded(&f->e, &l, "too many", err);
	return lane_works(&f->e, &l, err);
}

static int flush(struct fixture *f, int64_t id, struct err *err)
{
	struct flush_count n;
	(void)id;

	return queued_flush(&f->e, f->team, NULL, &n, err);
}

#define OUTCOME(name, outcome) CALL_WITH(name, IN_TXN, deliver_one, outcome + 1)

static void what_becomes_of_a_mail(void **state)
{
	static const struct call runs[] = {
		OUTCOME("sent", DELIVERY_SENT), OUTCOME("sent, documents anew", ANEW + DELIVERY_SENT), OUTCOME("not now", DELIVERY_RETRY), OUTCOME("not now, anew", ANEW + DELIVERY_RETRY),
		OUTCOME("no such person", DELIVERY_RECIPIENT), OUTCOME("no such person, anew", ANEW + DELIVERY_RECIPIENT), OUTCOME("refused", DELIVERY_REFUSED), OUTCOME("refused, anew", ANEW + DELIVERY_REFUSED),
		OUTCOME("wrong password", DELIVERY_AUTH), OUTCOME("wrong settings", DELIVERY_SETTINGS), OUTCOME("in doubt", DELIVERY_IN_DOUBT), OUTCOME("in doubt, anew", ANEW + DELIVERY_IN_DOUBT),
		CALL("not offered", IN_TXN, deliver_one), CALL_WITH("not offered, anew", IN_TXN, deliver_one, ANEW),
	};
	static const struct call letters[] = {
		CALL("a letter", IN_TXN, write_letter), OUTCOME("a letter is sent", DELIVERY_SENT),
		CALL("a letter", IN_TXN, write_letter), OUTCOME("a letter comes again", DELIVERY_RETRY),
		CALL("a letter", IN_TXN, write_letter), OUTCOME("a letter is refused", DELIVERY_REFUSED),
		CALL("a letter", IN_TXN, write_letter), OUTCOME("a letter is in doubt", DELIVERY_IN_DOUBT),
		CALL("a letter", IN_TXN, write_letter), CALL("a letter is not offered", IN_TXN, deliver_one),
		CALL("what was put off goes at once", IN_TXN, flush),
	};
	static const struct call lanes[] = {
		CALL_WITH("a password is refused", IN_TXN, look_lane, 1), CALL_WITH("once more", IN_TXN, look_lane, 1),
		CALL("it works again", IN_TXN, look_lane), CALL_WITH("nobody is there", IN_TXN, look_lane, 2),
		CALL_WITH("too many bounces", IN_TXN, look_lane, 3),
	};
	struct fixture *f = *state;

	lane_name = "free";
	fixture_apply(f, hurried);
	for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
		hurry(f, 1);
		fails_everywhere(f, &runs[i]);
		fixture_number(f, "DELETE FROM queue WHERE item IN (SELECT id FROM run WHERE status = 'pending')");
	}
	for (size_t i = 0; i < ARRAY_LEN(letters); i++)
		fails_everywhere(f, &letters[i]);
	for (size_t i = 0; i < ARRAY_LEN(lanes); i++)
		fails_everywhere(f, &lanes[i]);
}

static void what_a_tick_left(void **state)
{
	static const struct call back = CALL_OF("taken back", IN_TXN, take_back, MAIL_IN("sending"));
	static const struct call recovered = CALL("recovered", IN_TXN, recover_all);
	struct fixture *f = *state;

	lane_name = "free";
	fixture_apply(f, hurried);
	hurry(f, 2);
	leave_claim(f, false);
	fails_everywhere(f, &back);
	leave_claim(f, false);
	leave_claim(f, true);
	fails_everywhere(f, &recovered);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM message m JOIN run r ON r.id = m.run JOIN document d ON d.id = r.pipeline"
	                                   " WHERE d.name = 'hurry' AND m.state IN ('queued', 'in-doubt')"), 2);
}

/* All together, and what goes in parts. */

static int tick(struct fixture *f, int64_t later, struct err *err)
{
	struct work_options how = { .max = INT64_MAX };
	struct work_count n;
	int64_t now = f->e.now;
	int got;

	f->e.now += later;
	got = work(&f->e, &how, &n, err);
	f->e.now = now;
	return got;
}

/* As cron runs it: with the lock, whose file says what the last tick saw. */
static int real_tick(struct fixture *f, int64_t newest, struct err *err)
{
	struct work_options how = { .max = INT64_MAX, .real_time = true };
	struct work_count n;
	struct guard g;
	int got = guard_lock(db_path(f->db), &g, err);

	if (got <= 0)
		return -1;
	g.newest = newest;
	how.guard = &g;
	got = work(&f->e, &how, &n, err);
	close(g.fd);
	return got < 0 && err->kind == ERR_CONFIG ? 0 : got; /* it is held now, and says so */
}

/* The machine slept, or somebody set the clock. */
static int tick_of_jump(struct fixture *f, int64_t id, struct err *err)
{
	struct work_options how = { .max = INT64_MAX, .real_time = true };
	struct work_count n;
	struct guard g;
	int got = guard_lock(db_path(f->db), &g, err);
	(void)id;

	if (got <= 0)
		return -1;
	g.last = f->e.now + DAY;
	how.guard = &g;
	got = work(&f->e, &how, &n, err);
	close(g.fd);
	return got < 0 && err->kind == ERR_CONFIG ? 0 : got;
}

/* `pipe-tick --login`: the one mailbox is tried, whatever it waits for. */
static int try_login(struct fixture *f, int64_t id, struct err *err)
{
	struct work_options how = { .max = INT64_MAX, .login = "far" };
	struct work_count n;
	(void)id;

	return work(&f->e, &how, &n, err);
}

/* What a web form left: an order, and a file that is none. They lie there before each try. */
static int drain_spool(struct fixture *f, int64_t id, struct err *err)
{
	static const char *const texts[] = { "{\"team\": \"sales\", \"contact\": \"p3@example.org\", \"type\": \"order.placed\", \"id\": \"web-1\","
		                             " \"data\": {\"total\": 3}}", "no event" };

	(void)mkdir(arena_printf(&f->arena, "%s.spool", f->db_path), 0700);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		FILE *file = fopen(arena_printf(&f->arena, "%s.spool/%zu", f->db_path, i), "w");

		assert_non_null(file);
		fputs(texts[i], file);
		fclose(file);
	}
	return tick(f, id, err);
}

/* A password file that changed is tried at once. */
static int try_password(struct fixture *f, int64_t id, struct err *err)
{
	struct lane_watch w = { .team = f->team, .lane = id, .path = f->db_path, .stamp = "another" };
	struct txn t = TXN_INIT;
	int got = txn_begin(&t, f->db, err);

	if (got == 0)
		got = lane_watch_set(f->db, f->team, &w, err);
	if (got == 0)
		got = txn_commit(&t, err);
	txn_release(&t);
	return got < 0 ? -1 : tick(f, 0, err);
}

static int prune(struct fixture *f, int64_t id, struct err *err)
{
	struct prune_rules rules = { .events = { .seconds = 1 }, .messages = { .seconds = 1 } };
	struct prune_count n;
	int64_t now = f->e.now;
	int got;
	(void)id;

	f->e.now += 400 * DAY;
	got = prune_team(&f->e, f->team, &rules, &n, err);
	f->e.now = now;
	return got;
}

static int accept_restored(struct fixture *f, int64_t id, struct err *err)
{
	struct accept_count n;
	(void)id;

	return safekeep_accept(&f->e, false, &n, err) < 0 ? -1 : 0;
}

static int accept_clock(struct fixture *f, int64_t id, struct err *err)
{
	(void)id;
	return safekeep_accept_clock(&f->e, err) < 0 ? -1 : 0;
}

static int move_people(struct fixture *f, int64_t id, struct err *err)
{
	struct migration_request want = { 0 };
	struct migration_count n;
	struct world *w;
	(void)id;

	if (load_world(f, &w, err) < 0)
		return -1;
	want.now = world_pipeline(w, "two");
	return migrate_people(&f->e, f->team, world_pipeline(w, "two")->id, &want, NULL, &n, err);
}

static void what_goes_in_parts(void **state)
{
	static const struct call ticks[] = {
		CALL("a tick at once", PARTS, tick),
		CALL_WITH("a tick an hour later", PARTS, tick, 3600),
		CALL_WITH("a tick days later", PARTS, tick, 200000),
		CALL_OF("a tick with another password", PARTS, try_password, LANE_OF("far")),
		CALL_WITH("a tick of a copy that is older", PARTS, real_tick, INT64_C(1) << 40),
		CALL("prune", PARTS, prune),
	};
	struct fixture *f = *state;

	lane_name = "free";
	fixture_apply(f, hurried);
	hurry(f, 3);
	leave_claim(f, true);
	for (size_t i = 0; i < ARRAY_LEN(ticks); i++)
		fails_everywhere(f, &ticks[i]);
}

static void what_a_tick_is_asked_for(void **state)
{
	static const struct call login = CALL("a login", PARTS, try_login), spool = CALL("a spool", PARTS, drain_spool);
	static const struct call jump = CALL("a clock that jumped", PARTS, tick_of_jump);
	struct fixture *f = *state;

	fails_everywhere(f, &login);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM lane WHERE name = 'far' AND reason <> ''"), 1);
	fails_everywhere(f, &spool);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM event WHERE type = 'order.placed'"), 1);
	fails_everywhere(f, &jump);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM meta WHERE name = 'hold.clock'"), 1);
}

/* A resume was interrupted: what waits aside goes on with the next tick, all of it or, when that fails, with the one behind. */
static void what_a_resume_left_aside(void **state)
{
	static const struct call c = CALL_WITH("a tick", PARTS, tick, HOUR);
	struct fixture *f = *state;
	struct txn t = TXN_INIT;

	OK(txn_begin(&t, f->db, &err));
	OK(pause_pipeline(&f->e, f->team, "local", true, &err));
	OK(txn_commit(&t, &err));
	fixture_tick(f, MONDAY_9AM + HOUR);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM queue q JOIN lane l ON l.id = q.lane WHERE l.kind = 'parked'"), 1);
	fixture_number(f, "UPDATE document SET paused = 0 WHERE name = 'local' RETURNING 1");
	fixture_number(f, "UPDATE team SET generation = generation + 1 RETURNING 1");
	fails_everywhere(f, &c);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM queue q JOIN lane l ON l.id = q.lane WHERE l.kind = 'parked'"), 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM tag_contact WHERE tag = 'a'"), 1);
}

static void what_a_restored_database_had_in_hand(void **state)
{
	static const struct call calls[] = {
		CALL("accept a backup", PARTS, accept_restored),
		CALL("accept a clock", WHOLE, accept_clock),
	};
	static const struct call letter = CALL("a letter", IN_TXN, write_letter);
	struct fixture *f = *state;

	lane_name = "free";
	fixture_apply(f, hurried);
	hurry(f, 3);
	leave_claim(f, true);
	leave_claim(f, false);
	fails_everywhere(f, &letter);
	f->e.now += 30 * DAY;
	fixture_number(f, "INSERT INTO meta (name, value) VALUES ('hold.restore', 'x')");
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		fails_everywhere(f, &calls[i]);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM message WHERE state IN ('sending', 'offered', 'queued')"), 0);
}

static void people_who_move(void **state)
{
	static const struct call moved = CALL("people move to other steps", PARTS, move_people);
	struct migration_count n;
	struct fixture *f = *state;

	fixture_apply_with(f, "kind: Pipeline\nname: two\nmailbox: hello\nsteps: [{wait: 1 hour}, {email: {subject: Two, text: y}, id: two}]\n",
	                   FIXTURE_KEEP, &n);
	fails_everywhere(f, &moved);
	assert_int_equal(fixture_number(f, "SELECT count(DISTINCT r.version) FROM run r JOIN document d ON d.id = r.pipeline"
	                                   " WHERE d.name = 'two' AND r.status NOT IN ('completed', 'stopped')"), 1);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, scene_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(what_becomes_of_a_mail),
		T(what_a_tick_left),
		T(what_goes_in_parts),
		T(what_a_tick_is_asked_for),
		T(what_a_resume_left_aside),
		T(what_a_restored_database_had_in_hand),
		T(people_who_move),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, report_failures);
}
