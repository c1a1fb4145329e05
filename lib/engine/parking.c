#include "engine/parking.h"

#include "base/clock.h"
#include "engine/chunk.h"
#include "engine/progress.h"
#include "store/queue_store.h"

#define ROWS_AT_ONCE 1000

int run_park(struct engine *e, struct traveller *t, const struct queue_row *q, struct err *err)
{
	struct queue_row to = *q;

	if (engine_lane(e, t->run.team, "parked", t->pipeline->name, &to.lane, err) < 0 ||
	    queue_insert(e->db, &to, err) < 0)
		return -1;
	t->run.lane = to.lane;
	return run_update(e->db, t->run.team, &t->run, err);
}

static int unpark(struct engine *e, int64_t team, const struct queue_row *q, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct traveller t;
	int got = queue_remove(e->db, q, err);

	if (got > 0)
		got = traveller_load(e, team, q->item, &a, &t, err);
	if (got <= 0)
		return got;
	t.run.lane = 0;
	return run_requeue(e, &t, t.run.due_at, err);
}

/* One transaction. Returns how many rows it moved. */
static int unpark_some(struct engine *e, int64_t team, int64_t lane, struct err *err)
{
	struct queue_row rows[ROWS_AT_ONCE];
	int64_t until = clock_monotonic_ms() + CHUNK_MS;
	int n, i;
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, e->db, err) < 0 || engine_refresh(e, err) < 0)
		return -1;
	n = queue_list(e->db, lane, NULL, rows, ROWS_AT_ONCE, err);
	for (i = 0; i < n && chunk_has_time(i, until); i++)
		if (unpark(e, team, &rows[i], err) < 0)
			return -1;
	return n < 0 || txn_commit(&txn, err) < 0 ? -1 : i;
}

int runs_unpark(struct engine *e, int64_t team, const char *pipeline, int64_t *ret, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct queue_row first;
	struct lane lane;
	int n, got = lane_find(e->db, team, "parked", pipeline, &a, &lane, err);

	*ret = 0;
	if (got <= 0 || (got = queue_list(e->db, lane.id, NULL, &first, 1, err)) <= 0)
		return got;
	while ((n = unpark_some(e, team, lane.id, err)) > 0)
		*ret += n;
	return n;
}
