#include "store_fixture.h"

#include "model/contact.h"
#include "model/run.h"
#include "store/contact_store.h"
#include "store/event_store.h"
#include "store/run_store.h"
#include "store/team_store.h"

/*
 * Where a time begins in the feed (pipectl events --since): what is read from there on is what is read from the very
 * beginning, whatever the clocks did and whoever had ids at hand.
 */

#define EVENTS 600
#define LIST   1000

struct feed {
	struct place *p;
	struct db *hands[3]; /* programs that write at once */
	int64_t teams[2];
	uint32_t seed;
	int made;
};

static uint32_t dice(struct feed *f, uint32_t sides)
{
	f->seed = f->seed * 1664525u + 1013904223u;
	return (f->seed >> 8) % sides;
}

static void make_event(struct db *db, int64_t team, int64_t at)
{
	struct event ev = { .type = "note.added", .at = at, .actor = "tess", .source = "manual", .data = "{}" };

	OK(event_insert(db, team, &ev, &err));
}

/* What a row of its own is. */
static void make_row(struct feed *f, struct db *db, int64_t team, int64_t at)
{
	const char *address = arena_printf(&f->p->arena, "p%d@example.org", f->made);
	struct event ev = { .type = "contact.created", .actor = "tess", .source = "manual" };
	struct contact c = { .email = address, .folded = address, .created_at = at, .updated_at = at };
	struct run r = { .pipeline = 1, .version = 1, .status = RUN_RUNNING, .reason = "", .reason_text = "", .step = 1,
		             .visit = 1, .started_at = at, .mailbox = "", .enroller = "" };

	OK(event_occasion(db, &ev, &c.began, &err));
	OK(contact_insert(db, team, &c, &err));
	ev.type = "run.started";
	OK(event_occasion(db, &ev, &r.began, &err));
	r.contact = c.id;
	IS(1, run_insert(db, team, &r, &err));
}

static void make_at(struct feed *f, int hand, int64_t at, bool commit)
{
	struct txn txn;

	OK(txn_begin(&txn, f->hands[hand], &err));
	make_event(f->hands[hand], f->teams[0], at);
	if (commit)
		OK(txn_commit(&txn, &err));
	else
		txn_release(&txn);
}

static void make_some(struct feed *f, struct db *db, int64_t now)
{
	struct txn txn;

	OK(txn_begin(&txn, db, &err));
	for (uint32_t n = 1 + dice(f, 5); n; n--, f->made++) {
		int64_t team = f->teams[dice(f, 2)], at = dice(f, 9) == 0 ? now - 4000 : now; /* one that was long in the spool */

		if (dice(f, 3) == 0)
			make_row(f, db, team, at);
		else
			make_event(db, team, at);
	}
	if (dice(f, 7) == 0)
		txn_release(&txn);
	else
		OK(txn_commit(&txn, &err));
}

/* Many at the same instant; seldom a night; the clock set a day ahead, and back again. */
static int64_t go_on(struct feed *f, int64_t now)
{
	uint32_t n = dice(f, 40);

	return now + (n == 0 ? 30000 : n == 1 ? 86400 : n == 2 ? -86400 : n == 3 ? -700 : n < 16 ? 0 : 60 * (int64_t)(n % 8));
}

static void feed_open(struct feed *f, struct place *p, uint32_t seed)
{
	static const int64_t blocks[] = { 1, 16, 97 };

	*f = (struct feed){ .p = p, .seed = seed, .hands = { p->db } };
	place_begin(p);
	OK(team_insert(p->db, "a", 1, &f->teams[0], &err));
	OK(team_insert(p->db, "b", 1, &f->teams[1], &err));
	place_commit(p);
	for (int i = 0; i < 3; i++) {
		if (i)
			OK(db_open(p->path, DB_WRITE, &f->hands[i], &err));
		db_id_block(f->hands[i], blocks[i]);
	}
}

static void feed_close(struct feed *f)
{
	db_close(f->hands[1]);
	db_close(f->hands[2]);
}

