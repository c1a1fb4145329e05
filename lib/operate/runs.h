#ifndef PW_OPERATE_RUNS_H
#define PW_OPERATE_RUNS_H

#include "engine/standing.h"

/*
 * What people see of runs, and do with them: list, stop, retry, go to another step. What changes something runs in
 * the caller's write transaction; ids of other teams do not exist.
 */

/* A run as a list shows it; texts live until the next one. */
struct run_shown {
	struct run run;
	struct run_standing now;
	const char *contact;   /* its address; "" when it was deleted */
	const char *pipeline;  /* its name, also when it was deleted since */
	const char *step;      /* the next one; NULL: none */
	const char *last_step; /* completed last; NULL: none */
	const char *mailbox;   /* from which the next mail goes, else the run's; "": it sends nothing */
};
int run_show(struct standings *s, const struct run *r, struct arena *a, struct run_shown *ret, struct err *err) PW_CHECK;

/* The mailbox from which its next step sends, in the arena; "": that step sends nothing. */
int run_mailbox(struct engine *e, const struct run *r, struct arena *a, const char **ret, struct err *err) PW_CHECK;

/*
 * The Team document has changed: who is blocked for `settings`, or lacks something that it says, tries again, in
 * transactions of its own. Who still cannot is blocked again by the next tick.
 */
int runs_resume_settings(struct engine *e, int64_t team, struct err *err) PW_CHECK;

/* Which runs: 0, NULL whichever. */
struct run_query {
	int64_t pipeline, contact;
	unsigned states;     /* 1u << enum run_state, as run_standing() tells them */
	const char *reason;
};

/* pending running blocked completed stopped active open: the bits. ERR_USAGE, with the nearest word. */
int run_states_parse(const char *text, unsigned *ret, struct err *err) PW_CHECK;

/* A reason that a run can have, for `--reason`: ERR_USAGE when none is called so. Those of `stopped` are free. */
int run_reason_check(const char *text, struct err *err) PW_CHECK;

/* Calls back for each, latest first, until it returns other than 0, which is returned; -1 failed. */
int runs_each(struct engine *e, int64_t team, const struct run_query *q,
              int (*each)(const struct run_shown *run, void *ctx, struct err *err), void *ctx, struct err *err)
	PW_CHECK;

/* Ends a run by hand (S2.41, S2.42): 1, 0 it has ended before, -1 (ERR_MISSING: there is none). */
struct run_stop {
	bool under_way; /* its last mail is with the server at this moment: that one cannot be held back */
};
int run_stop(struct engine *e, int64_t team, int64_t run, struct run_stop *ret, struct err *err) PW_CHECK;

/* How an attempt to retry ended. */
enum retried {
	RETRY_DONE,      /* it goes with the next tick */
	RETRY_OPENED,    /* it was not blocked itself: its mailbox was closed, and is open again */
	RETRY_NOTHING,   /* nothing holds it */
	RETRY_ENDED,     /* completed or stopped */
	RETRY_MISSING,   /* something is missing still: text */
	RETRY_IN_DOUBT,  /* settle its message first: message */
	RETRY_HELD       /* released or resumed, not retried: text says how */
};
struct retry_result {
	enum retried how;
	const char *text; /* in the arena */
	int64_t message;
};

/* A run that is blocked tries its step again, one whose mail is put off does so now (S2.34). */
int run_retry_by_hand(struct engine *e, int64_t team, int64_t run, struct arena *a, struct retry_result *ret,
                      struct err *err) PW_CHECK;

/*
 * Sends an open run to a step (index in its version), as if the step before had just been completed; with `at` not
 * 0, at that instant. What was not offered yet of the mail where it stood is dropped. 1, also when what is noted about it makes a stop rule end it
 * instead (t->run says so); 0 it has ended before; -1.
 */
int run_goto(struct engine *e, struct traveller *t, int step, int64_t at, struct err *err) PW_CHECK;

#endif
