#ifndef PW_STORE_RUN_STORE_H
#define PW_STORE_RUN_STORE_H

#include "base/attr.h"
#include "base/err.h"
#include "model/run.h"

#include <stdint.h>

struct arena;
struct db;

/* One contact's way through one version of a pipeline (S0.19). Texts are never NULL. */
struct run {
	int64_t id, team, contact, pipeline;
	int version;
	enum run_state status;
	const char *reason;       /* blocked: block_reason_text(); stopped, completed: why; else the rule that put off the
	                             step beyond its own delay: hours backoff cap; "" */
	const char *reason_text;  /* for people */
	int64_t held_since;       /* blocked, or put off: since then; 0: it is not */
	int step;                 /* number of the step that comes next */
	int visit;                /* which way through the steps this is: 1, one more after each `goto` */
	int64_t due_at;           /* when that step is due, as last planned */
	int64_t lane;             /* where it is queued; 0: it is not */
	int class;
	int64_t queued_at;        /* under which instant it is queued */
	int64_t started_at;
	int64_t since_event;      /* the newest event when it began: later ones happened "since" */
	int last_step;            /* number of the step completed last; 0: none */
	int64_t last_done_at;     /* when; started_at at first */
	int64_t steps_done, mails_sent;
	int64_t ended_at;         /* 0: open */
	const char *mailbox;      /* sender, fixed at entry; "": the pipeline sends nothing */
	const char *enroller;     /* account, or "" */
	int64_t event;            /* what started or last updated it; 0: by hand */
	int64_t began;            /* only when it is stored: the occasion of the event that it is (event_store.h); 0: none */
};

/* Stores it and sets r->id. 1, or 0 when this contact has an open run of this pipeline already, -1. */
int run_insert(struct db *db, int64_t team, struct run *r, struct err *err) PW_CHECK;

/* Writes everything that moves: status, step, plan, counts. A run that has ended does not open again. */
int run_update(struct db *db, int64_t team, const struct run *r, struct err *err) PW_CHECK;

int run_load(struct db *db, int64_t team, int64_t id, struct arena *a, struct run *ret, struct err *err) PW_CHECK;

/* The open run of a contact in a pipeline: 1, 0, -1. */
int run_find_open(struct db *db, int64_t team, int64_t pipeline, int64_t contact, struct arena *a, struct run *ret,
                  struct err *err) PW_CHECK;

/* The runs of a contact, latest first (open_only: those that are open). *ret in the arena; returns how many. */
int run_list_of_contact(struct db *db, int64_t team, int64_t contact, bool open_only, struct arena *a,
                        struct run **ret, struct err *err) PW_CHECK;

/* When the contact's latest run of this pipeline began: 1, 0 there was none, -1. */
int run_last_start(struct db *db, int64_t team, int64_t pipeline, int64_t contact, int64_t *ret, struct err *err)
	PW_CHECK;

/* Which runs to list; 0, NULL: whichever. Latest first, below `before` (0: from the start), at most max. */
struct run_filter {
	int64_t pipeline, contact;
	const char *status, *reason;
	int64_t held_at;   /* with `status`: also open ones that a rule may hold at this instant (engine/standing.h); 0: no */
	bool open_only;
	int64_t before;
	int max;
};
int run_list(struct db *db, int64_t team, const struct run_filter *f, struct arena *a, struct run **ret,
             struct err *err) PW_CHECK;

/* How many runs of a team are blocked (team 0: of all teams). */
int run_count_blocked(struct db *db, int64_t team, int64_t *ret, struct err *err) PW_CHECK;

/*
 * The open runs of a pipeline whose contacts' ids are above `after`, in order of these, at most max: for work in chunks. A
 * contact has one at most.
 */
int run_list_open(struct db *db, int64_t team, int64_t pipeline, int64_t after, int max, struct arena *a,
                  struct run **ret, struct err *err) PW_CHECK;

#endif
