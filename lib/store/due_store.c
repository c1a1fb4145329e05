#include "store/due_store.h"

#include "store/row_private.h"

int due_mail_load(struct db *db, int64_t team, int64_t run, struct arena *a, struct due_mail *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(
		db, "SELECT " RUN_COLS ", " CONTACT_COLS ", CASE WHEN EXISTS (SELECT 1 FROM message m WHERE m.run = r.id AND m.run > 0 AND m.step = r.step"
		    " AND m.visit = r.visit) THEN 1 ELSE 0 END"
		    " FROM run r JOIN contact c ON c.id = r.contact AND c.team = r.team WHERE r.id = $1 AND r.team = $2");
	int got;

	stmt_bind(&st, 1, run);
	stmt_bind(&st, 2, team);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	run_read_row(&st, a, &ret->run);
	if (contact_read_row(&st, a, &ret->contact, err) < 0)
		return -1;
	ret->has_message = stmt_int(&st) != 0;
	return stmt_last(&st, err) < 0 ? -1 : 1;
}
