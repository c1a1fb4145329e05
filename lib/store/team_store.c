#include "store/team_store.h"

#include "store/stmt_private.h"

#include <string.h>

#define COLS "id, name, generation"

static void read_row(struct stmt *st, struct arena *a, struct team_row *ret)
{
	ret->id = stmt_int(st);
	ret->name = stmt_text(st, a);
	ret->generation = stmt_int(st);
}

int team_insert(struct db *db, const char *name, int64_t now, int64_t *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO team (" COLS ", created_at) VALUES ($1, $2, 1, $3)");
	int64_t id;

	if (db_new_id(db, "team", &id, err) < 0)
		return -1;
	stmt_bind(&st, 1, id);
	stmt_bind(&st, 2, name);
	stmt_bind(&st, 3, now);
	if (stmt_run(&st, err) < 0)
		return -1;
	*ret = id;
	return 0;
}

static int read_one(struct stmt *st, struct arena *a, struct team_row *ret, struct err *err)
{
	int got = stmt_step(st, err);

	if (got <= 0)
		return got;
	read_row(st, a, ret);
	return stmt_last(st, err) < 0 ? -1 : 1;
}

int team_find(struct db *db, const char *name, struct arena *a, struct team_row *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS " FROM team WHERE name = $1");

	stmt_bind(&st, 1, name);
	return read_one(&st, a, ret, err);
}

int team_load(struct db *db, int64_t team, struct arena *a, struct team_row *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS " FROM team WHERE id = $1");

	stmt_bind(&st, 1, team);
	return read_one(&st, a, ret, err);
}

int team_list(struct db *db, struct arena *a, struct team_row **ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS " FROM team ORDER BY name");
	size_t n = 0, cap = 0;
	int got;

	*ret = NULL;
	while ((got = stmt_step(&st, err)) > 0) {
		ARENA_GROW(a, ret, &cap, n);
		read_row(&st, a, &(*ret)[n++]);
		stmt_row_end(&st);
	}
	return got < 0 ? -1 : (int)n;
}

int team_of_account(struct db *db, const char *account, struct arena *a, struct team_row **ret, enum role **roles,
                    struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT t.id, t.name, t.generation, m.role FROM member m JOIN team t ON t.id = m.team"
	                                " WHERE m.account = $1 ORDER BY t.name");
	size_t n = 0, cap = 0, role_cap = 0;
	int got;

	*ret = NULL;
	*roles = NULL;
	stmt_bind(&st, 1, account);
	while ((got = stmt_step(&st, err)) > 0) {
		ARENA_GROW(a, ret, &cap, n);
		ARENA_GROW(a, roles, &role_cap, n);
		read_row(&st, a, &(*ret)[n]);
		(*roles)[n++] = strcmp(stmt_text(&st, a), "admin") == 0 ? ROLE_ADMIN : ROLE_MEMBER;
		stmt_row_end(&st);
	}
	return got < 0 ? -1 : (int)n;
}

int team_touch(struct db *db, int64_t team, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "UPDATE team SET generation = generation + 1 WHERE id = $1");

	stmt_bind(&st, 1, team);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int team_generation(struct db *db, int64_t team, int64_t *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT generation FROM team WHERE id = $1");
	int got;

	stmt_bind(&st, 1, team);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	*ret = stmt_int(&st);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

static int insert_member(struct db *db, int64_t team, const struct member *m, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO member (team, account, role) VALUES ($1, $2, $3)");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, m->account);
	stmt_bind(&st, 3, m->role == ROLE_ADMIN ? "admin" : "member");
	return stmt_run(&st, err);
}

int team_admins(struct db *db, int64_t team, struct arena *a, struct names *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT account FROM member WHERE team = $1 AND role = 'admin' ORDER BY account");
	size_t cap = 0;
	int got;

	*ret = (struct names){ 0 };
	stmt_bind(&st, 1, team);
	while ((got = stmt_step(&st, err)) > 0) {
		ARENA_GROW(a, &ret->v, &cap, ret->n);
		ret->v[ret->n++] = stmt_text(&st, a);
		stmt_row_end(&st);
	}
	return got < 0 ? -1 : 0;
}

int team_set_members(struct db *db, int64_t team, const struct member *members, size_t n, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM member WHERE team = $1");

	stmt_bind(&st, 1, team);
	if (stmt_run(&st, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (insert_member(db, team, &members[i], err) < 0)
			return -1;
	return 0;
}
