#include "store/db_private.h"
#include "store/gather_private.h"
#include "store/word_private.h"

#define SHORT_WAL 2000 /* pages */

/* What is not on the disk yet must be before the log is moved into the file: that waits until it is settled. */
static int note_length(void *ctx, sqlite3 *handle, const char *name, int pages)
{
	struct db *db = ctx;

	(void)handle;
	(void)name;
	db->log_is_long = pages >= SHORT_WAL;
	return SQLITE_OK;
}

/* As SQLite does it by itself: as much as can be moved while others read, and it does not matter when it fails. */
static void shorten_log(struct db *db)
{
	if (!db->log_is_long || db->in_txn)
		return;
	db->log_is_long = false;
	sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

void db_keep_wal_short(struct db *db)
{
	sqlite3_wal_hook(db->handle, note_length, db);
}

static int fail_sync(struct db *db, int code, struct err *err)
{
	return db_fail_with(db, code, sqlite3_errstr(code), "writing the log", err);
}

int db_is_settled(struct db *db, struct err *err)
{
	int code;

	if (!gather_is_synced(db->handle, &code))
		return 0;
	if (code != SQLITE_OK)
		return fail_sync(db, code, err);
	shorten_log(db);
	return 1;
}

int db_settle(struct db *db, struct err *err)
{
	int code = gather_await(db->handle);

	if (code != SQLITE_OK)
		return fail_sync(db, code, err);
	shorten_log(db);
	return 0;
}

bool db_in_txn(const struct db *db)
{
	return db->in_txn;
}

int txn_begin(struct txn *t, struct db *db, struct err *err)
{
	BUG_ON(db->in_txn);
	if (db_exec(db, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	db->in_txn = true;
	t->db = db;
	return 0;
}

int txn_try(struct txn *t, struct db *db, struct err *err)
{
	int patience = db->patience_ms, got;

	db_set_patience(db, 0);
	got = txn_begin(t, db, err);
	db_set_patience(db, patience);
	if (got == 0)
		return 1;
	return err->kind == ERR_BUSY ? 0 : -1;
}

/* One commit at a time is on its way to the disk: what a loss of power takes is then the last one at most. */
static int commit(struct txn *t, enum log_sync how, struct err *err)
{
	struct db *db = t->db;
	int got;

	if (db->undone)
		return db_fail_undone(db, err);
	if (db_settle(db, err) < 0)
		return -1;
	gather_next_sync(db->handle, how);
	got = db_exec(db, "COMMIT", err);
	gather_next_sync(db->handle, LOG_SYNC);
	if (got < 0)
		return -1;
	db->in_txn = false;
	t->db = NULL;
	return 0;
}

int txn_commit(struct txn *t, struct err *err)
{
	struct db *db = t->db;

	if (commit(t, LOG_SYNC, err) < 0)
		return -1;
	shorten_log(db);
	return 0;
}

int txn_commit_begin(struct txn *t, struct err *err)
{
	return commit(t, LOG_BEGIN, err);
}

void txn_release(struct txn *t)
{
	if (!t->db)
		return;
	if (!sqlite3_get_autocommit(t->db->handle))
		sqlite3_exec(t->db->handle, "ROLLBACK", NULL, NULL, NULL);
	t->db->in_txn = false;
	t->db->undone = 0;
	t->db->n_blocks = 0;
	words_forget(t->db);
	if (t->db->forget_stencils)
		t->db->forget_stencils(t->db);
	t->db = NULL;
}
