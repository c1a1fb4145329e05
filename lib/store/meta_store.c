#include "store/stmt_private.h"

int meta_get(struct db *db, const char *name, struct arena *a, const char **ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT value FROM meta WHERE name = $1");
	int got;

	stmt_bind(&st, 1, name);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	*ret = stmt_text(&st, a);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

int meta_set(struct db *db, const char *name, const char *value, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO meta (name, value) VALUES ($1, $2)"
	                                " ON CONFLICT (name) DO UPDATE SET value = excluded.value");

	stmt_bind(&st, 1, name);
	stmt_bind(&st, 2, value);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int meta_delete(struct db *db, const char *name, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM meta WHERE name = $1");

	stmt_bind(&st, 1, name);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int meta_any(struct db *db, const char *prefix, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT 1 FROM meta WHERE name > $1 AND name < $1 || '~' LIMIT 1");
	int got;

	stmt_bind(&st, 1, prefix);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	(void)stmt_int(&st);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}
