#ifndef PW_MODEL_DECIDE_H
#define PW_MODEL_DECIDE_H

#include "base/attr.h"
#include "base/err.h"
#include "model/condition.h"
#include "model/pipeline.h"
#include "model/run.h"

#include <stdint.h>

struct calendar;
struct zone;

/*
 * The decision is a pure function of values: pipeline, where the run stands, what is known of the contact, now.
 * No clock, no database, no network: pipe-worker executes what comes out, `simulate` and `-n` print it.
 */

/* Time as this contact sees it. All borrowed. */
struct surroundings {
	const struct zone *zone;         /* the contact's, else the team's */
	const struct calendar *business; /* whose open days count; NULL: Monday to Friday */
	/* A Calendar by name ("always" too), or NULL: there is none of that name. */
	const struct calendar *(*calendar)(const void *ctx, const char *name);
	const void *ctx;
	const char *team_hours;          /* NULL: always */
};

/* Where a run stands. */
struct standing {
	int step;           /* index of the step that comes next; STEP_NONE: behind the last */
	int64_t started_at;
	int64_t due_at;     /* when it is due, as last planned: only missing ticks and `pause` make late */
	bool awaiting;      /* an `await` has begun to wait: due_at is its end */
};

enum decision_kind {
	DECIDE_WAIT,     /* nothing before `until`; why says what holds it */
	DECIDE_ACT,      /* execute step; then go on at `next` */
	DECIDE_PASS,     /* nothing to execute (wait, if, await, a mail that is skipped as late): go on at `next` */
	DECIDE_BLOCK,    /* block, text */
	DECIDE_COMPLETE  /* text: the reason of an `exit`, "" behind the last step */
};

struct decision {
	enum decision_kind kind;
	int step, next;          /* indexes */
	int64_t until;
	const char *why;         /* "delay", "hours", "await" */
	enum block_reason block;
	const char *text;        /* borrowed from the pipeline, or in the arena */
	bool late;               /* PASS: because it was too late for it */
};

/*
 * When a step is due whose predecessor completed at `from` (S0.4, S0.6). For a `wait` that is when it ends.
 * Returns 1 with *ret; 0 when a field that it waits for is not set (*ret_missing its name); -1 with ERR_INVALID
 * when the instant is out of range or the field is no date.
 */
int decide_due(const struct pipeline *p, int step, int64_t started_at, int64_t from, const struct contact *c,
               const struct surroundings *s, int64_t *ret, const char **ret_missing, struct err *err) PW_CHECK;

/*
 * When a mail that is due goes: the same instant, or the next open minute of the step's hours. -1 with ERR_INVALID when
 * they do not open any more.
 */
int decide_open(const struct pipeline *p, int step, int64_t due, const struct surroundings *s, int64_t *ret,
                struct err *err) PW_CHECK;

/* What happens to the run at f->now. -1 as the two above. */
int decide(const struct pipeline *p, const struct standing *at, const struct facts *f, const struct surroundings *s,
           struct decision *ret, struct err *err) PW_CHECK;

/*
 * May a pipeline not write to this contact (bounced, complained; unsubscribed, when it is marketing)? The reason with
 * which a run of it is stopped, or NULL. One that sends nothing may go on.
 */
const char *decide_suppressed(const struct pipeline *p, const struct contact *c);

/*
 * Does an event of this type end a run of this pipeline? f: the event and what happened since
 * the run began. Returns the reason as it is stored, or NULL.
 */
const char *decide_stop(const struct pipeline *p, const char *event_type, const struct facts *f);

#endif
