#ifndef PW_STORE_DB_H
#define PW_STORE_DB_H

#include "base/attr.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The one SQLite file: WAL, synchronous=FULL, foreign keys on, recursive triggers on.
 * A handle belongs to one thread.
 */
struct db;

enum db_mode {
	DB_READ,   /* must exist, with this program's schema */
	DB_WRITE,  /* the same; writes are allowed */
	DB_CREATE, /* made when missing, with the schema; a file that is there must be ours */
	DB_UPGRADE /* any older schema is accepted; only for db_upgrade() */
};

/*
 * Opens the file. Refuses what is not a pipewright database (ERR_CONFIG), a schema newer than the program, an
 * older one (both ERR_CONFIG, saying what to do), a file on a network file system (ERR_CONFIG), a missing file
 * (ERR_NOINPUT), one that may not be read (ERR_DENIED). The caller closes.
 */
int db_open(const char *path, enum db_mode mode, struct db **ret, struct err *err) PW_CHECK;
void db_close(struct db *db); /* NULL is fine */

/* Opens only to look (pipe-tick): no schema check beyond the version, no page cache to speak of. */
int db_open_quick(const char *path, struct db **ret, struct err *err) PW_CHECK;

const char *db_path(const struct db *db);
int db_schema_version(struct db *db, int *ret, struct err *err) PW_CHECK;
int db_schema_wanted(void); /* of this program */

/* Brings an older file to this program's schema in one transaction. Returns how many steps were applied. */
int db_upgrade(struct db *db, struct err *err) PW_CHECK;

/*
 * A new id from a counter, never used before nor later: "contact", "run", "event", "message", ...
 * Taken from the file in blocks within the transaction that is open; what a rollback takes back is
 * forgotten here too.
 */
int db_new_id(struct db *db, const char *counter, int64_t *ret, struct err *err) PW_CHECK;

/* How many ids a counter has given in this file, whoever took them: what tells an old copy from its successor. */
int db_newest_id(struct db *db, const char *counter, int64_t *ret, struct err *err) PW_CHECK;

/* For imports: let blocks be of this size (default 16; 1..100000). */
void db_id_block(struct db *db, int64_t size);

/* For imports: keeps up to `mb` megabytes of the file in memory (default 16). */
int db_cache(struct db *db, int mb, struct err *err) PW_CHECK;

/*
 * A write transaction. It takes the write lock at once (waiting for another writer, then ERR_BUSY).
 * Leaving the scope without txn_commit() rolls back.
 */
struct txn {
	struct db *db;
};
#define TXN_AUTO PW_CLEANUP(txn_release) struct txn
#define TXN_INIT { NULL }

int txn_begin(struct txn *t, struct db *db, struct err *err) PW_CHECK;
int txn_commit(struct txn *t, struct err *err) PW_CHECK;
void txn_release(struct txn *t);

/*
 * A time in which the file stays as it is for whoever reads it, whatever others commit: for rows that belong together.
 * Leaving the scope ends it. In a transaction it is that one's; none may begin within it.
 */
struct snapshot {
	struct db *db;
};
#define SNAPSHOT_AUTO PW_CLEANUP(snapshot_release) struct snapshot
#define SNAPSHOT_INIT { NULL }

int snapshot_begin(struct snapshot *r, struct db *db, struct err *err) PW_CHECK;
void snapshot_release(struct snapshot *r);

/* How long txn_begin() waits for another writer, in milliseconds (5000 at first). */
void db_set_patience(struct db *db, int ms);

/* Between two transactions of long work: waits just long enough that another writer who waits gets the lock. */
void db_give_way(struct db *db);
bool db_in_txn(const struct db *db);

/* A number that is another one when another program has changed the file. Sure within a transaction. */
int db_others(struct db *db, int64_t *ret, struct err *err) PW_CHECK;

/*
 * For many small commits: the WAL is moved into the file each 8 MB instead of each 80, and then written from its
 * beginning again. A sync of what is overwritten takes about half the time of one that makes a file longer.
 */
void db_keep_wal_short(struct db *db);

/* Moves the WAL into the file and empties it: once at the end of a tick or import. Failing does not matter. */
void db_checkpoint(struct db *db);

/*
 * The same, for what must not stay in the WAL: waits for those who read. 1; 0 somebody still reads (the next tick does
 * it); -1.
 */
int db_empty_log(struct db *db, struct err *err) PW_CHECK;

/*
 * A consistent copy into a new file, while others work. The target must not exist (ERR_CREATE); nothing is left of
 * it when the copy fails. It is on the disk when this returns.
 */
int db_backup(struct db *db, const char *target, struct err *err) PW_CHECK;

/*
 * The other way: everything in db is replaced by what is in the file `source`, in one transaction that readers and
 * writers of db wait for. Afterwards db can only be closed.
 */
int db_replace(struct db *db, const char *source, struct err *err) PW_CHECK;

/* Reads every page and index (`pipectl check`, before a backup). ERR_IO with the first finding. */
int db_verify(struct db *db, struct err *err) PW_CHECK;

/* A value in the meta table; ret in the arena. 1 there is one, 0 none, -1. */
struct arena;
int meta_get(struct db *db, const char *name, struct arena *a, const char **ret, struct err *err) PW_CHECK;
int meta_set(struct db *db, const char *name, const char *value, struct err *err) PW_CHECK;
int meta_delete(struct db *db, const char *name, struct err *err) PW_CHECK;
int meta_any(struct db *db, const char *prefix, struct err *err) PW_CHECK; /* is there a name that begins so? 1, 0, -1 */

#endif
