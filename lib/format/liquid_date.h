#ifndef PW_FORMAT_LIQUID_DATE_H
#define PW_FORMAT_LIQUID_DATE_H

#include "base/civil.h"

#include <stddef.h>

struct buf;
struct zone;

/* A point in time and how it is to be shown. */
struct moment {
	struct civil civil;
	int64_t instant;    /* seconds since 1970 UTC */
	int32_t offset;     /* of the civil time, seconds east of UTC */
	int32_t nanosecond;
	const char *zone;   /* abbreviation; "" when only the offset is known */
};

/* In English, from January and from Monday. */
extern const char *const moment_months[12];
extern const char *const moment_weekdays[7];

/*
 * Appends the moment in a strftime format, with the directives, flags (- 0 _ ^ # :) and widths (up to 100)
 * that Ruby has; names are English. What is no directive is copied.
 */
void moment_format(struct buf *out, const struct moment *m, const char *format, size_t len);

#endif
