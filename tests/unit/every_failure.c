#include "every_failure.h"

#include "../torture/failing.h"

#include "store/page_private.h"

#include <execinfo.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Which function called which, on the way to any statement that failed. A statement is tried when there is a call on its way
 * that no failure came back through yet, as in tests/torture/statements.py.
 */
enum { STEPS_MAX = 1 << 16, CALLS = 64, POINTS_MAX = 4096 };
static struct call_step {
	void *from, *to;
} steps[STEPS_MAX];
static struct points {
	int32_t at[POINTS_MAX];
	size_t n;
} points;
static int64_t failures;

int64_t failures_count(void)
{
	return failures;
}

/* True: it was not known. */
static bool step_add(void *from, void *to)
{
	size_t i = ((size_t)from * 31 + (size_t)to) % STEPS_MAX;

	for (; steps[i].from; i = (i + 1) % STEPS_MAX)
		if (steps[i].from == from && steps[i].to == to)
			return false;
	steps[i] = (struct call_step){ from, to };
	return true;
}

static void note(int32_t n, const char *sql)
{
	void *calls[CALLS];
	int depth = backtrace(calls, CALLS);
	bool fresh = false;
	(void)sql;

	for (int i = 1; i + 1 < depth; i++)
		fresh |= step_add(calls[i], calls[i + 1]);
	assert_true(points.n < POINTS_MAX);
	if (fresh)
		points.at[points.n++] = n;
}

/* As another program does it: nothing is loaded or prepared. */
static void begin_anew(struct fixture *f)
{
	int64_t now = f->e.now;

	engine_release(&f->e);
	db_close(f->db);
	OK(db_open(f->db_path, DB_WRITE, &f->db, &err));
	engine_init(&f->e, f->db, now, "tester", "manual");
}

static void copy_database(struct fixture *f, const char *from, const char *to)
{
	char command[512];
	int64_t now = f->e.now;

	engine_release(&f->e);
	db_close(f->db);
	snprintf(command, sizeof command, "cp '%s' '%s'", from, to);
	assert_int_equal(system(command), 0);
	OK(db_open(f->db_path, DB_WRITE, &f->db, &err));
	engine_init(&f->e, f->db, now, "tester", "manual");
}

/* `at`: which statement fails; 0: none, and the ways are noted. */
static int run(struct fixture *f, const struct call *c, int64_t id, int32_t at, struct err *err)
{
	struct txn t = TXN_INIT;
	bool undone = at % 2 == 0;
	int got = 0;

	begin_anew(f);
	failing = (struct failing){ .active = true, .at = at, .code = undone ? SQLITE_IOERR_WRITE : SQLITE_BUSY, .undone = undone,
		                    .note = at ? NULL : note };
	if (c->how == IN_TXN)
		got = txn_begin(&t, f->db, err);
	if (got == 0)
		got = c->run(f, id, err);
	if (c->how == IN_TXN && got >= 0)
		got = txn_commit(&t, err);
	failing.active = false;
	txn_release(&t);
	return got;
}

/* Changes when another connection has committed something. */
static int64_t data_version(sqlite3 *watcher)
{
	sqlite3_stmt *st;
	int64_t ret;

	assert_int_equal(sqlite3_prepare_v2(watcher, "PRAGMA data_version", -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	ret = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return ret;
}

static void one_fails(struct fixture *f, const struct call *c, int64_t id, int32_t at, const char *kept)
{
	struct err err = ERR_INIT;
	sqlite3 *watcher;
	int64_t before;
	bool changed;
	int got;

	assert_int_equal(sqlite3_open_v2(f->db_path, &watcher, SQLITE_OPEN_READWRITE, page_vfs()), SQLITE_OK);
	before = data_version(watcher);
	got = run(f, c, id, at, &err);
	changed = data_version(watcher) != before;
	sqlite3_close(watcher);
	if (!*failing.sql)
		fail_msg("%s: statement %d is never reached", c->name, at);
	if (got >= 0)
		fail_msg("%s: statement %d (%s) fails, and nobody hears of it", c->name, at, failing.sql);
	if (!err.text[0] || (err.kind != ERR_IO && err.kind != ERR_BUSY))
		fail_msg("%s: statement %d (%s): '%s', kind %d", c->name, at, failing.sql, err.text, (int)err.kind);
	if (changed && c->how != PARTS)
		fail_msg("%s: statement %d (%s) fails, and something is done", c->name, at, failing.sql);
	if (changed)
		copy_database(f, kept, f->db_path);
	failures++;
}

void fails_everywhere(struct fixture *f, const struct call *c)
{
	const char *kept = arena_printf(&f->arena, "%s.kept", f->db_path);
	int64_t id = c->id ? fixture_number(f, c->id) : c->what;
	struct err err = ERR_INIT;

	if (c->id && id == 0)
		fail_msg("%s: there is nothing: %s", c->name, c->id);
	copy_database(f, f->db_path, kept);
	points.n = 0;
	if (run(f, c, id, 0, &err) < 0)
		fail_msg("%s: %s", c->name, err.text);
	if (failing.seen == 0)
		fail_msg("%s: it has no statement", c->name);
	if (points.n == 0)
		return;
	copy_database(f, kept, f->db_path);
	for (size_t i = 0; i < points.n; i++)
		one_fails(f, c, id, points.at[i], kept);
	if (run(f, c, id, 0, &err) < 0)
		fail_msg("%s at last: %s", c->name, err.text);
}
