#ifndef PW_ENGINE_GUARD_H
#define PW_ENGINE_GUARD_H

#include "base/attr.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The lock file beside the database: one exclusive flock, on a file that is never deleted. Its modification time is
 * when the last tick ended; its text is what the clock of the machine said then, so that a clock that jumped is
 * noticed. An idle tick thus commits nothing.
 */
struct guard {
	int fd;           /* open and locked; the worker inherits it */
	int64_t last;     /* when the last tick ended; 0: there was none */
	int64_t boottime; /* seconds since the start of the machine, then */
	char boot[40];    /* which start of the machine that was */
	int64_t newest;   /* ids that the database had given by then; 0: not known */
};

/* Opens and locks. 1, 0 when another tick has the lock, -1. */
int guard_lock(const char *db_path, struct guard *ret, struct err *err) PW_CHECK;

/* The same for a descriptor that is locked already. */
int guard_inherit(int fd, struct guard *ret, struct err *err) PW_CHECK;

/* Only to look: what the last tick left, without the lock. 1, 0 no tick has ever run, -1. ret->fd is not set. */
int guard_look(const char *db_path, struct guard *ret, struct err *err) PW_CHECK;

/*
 * Has the clock jumped by more than 5 minutes since the last tick: back, or (in the same run of the machine)
 * otherwise than time went by? Returns NULL, or a text that says so; static.
 */
const char *guard_jump(const struct guard *g, int64_t now);

/* The clock as of now, for guard_astray(). */
void guard_begin(struct guard *ret, int64_t now);

/* Within one run of the machine: was the clock set by more than 5 minutes since `g`? */
bool guard_astray(const struct guard *g, int64_t now);

/* A tick ends at `now`; g->newest is kept. Failing does not matter much: the next jump is judged from the tick before. */
void guard_touch(const struct guard *g, int64_t now);

/* The database may have given no more ids than these: an older one was put in its place, and that is accepted. */
void guard_set_newest(const struct guard *g, int64_t newest);

/* The same where a new database begins, beside the lock file of one that is gone. */
void guard_forget_newest(const char *db_path);

/* "/srv/x.db.lock", the spool folder "/srv/x.db.spool"; the caller frees. */
char *guard_path(const char *db_path);
char *spool_path(const char *db_path);

/* Is there a file in the spool? */
bool spool_has_any(const char *db_path);

#endif
