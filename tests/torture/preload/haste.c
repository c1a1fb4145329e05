/*
 * In front of libc: time that is spent waiting in poll() or usleep() passes 50 times as fast. Nothing is left out: a program
 * that waits 30 seconds for a server finds that 30 seconds are over, after 600 ms. $PW_HASTE_LOG: a file that is told how
 * many milliseconds it lived. $PW_HASTE_CLOCK: the time of day goes with it.
 */
#include "real.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { HASTE = 50 };
#define NS_PER_S  1000000000LL
#define NS_PER_MS 1000000LL
#define NS_PER_US 1000LL

static int64_t skipped_ns, began_ns;
static bool with_day;

static int64_t ns_of(const struct timespec *t)
{
	return t->tv_sec * NS_PER_S + t->tv_nsec;
}

static bool is_hastened(clockid_t clock)
{
	if (clock == CLOCK_REALTIME || clock == CLOCK_BOOTTIME)
		return with_day;
	return clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_MONOTONIC_COARSE;
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
	REAL(clock_gettime);
	int got = real(clock, ret);

	if (got == 0 && is_hastened(clock)) {
		int64_t ns = ns_of(ret) + skipped_ns;

		ret->tv_sec = ns / NS_PER_S;
		ret->tv_nsec = ns % NS_PER_S;
	}
	return got;
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ns_of(&t);
}

/* A processor that was busy with others does not let more time pass than was asked for. */
static void pass(int64_t since_ns, int64_t most_ns)
{
	int64_t passed = (now_ns() - since_ns) * HASTE;

	skipped_ns += most_ns > 0 && passed > most_ns ? most_ns : passed;
}

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	REAL(poll);
	int64_t before = now_ns();
	int got = real(fds, n, timeout > 0 ? (timeout + HASTE - 1) / HASTE : timeout);

	pass(before, timeout * NS_PER_MS);
	return got;
}

int usleep(useconds_t us)
{
	REAL(usleep);
	int64_t before = now_ns();
	int got = real((us + HASTE - 1) / HASTE);

	pass(before, us * NS_PER_US);
	return got;
}

int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room);

int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room)
{
	(void)room;
	return poll(fds, n, timeout);
}

__attribute__((constructor)) static void begin(void)
{
	with_day = getenv("PW_HASTE_CLOCK") != NULL;
	began_ns = now_ns();
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("PW_HASTE_LOG");
	FILE *f = path ? fopen(path, "w") : NULL;

	if (!f)
		return;
	fprintf(f, "%lld\n", (long long)((now_ns() - began_ns) / NS_PER_MS));
	fclose(f);
}
