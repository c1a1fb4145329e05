#ifndef PW_TICK_SPOOL_H
#define PW_TICK_SPOOL_H

#include "engine/engine.h"

#include <signal.h>

/*
 * The spool folder beside the database: what programs without a database (pipe-web, pipe-drop) put there, one event a
 * file, as JSON:
 *
 *	{"team": "sales", "contact": "anna@example.com", "type": "order.placed", "data": {"total": 12},
 *	 "id": "order-4711", "at": "2026-07-01T10:00:00Z"}
 *
 * Needed are team, contact and type, one that Fields declares, with data that fits; `at` is the tick's time when it is
 * left out or in the future.
 *
 * Files whose names begin with a dot are still being written. A file is removed once its event is committed, so a crash
 * repeats it, and its `id` keeps it from counting twice (without one the file's name is the key). What cannot be read
 * is moved to `bad/` with a notice (a second file of the same name becomes NAME.1). Nothing in the spool is trusted: only
 * regular files with one link are read, no links, at most 64 KiB.
 */

/* Files that were moved away: how many, and of the first its name and what is wrong with it. */
struct spool_bad {
	int64_t n;
	char first[512];
};

/*
 * Records what is there. Returns how many events, or -1. bad: added to. Once *stop is not 0 no more files are taken: they
 * stay for the next tick, and what they say is not known; the caller claims nothing either. stop NULL: nobody can.
 */
int spool_drain(struct engine *e, const volatile sig_atomic_t *stop, struct spool_bad *bad, struct err *err) PW_CHECK;

#endif
