#ifndef PW_ENGINE_CHUNK_H
#define PW_ENGINE_CHUNK_H

#include "base/attr.h"
#include "base/err.h"
#include "store/db.h"

#include <stdbool.h>
#include <stdint.h>

#define CHUNK_MS 500

/*
 * Long work in write transactions of about half a second, so that a tick gets in between.
 *
 *	CHUNK_AUTO chunk = { 0 };
 *
 *	if (chunk_begin(&chunk, db, dry_run, err) < 0)
 *		return -1;
 *	while (...) {
 *		...whole events...
 *		if (chunk_step(&chunk, err) < 0)
 *			return -1;
 *	}
 *	return chunk_end(&chunk, err);
 */
struct chunk {
	struct txn txn;
	struct db *db;
	bool dry_run;        /* everything is rolled back, at the end, so that the end sees the beginning */
	int64_t deadline_ms;
};
#define CHUNK_AUTO PW_CLEANUP(chunk_release) struct chunk

int chunk_begin(struct chunk *c, struct db *db, bool dry_run, struct err *err) PW_CHECK;

/* Between two pieces of work. 1: all until now is committed; 0: it goes on; -1. */
int chunk_step(struct chunk *c, struct err *err) PW_CHECK;

/* Commits what is left. */
int chunk_end(struct chunk *c, struct err *err) PW_CHECK;
void chunk_release(struct chunk *c); /* rolls back what was not committed */

/*
 * For rows that are read and handled in one transaction: whether it takes one more, having done so many, until clock_monotonic_ms()
 * is `until_ms`. Always the first: the time may have gone by while the transaction waited for others, and a transaction that
 * does nothing says that nothing is left.
 */
bool chunk_has_time(int done, int64_t until_ms);

#endif