/* The team's events of an instant and later that are read behind `after`. */
static int read_since(struct feed *f, int64_t team, int64_t after, int64_t since, int64_t *ret)
{
	static struct event list[LIST];
	ARENA_AUTO a = { 0 };
	int n = event_list(f->p->db, team, 0, after, &a, list, LIST, &(struct err)ERR_INIT), wanted = 0;

	assert_in_range(n, 0, LIST - 1);
	for (int i = 0; i < n; i++)
		if (list[i].at >= since)
			ret[wanted++] = list[i].id;
	return wanted;
}

static void compare(struct feed *f, int64_t since)
{
	static int64_t plain[LIST], placed[LIST];
	int64_t place;

	OK(event_place_of(f->p->db, since, &place, &err));
	for (int team = 0; team < 2; team++) {
		int n = read_since(f, f->teams[team], 0, since, plain);

		assert_int_equal(read_since(f, f->teams[team], place, since, placed), n);
		assert_memory_equal(plain, placed, (size_t)n * sizeof *plain);
	}
}

static void compare_all(struct feed *f)
{
	static struct event list[LIST];
	ARENA_AUTO a = { 0 };

	compare(f, INT64_MIN);
	compare(f, INT64_MAX);
	for (int team = 0; team < 2; team++) {
		int n = event_list(f->p->db, f->teams[team], 0, 0, &a, list, LIST, &(struct err)ERR_INIT);

		assert_in_range(n, 100, LIST - 1);
		for (int i = 0; i < n; i += 3)
			for (int64_t by = -1; by <= 1; by++)
				compare(f, list[i].at + by);
	}
}

static void all_since_an_instant_is_behind_its_place(void **state)
{
	struct feed f;
	int64_t now = 1000000;

	feed_open(&f, *state, 7);
	compare(&f, now); /* of nothing yet */
	while (f.made < EVENTS) {
		now = go_on(&f, now);
		make_some(&f, f.hands[dice(&f, 3)], now);
	}
	compare_all(&f);
	assert_true(atoi(place_ask(f.p, "SELECT count(*) FROM feed_mark")) > 2);
	feed_close(&f);
}

/* One that took ids long ago and uses them now, while another one has gone on. */
static void ids_from_before_a_mark_are_not_used_behind_it(void **state)
{
	struct feed f;

	feed_open(&f, *state, 1);
	for (int i = 0; i < 60; i++) {
		int64_t now = 1000000 + 500 * i;

		make_some(&f, f.hands[1 + i % 2], now);
		make_some(&f, f.hands[2 - i % 2], now + 450);
		compare(&f, now);
		compare(&f, now + 450);
	}
	compare_all(&f);
	feed_close(&f);
}

/* The mark went with the rollback: what comes next leaves it again, before another program's. */
static void a_mark_that_was_rolled_back_is_left_again(void **state)
{
	struct feed f;

	feed_open(&f, *state, 1);
	db_id_block(f.hands[0], 16);
	make_at(&f, 0, 1000000, false);
	make_at(&f, 0, 1000001, true);
	make_at(&f, 1, 1000100, true);
	make_at(&f, 0, 1000200, true);
	for (int64_t at = 999999; at < 1000202; at++)
		compare(&f, at);
	feed_close(&f);
}

static void little_is_read_that_happened_before(void **state)
{
	struct feed f;
	int64_t ids[LIST], place;

	feed_open(&f, *state, 1);
	place_begin(f.p);
	for (int i = 0; i < 900; i++)
		make_event(f.p->db, f.teams[0], 1000000 + 20 * i);
	place_commit(f.p);
	for (int i = 0; i < 900; i += 50) {
		OK(event_place_of(f.p->db, 1000000 + 20 * i, &place, &err));
		assert_in_range(read_since(&f, f.teams[0], place, 0, ids), 900 - i, 900 - i + 45);
	}
	feed_close(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_since_an_instant_is_behind_its_place, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(ids_from_before_a_mark_are_not_used_behind_it, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(a_mark_that_was_rolled_back_is_left_again, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(little_is_read_that_happened_before, place_setup, place_teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("where a time begins in the feed", tests, NULL, NULL);
}
