#ifndef PW_MODEL_WHEN_H
#define PW_MODEL_WHEN_H

#include "base/attr.h"

#include <stdint.h>

struct buf;
struct calendar;
struct err;
struct zone;

/*
 * Reads a time of the command line: RFC 3339 (a fraction of a second is cut off),
 * `2026-07-01`, `2026-07-01 09:30`, `2026-07-01 09:30:00` in the zone, `now`, `+2d` or any delay from now.
 *
 * zone      the team's
 * business  for `+3 business days`; NULL: Monday to Friday
 *
 * ERR_INVALID: no such form, no such date, before 1970 or after 9999.
 */
int when_parse(const char *text, const struct zone *zone, const struct calendar *business, int64_t now,
               int64_t *ret, struct err *err) PW_CHECK;

/*
 * The forms of it that stand for the same instant whenever they are read: RFC 3339, `2026-07-01`, `2026-07-01 09:30`.
 * For values that people write. ERR_INVALID as above.
 */
int when_parse_point(const char *text, const struct zone *zone, int64_t *ret, struct err *err) PW_CHECK;

/* RFC 3339 and nothing else: times in data, where no zone is known. ERR_INVALID as above. */
int when_parse_rfc3339(const char *text, int64_t *ret, struct err *err) PW_CHECK;

/* What when_format() shows beside "2026-07-01 09:30". */
enum when_part {
	WHEN_SECONDS = 1u << 0, /* 2026-07-01 09:30:00 */
	WHEN_ABBR = 1u << 1,    /* 2026-07-01 09:30 CEST */
	WHEN_OFFSET = 1u << 2,  /* 2026-07-01 09:30 +02:00 */
};

/* Appends an instant as people read it, in the zone; parts: bits of when_part. */
void when_format(int64_t instant, const struct zone *zone, unsigned parts, struct buf *out);

/*
 * Appends how long something is, roughly, for people: "2 days", "90 minutes", "1 second", in the largest unit of which
 * there are at least two. seconds >= 0.
 */
void when_format_length(int64_t seconds, struct buf *out);

/* Appends "2026-07-01T09:30:00+02:00" (RFC 3339); UTC ends with Z. */
void when_format_rfc3339(int64_t instant, const struct zone *zone, struct buf *out);

#endif
