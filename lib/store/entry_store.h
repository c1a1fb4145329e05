#ifndef PW_STORE_ENTRY_STORE_H
#define PW_STORE_ENTRY_STORE_H

#include "base/attr.h"
#include "base/err.h"

#include <stdint.h>

struct db;

/* Entries that wait for an open run to end (`while_active: queue`), first come, first served. */
int entry_insert(struct db *db, int64_t team, int64_t pipeline, int64_t contact, int64_t event, struct err *err)
	PW_CHECK;

/* Takes the first one out: 1 with the event that asked for it, 0 none waits, -1. */
int entry_take(struct db *db, int64_t team, int64_t pipeline, int64_t contact, int64_t *ret_event, struct err *err)
	PW_CHECK;

/* Forgets those of a contact in a pipeline (0: in all): what is stopped by hand does not begin again by itself. */
int entry_remove(struct db *db, int64_t team, int64_t pipeline, int64_t contact, struct err *err) PW_CHECK;

#endif
