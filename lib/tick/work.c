#include "tick/work.h"

#include "base/clock.h"
#include "engine/chunk.h"
#include "engine/crash.h"
#include "engine/hold.h"
#include "engine/parcel.h"
#include "engine/parking.h"
#include "store/queue_store.h"
#include "tick/spool.h"
#include "tick/watch.h"

#include <string.h>

#define ID_BLOCK        128 /* ids taken from the file at once */
#define ROWS_PER_COMMIT 200
#define MINUTE_MS       60000
#define EXTRA_MS        (5 * MINUTE_MS) /* so much longer than other ticks one works that waits for an answer */

/* quarantined: ticks have died over it. */
static int move_run(struct engine *e, const struct lane *l, const struct queue_row *q, bool quarantined, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct traveller t;
	int got = traveller_load(e, l->team, q->item, &a, &t, err);

	if (got <= 0)
		return got;
	t.run.lane = 0;
	if (t.pipeline->paused_at || !t.pipeline->active)
		return run_park(e, &t, q, err);
	if (quarantined)
		return run_block(e, &t, BLOCK_QUARANTINED, "the program crashed three times over this step", err);
	return run_execute(e, &t, err);
}

static int take_run(struct engine *e, const struct lane *l, const struct queue_row *q, struct err *err)
{
	int deaths, got = queue_remove(e->db, q, err);

	if (got <= 0)
		return got;
	deaths = crash_enter(e, q->item, err);
	if (deaths < 0 || move_run(e, l, q, deaths >= CRASH_LIMIT, err) < 0)
		return -1;
	return crash_leave(e, q->item, deaths, err);
}

/* One transaction of a lane without mail. Returns how many runs were moved. */
static int move_some(struct engine *e, const struct lane *l, struct err *err)
{
	struct queue_row rows[ROWS_PER_COMMIT];
	int64_t until = clock_monotonic_ms() + CHUNK_MS;
	int n, i;
	TXN_AUTO txn = TXN_INIT;

	n = queue_due(e->db, l->id, e->now, rows, ROWS_PER_COMMIT, err);
	if (n <= 0)
		return n;
	if (txn_begin(&txn, e->db, err) < 0 || engine_refresh(e, err) < 0)
		return -1;
	for (i = 0; i < n && chunk_has_time(i, until); i++)
		if (take_run(e, l, &rows[i], err) < 0)
			return -1;
	return txn_commit(&txn, err) < 0 ? -1 : i;
}

/* All lanes without mail, in turns. Returns how many runs were moved. */
static int move_all(struct engine *e, int64_t team, const struct deliver_limits *limits, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct lane *lanes;
	int moved = 0, some = 1, n = lane_list(e->db, team, &a, &lanes, err);

	while (some > 0 && deliver_may_begin(limits)) {
		some = 0;
		for (int i = 0; i < n; i++) {
			int got = strcmp(lanes[i].kind, "local") == 0 ? move_some(e, &lanes[i], err) : 0;

			if (got < 0)
				return -1;
			some += got;
		}
		moved += some;
	}
	return n < 0 ? -1 : moved;
}

/* What another tick left when it died: with its lock in our hands that is free again at once. */
static int recover(struct engine *e, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct claim *claims;
	int n;
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, e->db, err) < 0 || crash_collect(e, err) < 0)
		return -1;
	n = claim_list(e->db, &a, &claims, err);
	for (int i = 0; i < n; i++)
		if (parcel_recover(e, &claims[i], err) < 0)
			return -1;
	if (n < 0 || txn_commit(&txn, err) < 0)
		return -1;
	crash_collected();
	return 0;
}

static int hold_clock(struct engine *e, const char *why, struct err *err)
{
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, e->db, err) < 0 || meta_set(e->db, HOLD_CLOCK, why, err) < 0 || txn_commit(&txn, err) < 0)
		return -1;
	return err_set(err, ERR_CONFIG, "%s: nothing is sent; if the clock is right now, run: pipectl clock accept", why);
}

/*
 * Ids are never given twice: a database that has given fewer than the last tick saw is a copy from before that tick,
 * put in its place by other means than `pipectl restore`. What it thinks is due may have been sent.
 */
