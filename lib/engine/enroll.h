#ifndef PW_ENGINE_ENROLL_H
#define PW_ENGINE_ENROLL_H

#include "engine/engine.h"
#include "store/event_store.h"
#include "store/run_store.h"

/* How an attempt to enroll ended. */
enum enrolled {
	ENROLL_STARTED,
	ENROLL_BLOCKED,       /* the run was created, blocked: something is missing */
	ENROLL_ACTIVE,        /* there is an open run (S2.14) */
	ENROLL_QUEUED,        /* while_active: queue; it starts when the open one ends */
	ENROLL_UPDATED,       /* while_active: update; the open run has a new event */
	ENROLL_AGAIN,         /* was in it before, and `again` does not allow it (yet) */
	ENROLL_IF,            /* enroll.if says no */
	ENROLL_SUPPRESSED,    /* unsubscribed, bounced or complained */
	ENROLL_INACTIVE,      /* the pipeline is a draft */
	ENROLL_HOLE,          /* something is missing that `contactctl set` cannot mend */
	ENROLL_NO_MAILBOX,    /* no sender can be told */
	ENROLL_UNKNOWN        /* somebody who is no contact was named: only in reports */
};

/* "already active", ... for notices and lists. */
const char *enrolled_text(enum enrolled how);
bool enrolled_ok(enum enrolled how); /* there is a run now that was not, or that has a new event */

struct enrollment {
	bool fresh;                /* the contact was created by the event: it was in no pipeline yet */
	bool by_hand;              /* `again` and while_active do not matter: only an open run refuses */
	const char *enroller;      /* account, or "" */
	const struct event *event; /* what started it; NULL: by hand, or `apply --enroll-existing` */
	enum again again;          /* of the start that fired */
	struct delay again_after;
	bool dry_run;              /* only tell; nothing is written */
};

struct enroll_result {
	enum enrolled how;
	int64_t run;               /* the run created or found; 0: none */
	const char *missing;       /* BLOCKED, HOLE: names divided by ", " */
	const char *mailbox;
	const char *enroller;      /* as it was tried: an account, or "" */
};

/*
 * Starts a contact on a pipeline: checks, creates the run with only its first step planned (S0.3), records
 * run.started or run.blocked. In the caller's write transaction. Texts of the result are in the arena.
 */
int enroll_start(struct engine *e, struct world *w, const struct pipeline *p, struct contact *c,
                 const struct enrollment *how, struct arena *a, struct enroll_result *ret, struct err *err) PW_CHECK;

/*
 * What one thing asked for when it happens (a task that is done, a letter that is answered): e->on_entry hears of it.
 * The member who asked for it is the enroller, if there is a mailbox to send from; else it began by itself.
 */
struct attached {
	const struct pipeline *pipeline;
	const char *member;        /* account */
	const struct event *event;
};
int enroll_at_event(struct engine *e, struct world *w, const struct attached *what, struct contact *c, struct arena *a,
                    struct err *err) PW_CHECK;

struct traveller;

/* A run that is blocked as `missing` goes on if nothing is missing any more. */
int enroll_retry_missing(struct engine *e, struct traveller *t, struct err *err) PW_CHECK;

/* Starts what waited for an open run of this pipeline to end (while_active: queue). */
int enroll_next_waiting(struct engine *e, struct world *w, const struct run *ended, struct err *err) PW_CHECK;

#endif
