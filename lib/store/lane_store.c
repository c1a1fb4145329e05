#include "store/queue_store.h"

#include "store/stmt_private.h"

#include <string.h>

#define COLS                                                                                                       \
	"id, team, kind, name, free_at, reason, reason_text, failures, refusals, failing_since, paused_at,"           \
	" closed_since"

static void read_row(struct stmt *st, struct arena *a, struct lane *ret)
{
	ret->id = stmt_int(st);
	ret->team = stmt_int(st);
	ret->kind = stmt_text(st, a);
	ret->name = stmt_text(st, a);
	ret->free_at = stmt_int(st);
	ret->reason = stmt_text(st, a);
	ret->reason_text = stmt_text(st, a);
	ret->failures = stmt_int(st);
	ret->refusals = stmt_int(st);
	ret->failing_since = stmt_int(st);
	ret->paused_at = stmt_int(st);
	ret->paused = ret->paused_at != 0;
	ret->closed_since = stmt_int(st);
	stmt_row_end(st);
}

static void bind_row(struct stmt *st, int64_t team, const struct lane *l)
{
	stmt_bind(st, 1, l->id);
	stmt_bind(st, 2, team);
	stmt_bind(st, 5, l->free_at);
	stmt_bind(st, 6, l->reason);
	stmt_bind(st, 7, l->reason_text);
	stmt_bind(st, 8, l->failures);
	stmt_bind(st, 9, l->refusals);
	stmt_bind(st, 10, l->failing_since);
	stmt_bind(st, 12, l->closed_since);
}

static int lane_insert(struct db *db, int64_t team, const struct lane *l, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO lane (" COLS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
	                                " $12)");

	bind_row(&st, team, l);
	stmt_bind(&st, 3, l->kind);
	stmt_bind(&st, 4, l->name);
	stmt_bind(&st, 11, l->paused_at);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int lane_find(struct db *db, int64_t team, const char *kind, const char *name, struct arena *a, struct lane *ret,
              struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS " FROM lane WHERE team = $1 AND kind = $2 AND name = $3");
	int got;

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, kind);
	stmt_bind(&st, 3, name);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	read_row(&st, a, ret);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

int lane_get(struct db *db, int64_t team, const char *kind, const char *name, struct arena *a, struct lane *ret,
             struct err *err)
{
	int got = lane_find(db, team, kind, name, a, ret, err);

	if (got != 0)
		return got < 0 ? -1 : 0;
	*ret = (struct lane){ .team = team, .reason = "", .reason_text = "" };
	ret->kind = arena_strdup(a, kind);
	ret->name = arena_strdup(a, name);
	if (strcmp(kind, "parked") == 0)
		ret->free_at = LANE_NEVER; /* nothing in it is for a tick */
	if (db_new_id(db, "lane", &ret->id, err) < 0)
		return -1;
	return lane_insert(db, team, ret, err);
}

int lane_load(struct db *db, int64_t team, int64_t id, struct arena *a, struct lane *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS " FROM lane WHERE id = $1 AND team = $2");
	int got;

	stmt_bind(&st, 1, id);
	stmt_bind(&st, 2, team);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	read_row(&st, a, ret);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

int lane_update(struct db *db, int64_t team, const struct lane *l, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "UPDATE lane SET free_at = $5, reason = $6, reason_text = $7, failures = $8,"
	                                " refusals = $9, failing_since = $10, closed_since = $12 WHERE id = $1 AND team = $2");

	bind_row(&st, team, l);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int lane_set_paused(struct db *db, int64_t team, int64_t id, int64_t since, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "UPDATE lane SET paused_at = $3 WHERE id = $1 AND team = $2"
	                                " AND paused_at <> $3 AND (paused_at = 0 OR $3 = 0)");

	stmt_bind(&st, 1, id);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, since);
	return stmt_run(&st, err);
}

int lane_is_paused(struct db *db, int64_t team, int64_t id, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT paused_at FROM lane WHERE id = $1 AND team = $2");
	int got;

	stmt_bind(&st, 1, id);
	stmt_bind(&st, 2, team);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	got = stmt_int(&st) != 0;
	return stmt_last(&st, err) < 0 ? -1 : got;
}

