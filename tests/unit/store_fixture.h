#ifndef PW_TESTS_STORE_FIXTURE_H
#define PW_TESTS_STORE_FIXTURE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "store/db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ok.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A database in a folder of its own, for tests of the store alone. Whatever fails ends the test. */
struct place {
	char folder[64];
	char path[96];
	struct db *db;
	struct arena arena;
	struct txn txn;
};

/* The call must give this result. */
#define IS(want, call)                                                               \
	do {                                                                             \
		struct err err = ERR_INIT;                                                   \
		long long is_ = (call);                                                      \
		if (is_ != (want))                                                           \
			fail_msg("line %d: %s is %lld (%s)", __LINE__, #call, is_, err.text);    \
	} while (0)

/* The call must fail with this kind. */
#define FAILS(kind_, call)                                                              \
	do {                                                                                \
		struct err err = ERR_INIT;                                                      \
		int is_ = (call);                                                               \
		if (is_ >= 0 || err.kind != (kind_))                                            \
			fail_msg("line %d: %s is %d (%s)", __LINE__, #call, is_, err.text);         \
	} while (0)

static inline void place_open(struct place *p)
{
	*p = (struct place){ 0 };
	snprintf(p->folder, sizeof p->folder, "/tmp/pw-test-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->path, sizeof p->path, "%s/x.db", p->folder);
	OK(db_open(p->path, DB_CREATE, &p->db, &err));
}

static inline void place_close(struct place *p)
{
	char command[128];

	txn_release(&p->txn);
	db_close(p->db);
	arena_release(&p->arena);
	snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
	assert_int_equal(system(command), 0);
}

/* For cmocka: one place for each test. */
static inline int place_setup(void **state)
{
	static struct place p;

	place_open(&p);
	*state = &p;
	return 0;
}

static inline int place_teardown(void **state)
{
	place_close(*state);
	return 0;
}

static inline void place_begin(struct place *p)
{
	OK(txn_begin(&p->txn, p->db, &err));
}

static inline void place_commit(struct place *p)
{
	OK(txn_commit(&p->txn, &err));
}

/* SQL through a connection of its own: only what is committed is seen. All rows as lines, columns divided by '|'. */
static inline const char *place_ask(struct place *p, const char *sql)
{
	struct buf b = BUF_INIT(1 << 20);
	const char *ret;
	sqlite3_stmt *st;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	while (sqlite3_step(st) == SQLITE_ROW) {
		if (b.len)
			buf_adds(&b, "\n");
		for (int i = 0; i < sqlite3_column_count(st); i++)
			buf_addf(&b, "%s%s", i ? "|" : "", sqlite3_column_text(st, i) ? (const char *)sqlite3_column_text(st, i) : "");
	}
	if (sqlite3_finalize(st) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
	ret = arena_strndup(&p->arena, b.s, b.len);
	buf_release(&b);
	return ret;
}

#endif
