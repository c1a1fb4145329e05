#ifndef PW_ENGINE_LANES_H
#define PW_ENGINE_LANES_H

#include "engine/engine.h"
#include "store/queue_store.h"

struct claim;

/*
 * When a lane is open, and why not: limits of the mailbox, back-off, suspension. All in the caller's write
 * transaction.
 */

/*
 * How many messages may be claimed now, at most `want`; slots[i] is the instant from which message i may go (after
 * `now` only when the mailbox has a gap, and then at most `horizon`). Closes the lane when there is none.
 */
int lane_slots(struct engine *e, struct lane *l, const struct mailbox *mb, int64_t horizon, int want, int64_t *slots,
               struct err *err) PW_CHECK;

/* How long nothing goes after a slot at `last`: the gap, and jitter by hash. Seconds. */
int64_t lane_gap_after(const struct lane *l, const struct mailbox *mb, int64_t last);

/* For how long a slot matters to those behind it: a day, or the gap when that is longer. Seconds. */
int64_t lane_memory(const struct mailbox *mb);

/* The windows of the limits. */
#define LANE_HOUR_S 3600
#define LANE_DAY_S  86400

/* Takes a slot for a message, and gives it back when the message was not offered. No-ops without limits. */
int lane_take_slot(struct engine *e, const struct lane *l, const struct mailbox *mb, int64_t at, int64_t message,
                   struct err *err) PW_CHECK;

/*
 * May the message go now? Not so soon after another one that went later than its slot, as when the machine slept between
 * the two: 1; 0 it needs another slot; -1. In the transaction of its fence.
 */
int lane_slot_is_free(struct engine *e, const struct mailbox *mb, const struct claim *c, struct err *err) PW_CHECK;

/* The message goes now, which may be later than its slot: from now on limits and gaps count from here. */
int lane_use_slot(struct engine *e, const struct mailbox *mb, struct claim *c, struct err *err) PW_CHECK;

/* So long a server may not be reached, counted from the first failure, until the team is told. */
#define LANE_ALERT_S 3600

/*
 * A connection failed: the lane rests for 5 minutes, doubling up to an hour. At the first failure that is LANE_ALERT_S
 * or more behind the first one of the row an alert goes to the team.
 */
int lane_back_off(struct engine *e, struct lane *l, const char *text, struct err *err) PW_CHECK;

/*
 * The mailbox cannot send (reason `auth` or `settings`): it rests for an hour, nobody's run is blamed. The first
 * time an alert goes to the team.
 */
int lane_suspend(struct engine *e, struct lane *l, const char *reason, const char *text, struct err *err) PW_CHECK;

/* It works (again): the team is told when it was told of the trouble. */
int lane_works(struct engine *e, struct lane *l, struct err *err) PW_CHECK;

/* Opens it at once: `pipe-tick --login`, `pipectl resume`, a changed document. A pause by hand stays. */
int lane_open_now(struct engine *e, struct lane *l, struct err *err) PW_CHECK;

/* A secret has changed: it is open for one try; what is wrong with it, and that the team knows, stays. */
int lane_try_once(struct engine *e, struct lane *l, struct err *err) PW_CHECK;

/* When a message that was turned away for the n-th time (from 1) is tried again: 5 minutes, doubling up to 4 hours,
 * give or take a fifth (by hash of the message). */
int64_t retry_at(int64_t now, int64_t attempts, int64_t message);

#endif
