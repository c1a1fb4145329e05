/*
 * Linked with a program (--wrap): statement number N of a run fails, whichever it is. statements.py says which, again and
 * again, and each run is a child of the one program that was loaded.
 *
 * $PW_TRIALS "IN OUT": descriptors. A trial is a `struct trial` read from IN; its `struct result` goes to OUT, after a clean
 * run followed by the calls that led to each statement, innermost first. Without the variable the program is as it always
 * is. $PW_BUG: deaf (the program does not hear of the failure), torn (there are no
 * transactions).
 */
#include <execinfo.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
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

#define WAYS_MAX 8192
#define CALLS    32

struct result {
	int32_t status; /* as waitpid gives it */
	int32_t seen;   /* how many statements there were */
	char sql[256];  /* the one that failed; "": none */
};

static struct trial trial;
static struct shared {
	struct result result;
	int64_t ways[WAYS_MAX][CALLS]; /* 0: no more */
} *shared;
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

/* The same numbers for each run, wherever the program was loaded. */
static void note_way(int64_t ret[CALLS])
{
	void *calls[CALLS];
	int n = backtrace(calls, CALLS);

	for (int i = 0; i < n; i++)
		ret[i] = (int64_t)((uintptr_t)calls[i] - (uintptr_t)&trial);
	if (n < CALLS)
		ret[n] = 0;
}

static bool fails(const char *sql)
{
	struct result *result = shared ? &shared->result : NULL;

	told = 0;
	failed = NULL;
	if (!result)
		return false;
	if (trial.at == 0 && result->seen < WAYS_MAX)
		note_way(shared->ways[result->seen]);
	if (++result->seen != trial.at)
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

static int answer(int out)
{
	size_t n = trial.at ? 0 : (size_t)shared->result.seen;
	size_t len = offsetof(struct shared, ways) + n * sizeof shared->ways[0];
	const char *s = (const char *)shared;
	ssize_t got = 0;

	for (size_t i = 0; n <= WAYS_MAX && i < len; i += (size_t)got) {
		got = write(out, s + i, len - i);
		if (got < 0)
			return -1;
	}
	return n <= WAYS_MAX ? 0 : -1;
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
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 99;
	while (read(in, &trial, sizeof trial) == (ssize_t)sizeof trial) {
		memset(&shared->result, 0, sizeof shared->result);
		pid = fork();
		if (pid == 0)
			exit(child(argc, argv));
		if (pid < 0 || waitpid(pid, &shared->result.status, 0) != pid || answer(out) < 0)
			return 99;
	}
	return 0;
}
