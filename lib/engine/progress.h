#ifndef PW_ENGINE_PROGRESS_H
#define PW_ENGINE_PROGRESS_H

#include "engine/engine.h"
#include "model/decide.h"
#include "store/run_store.h"

struct message;

/*
 * How a run moves: planned, executed, blocked, ended. Everything runs in the caller's write transaction and keeps
 * the run row, its queue row and the feed in step.
 */

/* Why a run that is not blocked stands still: its task is to be done first. */
#define RUN_REASON_TASK "task"

/* Why one does whose `await` waits: until it is due, or something happens that makes the condition true. */
#define RUN_REASON_AWAIT "await"

/* A run with all that a decision about it needs; in the arena of whoever loaded it. */
struct traveller {
	struct world *world;
	const struct pipeline *pipeline; /* attributes as of now, steps of the run's version */
	struct run run;
	struct contact contact;
	struct arena *arena;
	const char *message_id;          /* of the mail that is being made; NULL: none */
};

/* Loads it: 1; 0 when the run, its contact or its pipeline is gone; -1. */
int traveller_load(struct engine *e, int64_t team, int64_t run, struct arena *a, struct traveller *ret,
                   struct err *err) PW_CHECK;

/* The same for a run row that is there already, and for one with its contact. */
int traveller_of_run(struct engine *e, const struct run *run, struct arena *a, struct traveller *ret, struct err *err)
	PW_CHECK;
int traveller_of_rows(struct engine *e, const struct run *run, const struct contact *c, struct arena *a,
                      struct traveller *ret, struct err *err) PW_CHECK;

/* Why a run cannot go on to a step. text NULL: it can. */
struct hurdle {
	enum block_reason reason;
	const char *text; /* in the arena */
};

/*
 * Stores a new run with its first step planned, queued unless *ret says what stands in the way: the caller blocks
 * it then. 1; 0 there is an open run of this contact and pipeline; -1.
 */
int run_begin(struct engine *e, struct traveller *t, struct hurdle *ret, struct err *err) PW_CHECK;

/*
 * Plans a step (index; STEP_NONE: the end) whose predecessor completed at `from`: due instant, lane, queue row.
 * A field that it waits for and is not set blocks the run as `missing`. Writes the run.
 */
int run_plan(struct engine *e, struct traveller *t, int step, int64_t from, struct err *err) PW_CHECK;

/* Queues the run for its step at an instant, without touching what was planned. Writes the run. */
int run_queue_at(struct engine *e, struct traveller *t, int64_t at, struct err *err) PW_CHECK;

/* Queues the run for its step at an instant (a hold, a back-off: it counts as planned anew). Writes the run. */
int run_requeue(struct engine *e, struct traveller *t, int64_t due, struct err *err) PW_CHECK;

/*
 * The same, because a rule puts its step off although its own delay is over: until then that is the reason why it waits.
 * The texts are stored.
 */
struct put_off {
	const char *reason; /* hours backoff cap await */
	const char *text;   /* for people: the server's words; "" */
};
int run_put_off(struct engine *e, struct traveller *t, int64_t until, const struct put_off *why, struct err *err)
	PW_CHECK;

/*
 * decide() of the model. One run whose instant cannot be computed, as when its calendar does not open any more, must not keep
 * a tick from all others: it is blocked, with the reason in words, in t's arena.
 */
void decide_or_block(const struct traveller *t, const struct standing *at, const struct facts *f,
                     const struct surroundings *s, struct decision *ret);

/* Is this the mail of the step at which the run stands? */
bool run_waits_for(const struct run *r, const struct message *m);

/* The run that waits for this mail, if it still does. 1, 0, -1. */
int traveller_of_message(struct engine *e, const struct message *m, struct arena *a, struct traveller *ret, struct err *err)
	PW_CHECK;

/* What happens to the run now: the pure decision (model/decide.h) with what the store knows of it. */
int run_decide(struct engine *e, const struct traveller *t, struct decision *ret, struct err *err) PW_CHECK;

/* Goes on as far as it can without sending: data steps, branches, waits that are over. */
int run_execute(struct engine *e, struct traveller *t, struct err *err) PW_CHECK;

/*
 * Something happened to the contact: does it end the wait of an `await`, because its condition is true now? It goes on
 * with the next tick then. 1, 0, -1.
 */
int run_await(struct engine *e, struct traveller *t, struct err *err) PW_CHECK;

/* The `await` at which it waits is another one now: its time counts from when it began, its condition as of now. */
int run_await_anew(struct engine *e, struct traveller *t, int step, struct err *err) PW_CHECK;

/* The row anew, after an event that may have moved, blocked or ended this very run through the door. */
int run_reload(struct engine *e, struct traveller *t, struct err *err) PW_CHECK;

/* The step that was next has been executed: counts it and goes on behind it. */
int run_step_done(struct engine *e, struct traveller *t, int next, struct err *err) PW_CHECK;

/* The same from outside a tick: also when nothing is left but to complete it. */
int run_pass_on(struct engine *e, struct traveller *t, int next, struct err *err) PW_CHECK;

int run_block(struct engine *e, struct traveller *t, enum block_reason reason, const char *text, struct err *err)
	PW_CHECK;

/* Ends it as completed or stopped: unqueued, its messages dropped, run.completed or run.stopped recorded. */
int run_end(struct engine *e, struct traveller *t, enum run_state how, const char *reason, struct err *err) PW_CHECK;

/* Stops it as `manual`: what waits to begin when it ends (`while_active: queue`) is forgotten, too. */
int run_end_by_hand(struct engine *e, struct traveller *t, struct err *err) PW_CHECK;

/* A blocked run tries its step again now. */
int run_retry(struct engine *e, struct traveller *t, struct err *err) PW_CHECK;

/* Takes the run out of the queue; the row in the store is not written. */
int run_unqueue(struct engine *e, struct run *r, struct err *err) PW_CHECK;

/* Lane kind and name, and class, where a step of this run waits. */
int run_lane(struct engine *e, const struct traveller *t, int step, int64_t *ret_lane, int *ret_class, struct err *err)
	PW_CHECK;

#endif
