#include "engine/chunk.h"

#include "base/clock.h"

static int begin(struct chunk *c, struct err *err)
{
	c->deadline_ms = clock_monotonic_ms() + CHUNK_MS;
	return txn_begin(&c->txn, c->db, err);
}

int chunk_begin(struct chunk *c, struct db *db, bool dry_run, struct err *err)
{
	*c = (struct chunk){ .db = db, .dry_run = dry_run };
	return begin(c, err);
}

int chunk_step(struct chunk *c, struct err *err)
{
	if (c->dry_run || clock_monotonic_ms() < c->deadline_ms)
		return 0;
	if (txn_commit(&c->txn, err) < 0)
		return -1;
	db_give_way(c->db);
	return begin(c, err) < 0 ? -1 : 1;
}

int chunk_end(struct chunk *c, struct err *err)
{
	if (!c->dry_run)
		return txn_commit(&c->txn, err);
	txn_release(&c->txn);
	return 0;
}

bool chunk_has_time(int done, int64_t until_ms)
{
	return done == 0 || clock_monotonic_ms() < until_ms;
}

void chunk_release(struct chunk *c)
{
	txn_release(&c->txn);
}
