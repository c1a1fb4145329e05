#include "store/db_private.h"
#include "store/word_private.h"

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

int txn_commit(struct txn *t, struct err *err)
{
	if (t->db->undone)
		return db_fail_undone(t->db, err);
	if (db_exec(t->db, "COMMIT", err) < 0)
		return -1;
	t->db->in_txn = false;
	t->db = NULL;
	return 0;
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
	t->db->feed_until = 0;
	words_forget(t->db);
	if (t->db->forget_stencils)
		t->db->forget_stencils(t->db);
	t->db = NULL;
}

int snapshot_begin(struct snapshot *r, struct db *db, struct err *err)
{
	if (!sqlite3_get_autocommit(db->handle))
		return 0;
	r->db = db;
	return db_exec(db, "BEGIN", err);
}

/* Nothing was written: that it cannot be ended is no loss, and the next one who begins is told. */
void snapshot_release(struct snapshot *r)
{
	if (r->db)
		sqlite3_exec(r->db->handle, "ROLLBACK", NULL, NULL, NULL);
	r->db = NULL;
}
