#include "store/entry_store.h"

#include "store/stmt_private.h"

int entry_insert(struct db *db, int64_t team, int64_t pipeline, int64_t contact, int64_t event, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO entry (pipeline, contact, event, team) VALUES ($1, $2, $3, $4)"
	                                " ON CONFLICT (pipeline, contact, event) DO NOTHING");

	stmt_bind(&st, 1, pipeline);
	stmt_bind(&st, 2, contact);
	stmt_bind(&st, 3, event);
	stmt_bind(&st, 4, team);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int entry_take(struct db *db, int64_t team, int64_t pipeline, int64_t contact, int64_t *ret_event, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM entry WHERE pipeline = $1 AND contact = $2 AND team = $3 AND event ="
	                                " (SELECT min(event) FROM entry WHERE pipeline = $1 AND contact = $2 AND team = $3)"
	                                " RETURNING event");
	int got;

	stmt_bind(&st, 1, pipeline);
	stmt_bind(&st, 2, contact);
	stmt_bind(&st, 3, team);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	*ret_event = stmt_int(&st);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

int entry_remove(struct db *db, int64_t team, int64_t pipeline, int64_t contact, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM entry WHERE pipeline IN (SELECT id FROM document WHERE team = $1"
	                                " AND kind = 'Pipeline' AND ($3 = 0 OR id = $3)) AND contact = $2 AND team = $1");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, contact);
	stmt_bind(&st, 3, pipeline);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}
