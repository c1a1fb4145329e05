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

/* The moment as the zone (NULL: UTC) shows it. False beyond the years 1 to 9999. */
bool moment_at(int64_t instant, const struct zone *zone, struct moment *ret);

/*
 * Reads a date and time as people and programs write them: "2016-03-14", "2016-03-14T10:00:00Z",
 * "March 14, 2016 4:30 pm", "14 Mar 2016 10:00 +0100", "14.3.2016", "10:30", seconds since 1970, "now",
 * "today". What is not given is taken from now, smaller parts are the first. In 1/2/2016 the day is first.
 * Returns false when the text is none of this, or no date that exists.
 */
bool moment_parse(const char *s, size_t len, int64_t now, const struct zone *zone, struct moment *ret);

/*
 * Appends the moment in a strftime format, with the directives, flags (- 0 _ ^ # :) and widths (up to 100)
 * that Ruby has; names are English. What is no directive is copied.
 */
void moment_format(struct buf *out, const struct moment *m, const char *format, size_t len);

#endif
