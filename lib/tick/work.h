#ifndef PW_TICK_WORK_H
#define PW_TICK_WORK_H

#include "engine/engine.h"
#include "engine/guard.h"
#include "tick/deliver.h"
#include "tick/login.h"
#include "tick/spool.h"

/* One tick: recovery, spool, steps without mail, deliveries, again while something is due. */

#define WORK_MS 50000  /* nothing is claimed after so long; the rest is the next tick's */
#define GRACE_MS 10000 /* for what was begun before that and not offered yet */

struct work_options {
	int64_t team;           /* only this team; 0: all */
	int64_t max;            /* mails at most */
	const char *login;      /* a mailbox that is tried although it is down; NULL: none */
	const volatile sig_atomic_t *stop; /* not 0: somebody wants it to end; NULL: nobody can */
	bool real_time;         /* no --now: the clock is followed and guarded */
	const struct guard *guard; /* of the lock; NULL: without one, and not in real time */
};

struct work_count {
	int64_t steps;          /* runs that were moved on without mail */
	int64_t events;         /* files of the spool that were recorded */
	struct spool_bad bad;   /* files of the spool that were moved away */
	int64_t newest;         /* for the guard: ids that have been given */
	bool told;              /* nothing may be sent, and an earlier tick (or `restore`) has said so already */
	struct deliver_count mail;
	struct login_try login; /* with `login` */
};

/*
 * Does it. The caller holds the lock. ERR_CONFIG when nothing may be sent: the clock jumped, or a backup was
 * restored, and nobody has accepted that yet (ERR_BUSY with ret->told when this was told already: cron would mail
 * it each minute).
 */
int work(struct engine *e, const struct work_options *how, struct work_count *ret, struct err *err) PW_CHECK;

/* What is due now and what would happen, without doing it: calls back per item. */
struct work_item {
	const char *team, *lane, *contact, *pipeline, *step;
	int64_t run, due;
};
int work_list_due(struct engine *e, int64_t team, void (*each)(const struct work_item *item, void *ctx), void *ctx,
                  struct err *err) PW_CHECK;

#endif