int lane_list(struct db *db, int64_t team, struct arena *a, struct lane **ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS " FROM lane WHERE $1 = 0 OR team = $1 ORDER BY id");
	size_t n = 0, cap = 0;
	int got;

	*ret = NULL;
	stmt_bind(&st, 1, team);
	while ((got = stmt_step(&st, err)) > 0) {
		ARENA_GROW(a, ret, &cap, n);
		read_row(&st, a, &(*ret)[n++]);
	}
	return got < 0 ? -1 : (int)n;
}

int lane_watch_set(struct db *db, int64_t team, const struct lane_watch *w, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO lane_watch (lane, team, path, stamp) VALUES ($1, $2, $3, $4)"
	                                " ON CONFLICT (lane) DO UPDATE SET path = $3, stamp = $4 WHERE lane_watch.team = $2");

	stmt_bind(&st, 1, w->lane);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, w->path);
	stmt_bind(&st, 4, w->stamp);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int lane_watch_remove(struct db *db, int64_t team, int64_t lane, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM lane_watch WHERE lane = $1 AND team = $2");

	stmt_bind(&st, 1, lane);
	stmt_bind(&st, 2, team);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int lane_watch_list(struct db *db, int64_t team, struct arena *a, struct lane_watch **ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT lane, team, path, stamp FROM lane_watch WHERE $1 = 0 OR team = $1"
	                                " ORDER BY lane");
	size_t n = 0, cap = 0;
	int got;

	*ret = NULL;
	stmt_bind(&st, 1, team);
	while ((got = stmt_step(&st, err)) > 0) {
		struct lane_watch *w;

		ARENA_GROW(a, ret, &cap, n);
		w = &(*ret)[n++];
		w->lane = stmt_int(&st);
		w->team = stmt_int(&st);
		w->path = stmt_text(&st, a);
		w->stamp = stmt_text(&st, a);
		stmt_row_end(&st);
	}
	return got < 0 ? -1 : (int)n;
}

int quota_insert(struct db *db, int64_t lane, int64_t at, int64_t message, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO quota (lane, at, message) VALUES ($1, $2, $3)"
	                                " ON CONFLICT (lane, at, message) DO NOTHING");

	stmt_bind(&st, 1, lane);
	stmt_bind(&st, 2, at);
	stmt_bind(&st, 3, message);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int quota_remove(struct db *db, int64_t lane, int64_t at, int64_t message, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM quota WHERE lane = $1 AND at = $2 AND message = $3");

	stmt_bind(&st, 1, lane);
	stmt_bind(&st, 2, at);
	stmt_bind(&st, 3, message);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int quota_used(struct db *db, int64_t lane, int64_t since, int64_t *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT count(*) FROM quota WHERE lane = $1 AND at > $2");

	stmt_bind(&st, 1, lane);
	stmt_bind(&st, 2, since);
	if (stmt_step(&st, err) < 0)
		return -1;
	*ret = stmt_int(&st);
	return stmt_last(&st, err);
}

int quota_nth(struct db *db, int64_t lane, int64_t n, int64_t *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT at FROM quota WHERE lane = $1 ORDER BY at DESC, message DESC"
	                                " LIMIT 1 OFFSET $2");
	int got;

	stmt_bind(&st, 1, lane);
	stmt_bind(&st, 2, n - 1);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	*ret = stmt_int(&st);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

int quota_list(struct db *db, int64_t lane, int64_t since, struct arena *a, int64_t **ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT at FROM quota WHERE lane = $1 AND at > $2 ORDER BY at, message");
	size_t n = 0, cap = 0;
	int got;

	*ret = NULL;
	stmt_bind(&st, 1, lane);
	stmt_bind(&st, 2, since);
	while ((got = stmt_step(&st, err)) > 0) {
		ARENA_GROW(a, ret, &cap, n);
		(*ret)[n++] = stmt_int(&st);
		stmt_row_end(&st);
	}
	return got < 0 ? -1 : (int)n;
}

int quota_prune(struct db *db, int64_t lane, int64_t before, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM quota WHERE lane = $1 AND at < $2");

	stmt_bind(&st, 1, lane);
	stmt_bind(&st, 2, before);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}
