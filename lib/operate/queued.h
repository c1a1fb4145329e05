#ifndef PW_OPERATE_QUEUED_H
#define PW_OPERATE_QUEUED_H

#include "engine/engine.h"
#include "store/message_store.h"

/*
 * The mails that are waiting, as `postqueue` shows those of an MTA, and what people do with single ones: hold, release,
 * drop, send at once. What changes something runs in the caller's write transaction.
 */

/* A mail that waits: a message, or a run whose next step is one that has not been made yet. */
struct queued {
	int64_t id;              /* the message's; before it is made the run's (both are from one counter) */
	int64_t message, run;    /* 0: none */
	const char *mailbox;
	int64_t due;             /* 0: in no queue */
	const char *state;       /* message_state_text(); "planned": not made yet */
	const char *to;
	const char *pipeline, *step, *subject; /* "" when there is none */
	int64_t attempts;
	const char *reason, *text; /* what holds it (operate/runs.h), the server's words */
	int64_t next;            /* when it goes, as things stand; 0: nobody can tell */
	const char *moved;       /* what makes that later than due: engine/standing.h */
};

struct queued_query {
	const char *mailbox; /* NULL: all */
	bool later;          /* also what is due later than now, though no server has put it off */
};

/*
 * Calls back for each, by mailbox and then in the order in which they go; behind them those that servers have put off, and
 * those that are in no queue. Until it returns other than 0.
 */
int queued_each(struct engine *e, int64_t team, const struct queued_query *q,
                int (*each)(const struct queued *mail, void *ctx, struct err *err), void *ctx, struct err *err)
	PW_CHECK;

/*
 * The message that an id means: a message's, or a run's whose next step is a mail: its message, made in this
 * transaction when there is none yet, as `queued`. ERR_MISSING, ERR_REFUSED (the run has no mail to come now).
 */
int queued_find(struct engine *e, int64_t team, int64_t id, struct arena *a, struct message *ret, struct err *err)
	PW_CHECK;

/* What a person calls a mail. */
struct queued_name {
	int64_t id;
	const char *step; /* of the run's: it must be the next one; NULL: whichever is */
	bool again;       /* without a step: the run's last mail when that was dropped by hand, not the next one */
};

/* As queued_find(); ERR_REFUSED also when the run does not stand before that step. */
int queued_find_named(struct engine *e, int64_t team, const struct queued_name *name, struct arena *a,
                      struct message *ret, struct err *err) PW_CHECK;

/*
 * Holds a message that was not offered yet; nobody but queued_release() makes it go. Each: 1, 0 it was so already,
 * -1 (ERR_REFUSED: it is in a state in which that cannot be done; the text says what can).
 */
int queued_hold(struct engine *e, const struct message *m, struct err *err) PW_CHECK;
int queued_release(struct engine *e, const struct message *m, struct err *err) PW_CHECK;

/* Takes it out of the way; its run goes on behind it. The same results. */
int queued_drop(struct engine *e, const struct message *m, struct err *err) PW_CHECK;

/* What was opened and hurried. */
struct flush_count {
	int64_t lanes, mails;
};

/*
 * Opens mailboxes that rest after trouble (not those that are paused or at their limit), and makes due now what was
 * put off by temporary refusals: all of them, or (mailbox not NULL) of one.
 */
int queued_flush(struct engine *e, int64_t team, const char *mailbox, struct flush_count *ret, struct err *err) PW_CHECK;

#endif
