#include "store/stmt_private.h"

#include "base/mem.h"
#include "store/db_private.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CACHE 128

static size_t slot_of(const struct db *db, const char *sql)
{
	size_t mask = db->cache_size - 1;
	size_t i = ((uintptr_t)sql >> 3) * 2654435761u & mask;

	while (db->cache[i] && db->cache[i]->sql != sql)
		i = (i + 1) & mask;
	return i;
}

static void grow_cache(struct db *db)
{
	struct cached **old = db->cache;
	size_t n = db->cache_size;

	db->cache_size = n ? n * 2 : FIRST_CACHE;
	db->cache = xcalloc(db->cache_size, sizeof(struct cached *));
	for (size_t i = 0; i < n; i++)
		if (old[i])
			db->cache[slot_of(db, old[i]->sql)] = old[i];
	free(old);
}

static void index_params(struct cached *c)
{
	int n = sqlite3_bind_parameter_count(c->handle);

	for (int i = 1; i <= n; i++) {
		const char *name = sqlite3_bind_parameter_name(c->handle, i);
		long number = name && name[0] == '$' ? strtol(name + 1, NULL, 10) : 0;

		if (number < 1 || number > MAX_PARAMS)
			BUG("parameter %s in: %s", name ? name : "?", c->sql);
		c->index[number] = i;
	}
}

static struct cached *cached_new(struct db *db, const char *sql, int *ret_code)
{
	struct cached *c = xcalloc(1, sizeof *c);

	c->sql = sql;
	*ret_code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &c->handle, NULL);
	if (*ret_code != SQLITE_OK) {
		free(c);
		return NULL;
	}
	index_params(c);
	return c;
}

struct stmt stmt_prepare(struct db *db, const char *sql)
{
	struct stmt st = { .db = db };
	struct cached *c;
	size_t i;

	if (db->cache_used * 2 >= db->cache_size)
		grow_cache(db);
	i = slot_of(db, sql);
	for (c = db->cache[i]; c && c->in_use; c = c->next)
		;
	if (!c) {
		c = cached_new(db, sql, &st.failed);
		if (!c)
			return st;
		c->next = db->cache[i];
		if (!c->next)
			db->cache_used++;
		db->cache[i] = c;
	}
	c->in_use = true;
	st.c = c;
	return st;
}

void stmt_done(struct stmt *st)
{
	if (!st->c)
		return;
	sqlite3_reset(st->c->handle);
	sqlite3_clear_bindings(st->c->handle);
	st->c->in_use = false;
	st->c = NULL;
}

void stmt_cache_release(struct db *db)
{
	for (size_t i = 0; i < db->cache_size; i++) {
		for (struct cached *c = db->cache[i], *next; c; c = next) {
			next = c->next;
			sqlite3_finalize(c->handle);
			free(c);
		}
	}
	free(db->cache);
	db->cache = NULL;
	db->cache_size = db->cache_used = 0;
}

static int param_index(const struct stmt *st, int param)
{
	int index = param >= 1 && param <= MAX_PARAMS ? st->c->index[param] : 0;

	if (index == 0)
		BUG("no parameter $%d in: %s", param, st->c->sql);
	return index;
}

void stmt_bind_int(struct stmt *st, int param, int64_t value)
{
	if (!st->failed)
		st->failed = sqlite3_bind_int64(st->c->handle, param_index(st, param), value);
}

void stmt_bind_text(struct stmt *st, int param, const char *value)
{
	if (st->failed)
		return;
	BUG_ON(!value);
	st->failed = sqlite3_bind_text(st->c->handle, param_index(st, param), value, -1, SQLITE_STATIC);
}

void stmt_bind_bytes(struct stmt *st, int param, const void *data, size_t len)
{
	if (!st->failed)
		st->failed = sqlite3_bind_blob64(st->c->handle, param_index(st, param), len ? data : "", len, SQLITE_STATIC);
}

/* The handle may know of another statement by now. */
static int fail_late(const struct stmt *st, struct err *err)
{
	sqlite3 *handle = st->db->handle;
	bool is_last = sqlite3_extended_errcode(handle) == st->failed;

	return db_fail_with(st->db, st->failed, is_last ? sqlite3_errmsg(handle) : sqlite3_errstr(st->failed),
	                    "preparing a statement", err);
}

/* Without room or memory SQLite rolls back by itself; what came after that would be done for good, one by one. */
static int fail_step(struct db *db, struct err *err)
{
	if (db->in_txn && sqlite3_get_autocommit(db->handle))
		db->undone = sqlite3_extended_errcode(db->handle);
	return db_fail(db, "reading or writing the database", err);
}

int stmt_step(struct stmt *st, struct err *err)
{
	if (st->failed)
		return fail_late(st, err);
	if (st->db->undone)
		return db_fail_undone(st->db, err);
	st->column = 0;
	switch (sqlite3_step(st->c->handle)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return fail_step(st->db, err);
	}
}

int stmt_run(struct stmt *st, struct err *err)
{
	int got = stmt_step(st, err);

	if (got < 0)
		return -1;
	if (got > 0)
		BUG("rows from: %s", st->c->sql);
	return sqlite3_changes(st->db->handle);
}

int stmt_last(struct stmt *st, struct err *err)
{
	int got;

	stmt_row_end(st);
	got = stmt_step(st, err);
	if (got > 0)
		BUG("a second row from: %s", st->c->sql);
	return got;
}

int64_t stmt_int(struct stmt *st)
{
	return sqlite3_column_int64(st->c->handle, st->column++);
}

char *stmt_own_text(struct stmt *st, struct arena *a)
{
	const unsigned char *text = sqlite3_column_text(st->c->handle, st->column);
	int len = sqlite3_column_bytes(st->c->handle, st->column++);

	return arena_strndup(a, text ? (const char *)text : "", text ? (size_t)len : 0);
}

const char *stmt_text(struct stmt *st, struct arena *a)
{
	return stmt_own_text(st, a);
}

const void *stmt_bytes(struct stmt *st, struct arena *a, size_t *ret_len)
{
	const void *data = sqlite3_column_blob(st->c->handle, st->column);
	size_t len = (size_t)sqlite3_column_bytes(st->c->handle, st->column++);
	char *copy = arena_alloc(a, len + 1);

	if (len)
		memcpy(copy, data, len);
	*ret_len = len;
	return copy;
}

void stmt_row_end(struct stmt *st)
{
	if (st->column != sqlite3_column_count(st->c->handle))
		BUG("%d of %d columns read of: %s", st->column, sqlite3_column_count(st->c->handle), st->c->sql);
}
