#ifndef PW_ENGINE_BOUNCE_GUARD_H
#define PW_ENGINE_BOUNCE_GUARD_H

#include "engine/engine.h"

/*
 * A mailbox of whose mails too many come back, or are complained about, pauses itself before a provider blocks it
 * (Mailbox `guard`): the share of the last day's mails decides, from `over` mails on. Somebody resumes it by hand, and
 * from then on it is counted anew.
 */

/* Has an event of this type to be told to bounce_guard_count()? */
bool bounce_guard_cares(const char *event_type);

/* A mail came back (email.bounced) or was complained about. In the transaction of that event. */
int bounce_guard_count(struct engine *e, const struct world *w, int64_t message, const char *event_type, struct err *err)
	PW_CHECK;

/* Why a mailbox paused itself, in the arena; "" it did not. */
int bounce_guard_text(struct engine *e, int64_t team, int64_t lane, struct arena *a, const char **ret, struct err *err)
	PW_CHECK;

/* Somebody resumed it: what was so far does not count any more. */
int bounce_guard_reset(struct engine *e, int64_t team, int64_t lane, struct err *err) PW_CHECK;

#endif
