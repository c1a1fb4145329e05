#ifndef PW_TICK_DELIVER_H
#define PW_TICK_DELIVER_H

#include "engine/engine.h"
#include "engine/guard.h"

#include <signal.h>
#include <stdbool.h>

/* How far a delivery goes. */
struct deliver_limits {
	int64_t deadline_ms; /* monotonic: nothing is claimed or begun after it */
	int64_t cut_ms;      /* monotonic: what has not been offered by then is given back */
	int64_t max;         /* messages to claim at most; counted down */
	bool real_time;      /* e->now follows the clock and slots may be waited for; else it is fixed (`--now`) */
	const volatile sig_atomic_t *stop; /* not 0: somebody wants it to end, as if both were over; NULL: nobody can */
	struct guard begun;  /* with real_time: the clock when the tick began; when it is set meanwhile nothing more goes */

	/*
	 * While nothing is left but to wait for answers, about once a second: other work. It may move the deadline and the
	 * cut; lanes that have something due by then are served, too. NULL: answers are only waited for.
	 */
	int (*meanwhile)(void *ctx, struct err *err);
	void *ctx;
};

/* Was the clock set since the tick began? */
bool deliver_is_astray(const struct deliver_limits *limits, int64_t now);

/* May more be begun? Not after the deadline, nor once somebody wants it to end. */
bool deliver_may_begin(const struct deliver_limits *limits);

/* What came of it, for -v. */
struct deliver_count {
	int64_t claimed, sent, retried, refused, in_doubt;
};

/*
 * Sends what is due in the lanes of all mailboxes (of one team when `team` is not 0), in one poll loop without
 * threads: many connections of many mailboxes at once. One commit serves the answers, the fences and the new claims
 * of all connections in a round. Returns 1 when something was claimed, 0 when nothing was
 * due, -1 when the store failed (nothing more is sent then).
 */
int deliver(struct engine *e, int64_t team, struct deliver_limits *limits, struct deliver_count *count,
            struct err *err) PW_CHECK;

#endif
