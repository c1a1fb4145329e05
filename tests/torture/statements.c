/*
 * Linked with a program (--wrap): statement number N of a run fails, whichever it is. statements.py says which, again and
 * again, and each run is a child of the one program that was loaded.
 *
 * $PW_TRIALS "IN OUT": descriptors. A trial is a `struct trial` read from IN; its `struct result` goes to OUT, after a clean
 * run followed by the calls that led to each statement, innermost first. Without the variable the program is as it always
 * is. $PW_BUG: deaf (the program does not hear of the failure), torn (there are no
 * transactions).
 */
#include "failing.h"

#include <execinfo.h>
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

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

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

/* The parent reads it when the child has ended. */
static void note(int32_t n, const char *sql)
{
	shared->result.seen = n;
	if (n == trial.at)
		snprintf(shared->result.sql, sizeof shared->result.sql, "%s", sql);
	if (trial.at == 0 && n <= WAYS_MAX)
		note_way(shared->ways[n - 1]);
}

/* What it reads and writes are files, which each child takes from their beginning. */
static int child(int argc, char **argv)
{
	for (int fd = 0; fd <= 2; fd++) {
		lseek(fd, 0, SEEK_SET);
		if (fd > 0 && ftruncate(fd, 0) < 0)
			return 99;
	}
	failing.at = trial.at;
	failing.code = trial.code;
	failing.undone = trial.undone;
	failing.note = note;
	failing.active = true;
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
	failing.deaf = bug && strcmp(bug, "deaf") == 0;
	failing.torn = bug && strcmp(bug, "torn") == 0;
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
