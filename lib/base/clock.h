#ifndef PW_BASE_CLOCK_H
#define PW_BASE_CLOCK_H

#include <stdint.h>

/*
 * The only file that asks the system for the time; everything else gets `now` as a parameter.
 * Instants are whole seconds since 1970 UTC.
 */
int64_t clock_now(void);

/* Seconds since the machine started, suspended time included: it never jumps (CLOCK_BOOTTIME). */
int64_t clock_boottime(void);

/* Milliseconds on a clock that only moves forward: for deadlines within one process. */
int64_t clock_monotonic_ms(void);

/* The first and the last instant that dates may have: 1970-01-01 and 9999-12-31. */
#define INSTANT_MIN INT64_C(0)
#define INSTANT_MAX INT64_C(253402300799)

/* "2026-07-01T09:30:00Z". ret has room for 21 bytes. */
#define INSTANT_TEXT 21
void clock_format_utc(int64_t instant, char ret[INSTANT_TEXT]);

#endif
