#ifndef PW_PRELOAD_TALLY_H
#define PW_PRELOAD_TALLY_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * A count of calls that outlives exec: pipe-tick and the worker that it becomes share it, in the file $PW_TALLY: how many
 * calls, how often libraries began work that we cannot help, and how often they ended it. Call number $PW_FAIL_AT goes wrong
 * (0: none), with $PW_FAIL_ON=1 all after it, too.
 */
enum { TALLY_CALLS, TALLY_BEGUN, TALLY_ENDED, TALLY_COUNTS };

struct tally {
	long *counts;
	long at, on;
};

static inline void tally_open(struct tally *t)
{
	static long none[TALLY_COUNTS];
	const char *path = getenv("PW_TALLY"), *at = getenv("PW_FAIL_AT"), *on = getenv("PW_FAIL_ON");
	int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666) : -1;
	void *p = MAP_FAILED;

	if (fd >= 0 && ftruncate(fd, sizeof none) == 0)
		p = mmap(NULL, sizeof none, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	t->counts = p == MAP_FAILED ? none : p;
	t->at = at ? strtol(at, NULL, 10) : 0;
	t->on = on && *on == '1';
}

/* Whether this call is to go wrong. */
static inline int tally_hits(struct tally *t)
{
	if (!t->counts)
		tally_open(t);
	long n = ++t->counts[TALLY_CALLS];
	return t->at > 0 && (n == t->at || (t->on && n > t->at));
}

static inline void tally_mark(struct tally *t, int which)
{
	if (!t->counts)
		tally_open(t);
	t->counts[which]++;
}

#endif
