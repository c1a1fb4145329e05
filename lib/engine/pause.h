#ifndef PW_ENGINE_PAUSE_H
#define PW_ENGINE_PAUSE_H

#include "engine/engine.h"

#include <stdbool.h>

/*
 * Pausing by hand: people enter, nothing goes, delays run on, and when it is resumed
 * `late` decides about what was due meanwhile. `apply` never touches it. In the caller's write transaction, except
 * where it says otherwise.
 */

/*
 * Pauses or resumes a pipeline; a mail of it that a tick has claimed and not offered yet is taken back. 1, 0 it was so
 * already, -1 (ERR_MISSING). After resuming, runs_unpark() has to be called.
 */
int pause_pipeline(struct engine *e, int64_t team, const char *name, bool paused, struct err *err) PW_CHECK;

/* The same for a mailbox; resuming also opens one that a failure closed. ERR_MISSING: there is no such mailbox. */
int pause_mailbox(struct engine *e, int64_t team, const char *name, bool paused, struct err *err) PW_CHECK;

/* Takes back what a tick has claimed of a pipeline and not offered: it became a draft. Returns 0 or -1. */
int pause_take_back(struct engine *e, int64_t team, int64_t pipeline, struct err *err) PW_CHECK;

/* How many runs came due while a pipeline was paused or a draft, and lie in a lane of its own (engine/parking.h). */
int pause_parked(struct engine *e, int64_t team, const char *pipeline, int64_t *ret, struct err *err) PW_CHECK;

/* Whether mails leave a mailbox at this moment. */
struct mailbox_standing {
	const char *state; /* "open", "paused" (by hand), or what closes it: gap quota backoff auth settings */
	int64_t since;     /* paused, or closed for this reason, since then; 0: open */
	int64_t until;     /* closed until then; 0: it is not, or until somebody mends it */
	const char *text;  /* about a closed one: the server's words and such; NULL */
};

/* In the arena; of a mailbox that has never sent anything "open". 0 or -1. */
int mailbox_standing(struct engine *e, int64_t team, const char *name, struct arena *a, struct mailbox_standing *ret,
                     struct err *err) PW_CHECK;

#endif
