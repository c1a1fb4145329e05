#include "base/clock.h"

#include "base/err.h"

#include <stdio.h>
#include <time.h>

static struct timespec read_clock(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t) < 0)
		BUG("clock %d cannot be read", (int)id);
	return t;
}

int64_t clock_now(void)
{
	return read_clock(CLOCK_REALTIME).tv_sec;
}

int64_t clock_boottime(void)
{
	return read_clock(CLOCK_BOOTTIME).tv_sec;
}

int64_t clock_monotonic_ms(void)
{
	struct timespec t = read_clock(CLOCK_MONOTONIC);

	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void clock_format_utc(int64_t instant, char ret[INSTANT_TEXT])
{
	time_t t = (time_t)instant;
	struct tm tm;

	if (instant < INSTANT_MIN || instant > INSTANT_MAX || !gmtime_r(&t, &tm))
		BUG("instant %lld is out of range", (long long)instant);
	strftime(ret, INSTANT_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm);
}
