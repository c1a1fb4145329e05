/*
 * Seeded bug: a commit that fails counts as done.
 *
 * program: pipe-worker contactctl pipectl
 * wrap: txn_commit
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
