#ifndef PW_ENGINE_CRASH_H
#define PW_ENGINE_CRASH_H

#include "engine/engine.h"

#include <stdint.h>

/*
 * Which item was being rendered or written when a tick died: kept in the lock file through a shared mapping, which
 * survives the process and costs no write. Three such deaths over one item quarantine it (DESIGN.md 5 "Blocked").
 */
#define CRASH_LIMIT 3

/* Maps the lock file (open for writing, the lock held); afterwards marks go there. Without it marks do nothing. */
int crash_open(int lock_fd, struct err *err) PW_CHECK;
void crash_close(void);

/* This item (queue_row.item) is in hand now; 0: none. */
void crash_mark(int64_t item);

/* Counts what the last tick died over, if it did. At the start of a tick, in a transaction of its own. */
int crash_collect(struct engine *e, struct err *err) PW_CHECK;

/* How many ticks died over an item, or -1. And forgets it: it went well, or somebody retries. */
int crash_count(struct engine *e, int64_t item, struct err *err) PW_CHECK;
int crash_forget(struct engine *e, int64_t item, struct err *err) PW_CHECK;

#endif