static int check_age(struct engine *e, const struct guard *g, struct err *err)
{
	static const char why[] = "the database is older than at the last tick: was a copy put in its place?";
	int64_t newest;
	TXN_AUTO txn = TXN_INIT;

	if (db_newest_id(e->db, "item", &newest, err) < 0)
		return -1;
	if (newest >= g->newest)
		return 0;
	if (txn_begin(&txn, e->db, err) < 0 || meta_set(e->db, HOLD_RESTORE, why, err) < 0 || txn_commit(&txn, err) < 0)
		return -1;
	return err_set(err, ERR_CONFIG, "%s Nothing is sent until: pipectl restore --accept", why);
}

/* Nothing may be sent after a jump of the clock or a restored backup until somebody says so. */
static int check_holds(struct engine *e, const struct work_options *how, bool *ret_told, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct hold h;
	const char *why;
	int got = hold_find(e->db, !how->real_time, &a, &h, err);

	*ret_told = got > 0;
	if (got < 0)
		return -1;
	if (got > 0 && h.command)
		return err_set(err, ERR_BUSY, "%s; nothing is sent until: %s", h.why, h.command);
	if (got > 0)
		return err_set(err, ERR_BUSY, "%s; nothing is sent from it any more", h.why);
	if (how->real_time && check_age(e, how->guard, err) < 0)
		return -1;
	why = how->real_time ? guard_jump(how->guard, e->now) : NULL;
	return why ? hold_clock(e, why, err) : 0;
}

static int try_lane(struct engine *e, const struct lane_watch *w, struct arena *a, struct err *err)
{
	struct lane l;
	int got;
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, e->db, err) < 0)
		return -1;
	got = lane_load(e->db, w->team, w->lane, a, &l, err);
	if (got > 0)
		got = lane_try_once(e, &l, err);
	if (got < 0 || lane_watch_set(e->db, w->team, w, err) < 0)
		return -1;
	return txn_commit(&txn, err);
}

/* One login for each mailbox that rests and whose password file has changed since. */
static int try_changed(struct engine *e, int64_t team, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct lane_watch *list;
	int n = lane_watch_list(e->db, team, &a, &list, err);

	for (int i = 0; i < n; i++) {
		char now[WATCH_STAMP];

		watch_stamp(list[i].path, now);
		if (strcmp(now, list[i].stamp) == 0)
			continue;
		list[i].stamp = now;
		if (try_lane(e, &list[i], &a, err) < 0)
			return -1;
	}
	return err_or_none(n);
}

/* What a `resume` or `apply` that was interrupted left aside. */
static int unpark_left(struct engine *e, int64_t team, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct lane *lanes;
	struct world *w;
	int64_t moved;
	int n = lane_list(e->db, team, &a, &lanes, err);

	for (int i = 0; i < n; i++) {
		const struct pipeline *p;

		if (strcmp(lanes[i].kind, "parked") != 0)
			continue;
		if (engine_world(e, lanes[i].team, &w, err) < 0)
			return -1;
		p = world_pipeline(w, lanes[i].name);
		if (p && p->active && !p->paused_at && runs_unpark(e, lanes[i].team, lanes[i].name, &moved, err) < 0)
			return -1;
	}
	return err_or_none(n);
}

/* A tick's way through all that is due. */
struct passage {
	struct engine *e;
	const struct work_options *how;
	struct work_count *count;
	struct deliver_limits limits;
	int64_t first_deadline_ms;
};

/* The spool, and the steps without mail. Returns how many runs were moved, or -1. */
static int move_on(struct passage *p, struct err *err)
{
	int moved, events = spool_drain(p->e, p->how->stop, &p->count->bad, err);

	if (events < 0)
		return -1;
	moved = move_all(p->e, p->how->team, &p->limits, err);
	if (moved < 0)
		return -1;
	p->count->events += events;
	p->count->steps += moved;
	return moved;
}

/* Who only waits for answers does what the ticks would do that find the lock taken: each minute anew, for five. */
static int move_meanwhile(void *ctx, struct err *err)
{
	struct passage *p = ctx;
	struct deliver_limits *l = &p->limits;

	if (clock_monotonic_ms() >= l->cut_ms && l->deadline_ms - p->first_deadline_ms < EXTRA_MS) {
		l->deadline_ms += MINUTE_MS;
		l->cut_ms += MINUTE_MS;
		guard_touch(p->how->guard, p->e->now);
	}
	return deliver_may_begin(l) && move_on(p, err) < 0 ? -1 : 0;
}

