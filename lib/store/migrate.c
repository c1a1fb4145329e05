#include "store/db_private.h"
#include "store/schema_private.h"

#include <stdio.h>

int migrate_run(struct db *db, int from, struct err *err)
{
	char pragma[64];
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, db, err) < 0)
		return -1;
	for (int i = from; i < schema_version; i++)
		if (db_exec(db, schema_steps[i], err) < 0)
			return err_prefix(err, "schema step %d", i + 1);
	snprintf(pragma, sizeof pragma, "PRAGMA application_id=%d; PRAGMA user_version=%d", PW_APPLICATION_ID,
	         schema_version);
	if (db_exec(db, pragma, err) < 0)
		return -1;
	return txn_commit(&txn, err);
}
