/*
 * Linked with a program (--wrap): statement number N of a run fails, whichever it is. statements.py says which, again and
 * again, and each run is a child of the one program that was loaded.
 *
 * $PW_TRIALS "IN OUT": descriptors. A trial is a `struct trial` read from IN; its `struct result` goes to OUT. Without the
 * variable the program is as it always is. $PW_BUG: deaf (the program does not hear of the failure), torn (there are no
 * transactions).
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct trial {
	int32_t at;     /* 0: nothing fails */
	int32_t code;   /* SQLite's, extended */
	int32_t undone; /* SQLite has rolled back by itself, as it does when it has no room or no memory */
};

struct result {
	int32_t status; /* as waitpid gives it */
	int32_t seen;   /* how many statements there were */
	char sql[256];  /* the one that failed; "": none */
};

static struct trial trial;
static struct result *result;
static int told;             /* the code of what has just failed */
static sqlite3_stmt *failed; /* its statement */
static bool deaf, torn;

int __real_main(int argc, char **argv);
int __real_sqlite3_step(sqlite3_stmt *st);
int __real_sqlite3_finalize(sqlite3_stmt *st);
int __real_sqlite3_exec(sqlite3 *db, const char *sql, int (*each)(void *, int, char **, char **), void *ctx, char **text);
int __real_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int len, sqlite3_stmt **ret, const char **tail);
int __real_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int len, unsigned flags, sqlite3_stmt **ret, const char **tail);
int __real_sqlite3_errcode(sqlite3 *db);
int __real_sqlite3_extended_errcode(sqlite3 *db);
const char *__real_sqlite3_errmsg(sqlite3 *db);

int __wrap_main(int argc, char **argv);
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
	if (!result || ++result->seen != trial.at)
		return false;
	snprintf(result->sql, sizeof result->sql, "%s", sql);
	told = trial.code;
	return true;
}

static void undo(sqlite3 *db)
{
	if (trial.undone && !sqlite3_get_autocommit(db))
		__real_sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
}

int __wrap_sqlite3_step(sqlite3_stmt *st)
{
	if (!fails(sqlite3_sql(st)))
		return __real_sqlite3_step(st);
	failed = st;
	undo(sqlite3_db_handle(st));
	return deaf ? SQLITE_DONE : told;
}

int __wrap_sqlite3_finalize(sqlite3_stmt *st)
{
	int code = st && st == failed ? told : SQLITE_OK;
	int real = __real_sqlite3_finalize(st);

	return code && !deaf ? code : real;
}

int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, int (*each)(void *, int, char **, char **), void *ctx, char **text)
{
	if (torn && (strcmp(sql, "BEGIN IMMEDIATE") == 0 || strcmp(sql, "COMMIT") == 0))
		sql = "SELECT 1";
	if (strcmp(sql, "ROLLBACK") != 0 && fails(sql)) {
		undo(db);
		return deaf ? SQLITE_OK : told;
	}
	return __real_sqlite3_exec(db, sql, each, ctx, text);
}

int __wrap_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int len, sqlite3_stmt **ret, const char **tail)
{
	return !deaf && fails(sql) ? told : __real_sqlite3_prepare_v2(db, sql, len, ret, tail);
}

int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int len, unsigned flags, sqlite3_stmt **ret, const char **tail)
{
	return !deaf && fails(sql) ? told : __real_sqlite3_prepare_v3(db, sql, len, flags, ret, tail);
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

/* What it reads and writes are files, which each child takes from their beginning. */
static int child(int argc, char **argv)
{
	for (int fd = 0; fd <= 2; fd++) {
		lseek(fd, 0, SEEK_SET);
		if (fd > 0 && ftruncate(fd, 0) < 0)
			return 99;
	}
	return __real_main(argc, argv);
}

int __wrap_main(int argc, char **argv)
{
	const char *door = getenv("PW_TRIALS"), *bug = getenv("PW_BUG");
	int in, out;
	pid_t pid;

	if (!door || sscanf(door, "%d %d", &in, &out) != 2)
		return __real_main(argc, argv);
	deaf = bug && strcmp(bug, "deaf") == 0;
	torn = bug && strcmp(bug, "torn") == 0;
	result = mmap(NULL, sizeof *result, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (result == MAP_FAILED)
		return 99;
	while (read(in, &trial, sizeof trial) == (ssize_t)sizeof trial) {
		memset(result, 0, sizeof *result);
		pid = fork();
		if (pid == 0)
			exit(child(argc, argv));
		if (pid < 0 || waitpid(pid, &result->status, 0) != pid ||
		    write(out, result, sizeof *result) != (ssize_t)sizeof *result)
			return 99;
	}
	return 0;
}
