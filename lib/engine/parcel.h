#ifndef PW_ENGINE_PARCEL_H
#define PW_ENGINE_PARCEL_H

#include "engine/lanes.h"
#include "engine/progress.h"
#include "store/message_store.h"
#include "transport/delivery.h"

/*
 * A message on its way out: claimed from the queue, rendered, its bytes stored; then fenced, offered, answered.
 * It lives in an arena of its own until the answer is recorded.
 */
struct parcel {
	struct arena arena;
	struct claim claim;          /* with the bytes */
	struct message message;      /* as it was claimed */
	struct traveller t;          /* its run as it was claimed; of a mail without one nothing */
	uint64_t changes;            /* when that was loaded: of the engine */
	bool eightbit;
	bool again;                  /* this tick has claimed it before, and it came back */
	int64_t decided_at;          /* when hours and lateness were looked at last */
	bool fenced;                 /* `offered` is committed */
	struct delivery result;
	const char *reply;           /* its code and text as one, once it was asked for */
	struct parcel *next;
};

void parcel_free(struct parcel *p);

/*
 * Claims one item that was taken off a mailbox's lane (queue_take()). 1 with *ret; 0 when there is nothing to send (the run was planned anew,
 * blocked, parked, ended); -1. In the caller's write transaction.
 */
int parcel_claim(struct engine *e, struct lane *l, const struct mailbox *mb, const struct queue_row *q, int64_t slot_at,
                 struct parcel **ret, struct err *err) PW_CHECK;

/*
 * The fence: 1 the content may go once this is committed, 0 something changed, or it is another
 * minute by now and it may not go in that one, -1.
 */
int parcel_fence(struct engine *e, struct parcel *p, struct err *err) PW_CHECK;

/*
 * Records what became of it, p->result: message, feed, the next step, the lane. The parcel is done then.
 * It was fenced, or its result is one that needs no fence.
 */
int parcel_record(struct engine *e, struct lane *l, struct parcel *p, struct err *err) PW_CHECK;

/* Gives back what was claimed and not offered: as if it had never been taken. */
int parcel_return(struct engine *e, struct parcel *p, struct err *err) PW_CHECK;

/*
 * The same, of a claim that the fence refused. What is refused again in one tick, although the claim saw nothing against
 * it, is not claimed before the next minute.
 */
int parcel_refuse(struct engine *e, struct parcel *p, struct err *err) PW_CHECK;

/* What a dead tick left: claims that are not ours. `policy` of the mailbox decides about those in doubt. */
int parcel_recover(struct engine *e, const struct claim *c, struct err *err) PW_CHECK;

/* Gives a message back that a tick has claimed and not offered yet (its fence fails then). 1, 0 there is none, -1. */
int parcel_take_back(struct engine *e, int64_t team, int64_t message, struct err *err) PW_CHECK;

/*
 * `pipectl settle`: an in-doubt message was sent after all, or is sent again. 1, 0 it is not in doubt, -1
 * (ERR_REFUSED: to be sent again, but its run is somewhere else by now).
 */
int parcel_settle(struct engine *e, int64_t team, int64_t message, bool resend, struct err *err) PW_CHECK;

#endif
