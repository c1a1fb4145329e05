#include "store/document_store.h"

#include "store/stmt_private.h"

#define COLS "id, team, kind, name, body, folder, source, version, next_step, paused, created_at, updated_at"

static void read_row(struct stmt *st, struct arena *a, struct document_row *ret)
{
	ret->id = stmt_int(st);
	ret->team = stmt_int(st);
	ret->kind = stmt_text(st, a);
	ret->name = stmt_text(st, a);
	ret->body = stmt_text(st, a);
	ret->folder = stmt_text(st, a);
	ret->source = stmt_text(st, a);
	ret->version = (int)stmt_int(st);
	ret->next_step = (int)stmt_int(st);
	ret->paused = stmt_int(st);
	ret->created_at = stmt_int(st);
	ret->updated_at = stmt_int(st);
	stmt_row_end(st);
}

static void bind_row(struct stmt *st, int64_t team, const struct document_row *d)
{
	stmt_bind(st, 1, d->id);
	stmt_bind(st, 2, team);
	stmt_bind(st, 5, d->body);
	stmt_bind(st, 6, d->folder);
	stmt_bind(st, 7, d->source);
	stmt_bind(st, 8, d->version);
	stmt_bind(st, 9, d->next_step);
	stmt_bind(st, 10, d->paused);
	stmt_bind(st, 12, d->updated_at);
}

int document_insert(struct db *db, int64_t team, struct document_row *d, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO document (" COLS ")"
	                                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)");

	if (db_new_id(db, "document", &d->id, err) < 0)
		return -1;
	d->team = team;
	bind_row(&st, team, d);
	stmt_bind(&st, 3, d->kind);
	stmt_bind(&st, 4, d->name);
	stmt_bind(&st, 11, d->created_at);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int document_update(struct db *db, int64_t team, const struct document_row *d, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "UPDATE document SET body = $5, folder = $6, source = $7, version = $8, next_step = $9,"
	                                " paused = $10, updated_at = $12 WHERE id = $1 AND team = $2");

	bind_row(&st, team, d);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int document_delete(struct db *db, int64_t team, int64_t id, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM document WHERE id = $1 AND team = $2");

	stmt_bind(&st, 1, id);
	stmt_bind(&st, 2, team);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

static int read_one(struct stmt *st, struct arena *a, struct document_row *ret, struct err *err)
{
	int got = stmt_step(st, err);

	if (got <= 0)
		return got;
	read_row(st, a, ret);
	return stmt_last(st, err) < 0 ? -1 : 1;
}

int document_find(struct db *db, int64_t team, const char *kind, const char *name, struct arena *a,
                  struct document_row *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS " FROM document WHERE team = $1 AND kind = $2 AND name = $3");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, kind);
	stmt_bind(&st, 3, name);
	return read_one(&st, a, ret, err);
}

int document_list(struct db *db, int64_t team, const char *kind, struct arena *a, struct document_row **ret,
                  struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS " FROM document WHERE team = $1 AND ($2 = '' OR kind = $2)"
	                                " ORDER BY kind, name");
	size_t n = 0, cap = 0;
	int got;

	*ret = NULL;
	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, kind ? kind : "");
	while ((got = stmt_step(&st, err)) > 0) {
		ARENA_GROW(a, ret, &cap, n);
		read_row(&st, a, &(*ret)[n++]);
	}
	return got < 0 ? -1 : (int)n;
}

#define VERSION_COLS "document, version, kind, name, body, steps, actor, created_at"

static void read_version(struct stmt *st, struct arena *a, struct document_version *ret)
{
	ret->document = stmt_int(st);
	ret->version = (int)stmt_int(st);
	ret->kind = stmt_text(st, a);
	ret->name = stmt_text(st, a);
	ret->body = stmt_text(st, a);
	ret->steps = stmt_text(st, a);
	ret->actor = stmt_text(st, a);
	ret->created_at = stmt_int(st);
	stmt_row_end(st);
}

int version_insert(struct db *db, int64_t team, const struct document_version *v, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO document_version (" VERSION_COLS ", team)"
	                                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");

	stmt_bind(&st, 1, v->document);
	stmt_bind(&st, 2, v->version);
	stmt_bind(&st, 3, v->kind);
	stmt_bind(&st, 4, v->name);
	stmt_bind(&st, 5, v->body);
	stmt_bind(&st, 6, v->steps);
	stmt_bind(&st, 7, v->actor);
	stmt_bind(&st, 8, v->created_at);
	stmt_bind(&st, 9, team);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

static int read_one_version(struct stmt *st, struct arena *a, struct document_version *ret, struct err *err)
{
	int got = stmt_step(st, err);

	if (got <= 0)
		return got;
	read_version(st, a, ret);
	return stmt_last(st, err) < 0 ? -1 : 1;
}

int version_load(struct db *db, int64_t team, int64_t document, int version, struct arena *a,
                 struct document_version *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " VERSION_COLS " FROM document_version WHERE document = $1 AND version = $2"
	                                " AND team = $3");

	stmt_bind(&st, 1, document);
	stmt_bind(&st, 2, version);
	stmt_bind(&st, 3, team);
	return read_one_version(&st, a, ret, err);
}

int version_newest(struct db *db, int64_t team, int64_t document, struct arena *a, struct document_version *ret,
                   struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " VERSION_COLS " FROM document_version WHERE document = $1 AND team = $2"
	                                " ORDER BY version DESC LIMIT 1");

	stmt_bind(&st, 1, document);
	stmt_bind(&st, 2, team);
	return read_one_version(&st, a, ret, err);
}

int version_list(struct db *db, int64_t team, int64_t document, struct arena *a, struct document_version **ret,
                 struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " VERSION_COLS " FROM document_version WHERE document = $1 AND team = $2"
	                                " ORDER BY version DESC");
	size_t n = 0, cap = 0;
	int got;

	*ret = NULL;
	stmt_bind(&st, 1, document);
	stmt_bind(&st, 2, team);
	while ((got = stmt_step(&st, err)) > 0) {
		ARENA_GROW(a, ret, &cap, n);
		read_version(&st, a, &(*ret)[n++]);
	}
	return got < 0 ? -1 : (int)n;
}
