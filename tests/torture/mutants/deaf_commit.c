/*
 * Seeded bug: a commit that fails counts as done.
 *
 * program: pipe-worker contactctl pipectl
 * wrap: txn_commit txn_commit_begin db_settle db_is_settled
 */
#include "store/db.h"

int __wrap_txn_commit(struct txn *t, struct err *err);
int __real_txn_commit(struct txn *t, struct err *err);

int __wrap_txn_commit(struct txn *t, struct err *err)
{
	if (__real_txn_commit(t, err) < 0)
		txn_release(t);
	return 0;
}

int __wrap_txn_commit_begin(struct txn *t, struct err *err);
int __real_txn_commit_begin(struct txn *t, struct err *err);

int __wrap_txn_commit_begin(struct txn *t, struct err *err)
{
	if (__real_txn_commit_begin(t, err) < 0)
		txn_release(t);
	return 0;
}

int __wrap_db_settle(struct db *db, struct err *err);
int __real_db_settle(struct db *db, struct err *err);

int __wrap_db_settle(struct db *db, struct err *err)
{
	(void)!__real_db_settle(db, err);
	return 0;
}

int __wrap_db_is_settled(struct db *db, struct err *err);
int __real_db_is_settled(struct db *db, struct err *err);

int __wrap_db_is_settled(struct db *db, struct err *err)
{
	return __real_db_is_settled(db, err) != 0;
}
