#include "failing.h"

#include <sqlite3.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct failing failing;
static int told;             /* the code of what has just failed */
static sqlite3_stmt *failed; /* its statement */

int __real_sqlite3_step(sqlite3_stmt *st);
int __real_sqlite3_finalize(sqlite3_stmt *st);
int __real_sqlite3_exec(sqlite3 *db, const char *sql, int (*each)(void *, int, char **, char **), void *ctx, char **text);
int __real_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int len, sqlite3_stmt **ret, const char **tail);
int __real_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int len, unsigned flags, sqlite3_stmt **ret, const char **tail);
int __real_sqlite3_errcode(sqlite3 *db);
int __real_sqlite3_extended_errcode(sqlite3 *db);
const char *__real_sqlite3_errmsg(sqlite3 *db);

int __wrap_sqlite3_step(sqlite3_stmt *st);
int __wrap_sqlite3_finalize(sqlite3_stmt *st);
int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, int (*each)(void *, int, char **, char **), void *ctx, char **text);
int __wrap_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int len, sqlite3_stmt **ret, const char **tail);
int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int len, unsigned flags, sqlite3_stmt **ret, const char **tail);
int __wrap_sqlite3_errcode(sqlite3 *db);
int __wrap_sqlite3_extended_errcode(sqlite3 *db);
const char *__wrap_sqlite3_errmsg(sqlite3 *db);

static bool fails(const char *sql)
{
	told = 0;
	failed = NULL;
	if (!failing.active)
		return false;
	failing.seen++;
	if (failing.note)
		failing.note(failing.seen, sql);
	if (failing.seen != failing.at)
		return false;
	snprintf(failing.sql, sizeof failing.sql, "%s", sql);
	told = failing.code;
	return true;
}

static void undo(sqlite3 *db)
{
	if (failing.undone && !sqlite3_get_autocommit(db))
		__real_sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
}

int __wrap_sqlite3_step(sqlite3_stmt *st)
{
	if (!fails(sqlite3_sql(st)))
		return __real_sqlite3_step(st);
	failed = st;
	undo(sqlite3_db_handle(st));
	return failing.deaf ? SQLITE_DONE : told;
}

int __wrap_sqlite3_finalize(sqlite3_stmt *st)
{
	int code = st && st == failed ? told : SQLITE_OK;
	int real = __real_sqlite3_finalize(st);

	return code && !failing.deaf ? code : real;
}

int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, int (*each)(void *, int, char **, char **), void *ctx, char **text)
{
	if (failing.torn && (strcmp(sql, "BEGIN IMMEDIATE") == 0 || strcmp(sql, "COMMIT") == 0))
		sql = "SELECT 1";
	if (strcmp(sql, "ROLLBACK") != 0 && fails(sql)) {
		undo(db);
		return failing.deaf ? SQLITE_OK : told;
	}
	return __real_sqlite3_exec(db, sql, each, ctx, text);
}

int __wrap_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int len, sqlite3_stmt **ret, const char **tail)
{
	return !failing.deaf && fails(sql) ? told : __real_sqlite3_prepare_v2(db, sql, len, ret, tail);
}

int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int len, unsigned flags, sqlite3_stmt **ret, const char **tail)
{
	return !failing.deaf && fails(sql) ? told : __real_sqlite3_prepare_v3(db, sql, len, flags, ret, tail);
}

int __wrap_sqlite3_errcode(sqlite3 *db)
{
	return told ? told : __real_sqlite3_errcode(db);
}

int __wrap_sqlite3_extended_errcode(sqlite3 *db)
{
	return told ? told : __real_sqlite3_extended_errcode(db);
}

const char *__wrap_sqlite3_errmsg(sqlite3 *db)
{
	return told ? sqlite3_errstr(told) : __real_sqlite3_errmsg(db);
}