static int work_through(struct passage *p, struct err *err)
{
	struct engine *e = p->e;
	const struct deliver_limits *l = &p->limits;
	int moved, mailed;

	do {
		if (l->real_time)
			e->now = clock_now();
		if (deliver_is_astray(l, e->now))
			return hold_clock(e, "the clock jumped by more than 5 minutes during a tick", err);
		moved = move_on(p, err);
		mailed = moved < 0 ? -1 : deliver(e, p->how->team, &p->limits, &p->count->mail, err);
		if (mailed < 0)
			return -1;
		if (l->real_time)
			e->now = clock_now();
	} while (deliver_is_astray(l, e->now) ||
	         (moved + mailed > 0 && l->max > 0 && deliver_may_begin(l) && clock_monotonic_ms() < p->first_deadline_ms));
	return 0;
}

/* A tick with `--now` does what is due then; it does not wait for more. */
static int pass(struct engine *e, const struct work_options *how, const struct guard *begun, struct work_count *ret,
                struct err *err)
{
	struct passage p = { .e = e, .how = how, .count = ret, .first_deadline_ms = clock_monotonic_ms() + WORK_MS };

	p.limits = (struct deliver_limits){
		.deadline_ms = p.first_deadline_ms,
		.cut_ms = p.first_deadline_ms + GRACE_MS,
		.max = how->max,
		.stop = how->stop,
		.real_time = how->real_time,
		.begun = *begun,
		.meanwhile = how->real_time ? move_meanwhile : NULL,
		.ctx = &p,
	};
	return work_through(&p, err);
}

int work(struct engine *e, const struct work_options *how, struct work_count *ret, struct err *err)
{
	struct guard begun;

	*ret = (struct work_count){ 0 };
	guard_begin(&begun, e->now);
	db_id_block(e->db, ID_BLOCK);
	db_keep_wal_short(e->db);
	if (how->guard && crash_open(how->guard->fd, err) < 0)
		return -1;
	if (check_holds(e, how, &ret->told, err) < 0 || recover(e, err) < 0 || unpark_left(e, how->team, err) < 0 ||
	    try_changed(e, how->team, err) < 0 ||
	    (how->login && login_begin(e, how->team, how->login, &ret->login, err) < 0) ||
	    pass(e, how, &begun, ret, err) < 0 ||
	    (how->login && login_end(e, how->team, how->login, &ret->login, err) < 0)) {
		crash_close();
		return -1;
	}
	crash_close();
	db_checkpoint(e->db);
	return db_newest_id(e->db, "item", &ret->newest, err);
}

static void describe_run(struct work_item *item, const struct traveller *t)
{
	const struct step *st = pipeline_step_of(t->pipeline, t->run.step);

	item->run = t->run.id;
	item->contact = t->contact.email;
	item->pipeline = t->pipeline->name;
	item->step = st ? st->name : "";
}

static int list_row(struct engine *e, const struct lane *l, const struct queue_row *q,
                    void (*each)(const struct work_item *item, void *ctx), void *ctx, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct work_item item = { .due = q->due, .lane = *l->name ? l->name : l->kind, .contact = "", .pipeline = "" };
	struct traveller t;
	struct message m;
	struct world *w;
	int got;

	if (engine_world(e, l->team, &w, err) < 0)
		return -1;
	item.team = world_team(w)->name;
	item.step = "";
	if (q->item < 0) {
		got = message_load(e->db, l->team, -q->item, &a, &m, err);
		item.contact = got > 0 ? m.rcpt_to : "";
	} else {
		got = traveller_load(e, l->team, q->item, &a, &t, err);
		if (got > 0)
			describe_run(&item, &t);
	}
	if (got > 0)
		each(&item, ctx);
	return err_or_none(got);
}

int work_list_due(struct engine *e, int64_t team, void (*each)(const struct work_item *item, void *ctx), void *ctx,
                  struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct queue_row rows[ROWS_PER_COMMIT], last;
	struct lane *lanes;
	int n = lane_list(e->db, team, &a, &lanes, err), got = 0;

	for (int i = 0; i < n; i++) {
		if (strcmp(lanes[i].kind, "parked") == 0 || lanes[i].paused || lanes[i].free_at > e->now)
			continue;
		last = (struct queue_row){ .class = -1 };
		while ((got = queue_list(e->db, lanes[i].id, &last, rows, ROWS_PER_COMMIT, err)) > 0) {
			last = rows[got - 1];
			for (int r = 0; r < got; r++)
				if (rows[r].due <= e->now && list_row(e, &lanes[i], &rows[r], each, ctx, err) < 0)
					return -1;
		}
		if (got < 0)
			return -1;
	}
	return err_or_none(n);
}
