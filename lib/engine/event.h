#ifndef PW_ENGINE_EVENT_H
#define PW_ENGINE_EVENT_H

#include "engine/change.h"
#include "model/contact.h"
#include "store/event_store.h"

/*
 * The one door: whatever happens is recorded here as an event, in one transaction with its
 * consequences: stop rules, waiting runs that it wakes, pipelines that it starts.
 */

struct happening {
	struct event ev;             /* contact, run, step, message, type, data as the caller knows them; the rest is
	                                filled in: team, at, actor, source, depth, id */
	const char *key;             /* idempotency key; NULL: none */
	const struct change *changes; /* none: what the type brings by itself, change_of_event() */
	size_t n_changes;
	struct contact *contact;     /* the view, when the caller has it; it is brought up to date. NULL: looked up */
	bool created;                /* contact is new: it is inserted first */
	struct arena *arena;         /* for what is added to the view */
};

/*
 * Records it. Runs in the caller's write transaction. Returns 1, 0 when an event with this key was recorded before
 * (nothing is done), -1.
 */
int event_record(struct engine *e, int64_t team, struct happening *h, struct err *err) PW_CHECK;

/*
 * May anything follow from an event of this type: does it change something, or does somebody look at such events? Only
 * then are stop rules looked at.
 */
bool event_matters(const struct world *w, const char *type, bool changes);

/*
 * The row of a run is the event that starts it: sets r->began for run_insert(). Afterwards *ret gets r->id, and the
 * event is recorded like any other, for its consequences.
 */
struct run;
int event_of_run(struct engine *e, const struct world *w, struct run *r, struct arena *a, struct event *ret, struct err *err)
	PW_CHECK;

/* A JSON object of texts for an event's data: name, value, name, value, ..., NULL. In the arena. */
const char *event_data(struct arena *a, ...) __attribute__((sentinel));

#endif
