#ifndef PW_ENGINE_CRASH_H
#define PW_ENGINE_CRASH_H

#include "engine/engine.h"

#include <stdint.h>

/*
 * Which item was being made ready (rendered, executed) when a tick died: kept in the lock file through a shared mapping,
 * which survives the process and costs no write. Three such deaths over one item quarantine it.
 *
 * Deaths are numbered. The mark bears the number of the one that it would be, the database knows how many it has counted:
 * a mark that it has counted, because the collecting tick died too or a power failure brought an old lock file back,
 * counts no more, and none that belongs to a later state than that of a restored backup.
 */
#define CRASH_LIMIT 3

/*
 * Maps the lock file (open for writing, the lock held); afterwards marks go there. Without it marks do nothing. What the
 * last tick died over stays marked, for the next one, if it was not collected.
 */
int crash_open(int lock_fd, struct err *err) PW_CHECK;
void crash_close(void);

/* Counts what the last tick died over, if it did. At the start of a tick, before it takes anything in hand. */
int crash_collect(struct engine *e, struct err *err) PW_CHECK;

/* That is committed. */
void crash_collected(void);

/*
 * This item (queue_row.item) is in hand from now on. Returns how many ticks died over it, or -1; from CRASH_LIMIT on it
 * is to be left alone.
 */
int crash_enter(struct engine *e, int64_t item, struct err *err) PW_CHECK;

/* It is done, or left alone; `deaths` is what crash_enter() returned. What went well, or is tried again, counts anew. */
int crash_leave(struct engine *e, int64_t item, int deaths, struct err *err) PW_CHECK;

#endif
