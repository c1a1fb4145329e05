#ifndef PW_OPERATE_SAFEKEEPING_H
#define PW_OPERATE_SAFEKEEPING_H

#include "engine/engine.h"

/*
 * Backups and what follows when one is put back, schema upgrades, and a clock that jumped. Only
 * for the owner of the database; a tick that is at work makes all but a plain backup fail with ERR_BUSY.
 */

/* Keeps all ticks out until ret->fd is closed. ERR_BUSY: one is at work. */
struct guard;
int safekeep_lock(const char *db_path, struct guard *ret, struct err *err) PW_CHECK;

/*
 * Copies the database into a new file, after reading every page of it. final: the database is handed over: a tick
 * sends nothing from it any more, and the copy goes on where it stopped, without anything in doubt.
 * In transactions of its own. ERR_CREATE: the target exists or cannot be written; ERR_IO: the database is damaged.
 */
int safekeep_backup(struct engine *e, const char *target, bool final, struct err *err) PW_CHECK;

/* What a file says of itself. */
struct backup_facts {
	int64_t made_at; /* 0: `backup` did not make it */
	bool final;
	int schema;
};

/*
 * Looks at a backup: a copy of it is made beside the database, where safekeep_restore() takes it from. `copy` reads
 * it with the rights of the caller. ERR_INVALID: it is no database of ours, or damaged.
 */
struct restoring {
	const char *db_path;
	const char *source;      /* for messages */
	const char *prepared;    /* the copy beside the database; removed by safekeep_release() */
	struct backup_facts facts;
	const char *kept;        /* what the database was is there now; NULL: there was none */
	int lock_fd;
};
int safekeep_prepare(const char *db_path, const char *source, int (*copy)(const char *from, const char *to, struct err *err),
                     struct arena *a, struct restoring *ret, struct err *err) PW_CHECK;

/*
 * Puts it in place of the database; what was there is kept beside it under another name (ret->kept). Nothing is
 * sent from it until safekeep_accept(), except from a final one.
 */
int safekeep_restore(struct restoring *r, int64_t now, struct arena *a, struct err *err) PW_CHECK;
void safekeep_release(struct restoring *r);

/* What `restore --accept` did. */
struct accept_count {
	int64_t in_doubt; /* mails that were due since the backup: they may have been sent */
	int64_t moved;    /* steps without mail that were due since */
};

/*
 * Accepts a restored backup: what was due until now may have been sent by the database that was lost. Steps without
 * mail are executed as of when they were due; each mail that was due is put in doubt and blocks its run; then the hold
 * is lifted. 1, 0 no restored backup waits for this, -1. In transactions of its own; a repeat goes on.
 * dry_run: everything is taken back in the end.
 */
int safekeep_accept(struct engine *e, bool dry_run, struct accept_count *ret, struct err *err) PW_CHECK;

/*
 * Brings a database to this program's schema, after a backup beside it ("x.db.bak"; ERR_CREATE when there is one
 * already). 1, 0 it is up to date, -1. dry_run: only tells.
 */
struct upgrade {
	int from, to;
	const char *backup; /* in the arena */
};
int safekeep_upgrade(const char *db_path, bool dry_run, struct arena *a, struct upgrade *ret, struct err *err) PW_CHECK;

/* The clock of the machine is right: ticks go on. 1, 0 nobody doubted it, -1. */
int safekeep_accept_clock(struct engine *e, struct err *err) PW_CHECK;

#endif
