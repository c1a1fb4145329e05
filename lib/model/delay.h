#ifndef PW_MODEL_DELAY_H
#define PW_MODEL_DELAY_H

#include "base/attr.h"

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct calendar;
struct civil;
struct err;
struct zone;

/*
 * How long to wait. Elapsed seconds and calendar days may stand together ("1 day 2
 * hours": first the day, then the hours); business days and months stand alone. All zero: no delay (S0.5).
 */
struct delay {
	int64_t seconds;
	int32_t days;          /* calendar days, the local time stays; a week is 7 of them */
	int32_t business_days; /* open days of a calendar, the local time stays */
	int32_t months;        /* only of retentions */
};

/*
 * Reads `90 minutes`, `1h 30m`, `2 days`, `1 week`, `3 business days`, `0` (S0.7). Units: second minute hour
 * day week, with or without s, or their first letter; `business day`.
 * ERR_INVALID, with what to write instead: negative or broken numbers, no or unknown units, business days
 * together with others, more than 10 years.
 */
int delay_parse(const char *text, struct delay *ret, struct err *err) PW_CHECK;

/*
 * Reads how long to keep things: the same without business days, also `6 months`, `2 years` (not together
 * with other units); at most 100 years.
 */
int retention_parse(const char *text, struct delay *ret, struct err *err) PW_CHECK;

/* Appends the canonical text, "1 hour 30 minutes", that parses to the same delay; "0 minutes" for none. */
void delay_format(const struct delay *delay, struct buf *out);

bool delay_is_zero(const struct delay *delay);

/*
 * The instant after a delay (S0.6): never before `from`.
 *
 * zone      the contact's, else the team's: where days begin and local times are kept
 * business  whose open days count, in its own zone if it names one; NULL: Monday to Friday
 *
 * ERR_INVALID: beyond the year 9999, or the calendar has no open day for 10 years.
 */
int delay_add(const struct delay *delay, int64_t from, const struct zone *zone,
              const struct calendar *business, int64_t *ret, struct err *err) PW_CHECK;

/*
 * The instant that lies a delay before a local time: `{field: renewal, before: 3 days}`. Days are counted
 * back on the calendar, then the local time is looked up in the zone, then seconds are taken off.
 * ERR_INVALID as above, or before the year 1.
 */
int delay_before(const struct delay *delay, const struct civil *local, const struct zone *zone,
                 const struct calendar *business, int64_t *ret, struct err *err) PW_CHECK;

/* The instant before which things may go: `now` less a retention, in UTC; at least INSTANT_MIN. */
int64_t retention_limit(const struct delay *retention, int64_t now);

#endif
