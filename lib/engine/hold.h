#ifndef PW_ENGINE_HOLD_H
#define PW_ENGINE_HOLD_H

#include "base/attr.h"
#include "base/err.h"

#include <stdbool.h>

struct arena;
struct db;

/*
 * Why nothing at all is sent from a database, until a person says so: it was handed over, a backup was restored, the
 * clock jumped. Kept in the meta table.
 */
#define HOLD_FINAL   "hold.final"
#define HOLD_RESTORE "hold.restore"
#define HOLD_CLOCK   "hold.clock"

struct hold {
	const char *name;    /* one of those */
	const char *why;     /* "the clock jumped by more than 5 minutes since the last tick" */
	const char *command; /* what lifts it; NULL: nothing does */
};

/* The first that there is: 1, 0 none, -1. A rehearsal (--now) does not mind the clock. */
int hold_find(struct db *db, bool rehearsal, struct arena *a, struct hold *ret, struct err *err) PW_CHECK;

#endif
