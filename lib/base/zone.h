#ifndef PW_BASE_ZONE_H
#define PW_BASE_ZONE_H

#include "base/attr.h"
#include "base/civil.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/*
 * A time zone of the system's tzdata (IANA name), by which instants (seconds since 1970 UTC) become local
 * times and back, for the years 1 to 9999. A zone remembers what it looked up last, so one is not for two
 * threads at once.
 */
struct zone;

/*
 * Opens a zone by its name, "Europe/Berlin" or "UTC". Upper and lower case count, as in file names.
 * Errors: ERR_INVALID no such zone, with the nearest name; ERR_CONFIG the system has no tzdata.
 * The caller frees it.
 */
int zone_open(const char *name, struct zone **ret, struct err *err) PW_CHECK;
void zone_free(struct zone *zone);

/* The zone "UTC", which needs no tzdata; not to be freed. */
const struct zone *zone_utc(void);

const char *zone_name(const struct zone *zone);

/* What calendar and clock in the zone show at an instant. */
void zone_to_civil(const struct zone *zone, int64_t instant, struct civil *ret);

/*
 * The instant at which the zone shows this (valid) civil time. A time that does not exist, because the clock
 * was put forward over it, gives the first instant after the gap; one that exists twice, the first.
 */
int64_t zone_to_instant(const struct zone *zone, const struct civil *civil);

/* Seconds east of UTC at an instant; ret_abbr, if not NULL: "CEST", "-03", valid until the next call. */
int32_t zone_offset(const struct zone *zone, int64_t instant, const char **ret_abbr);

/*
 * The first instant after `after`, at most `until`, at which the zone's offset is another than at `after`.
 * Returns false when there is none. The two must be no more than two days apart: no zone changes twice
 * within that.
 */
bool zone_next_change(const struct zone *zone, int64_t after, int64_t until, int64_t *ret);

#endif
