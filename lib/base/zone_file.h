#ifndef PW_BASE_ZONE_FILE_H
#define PW_BASE_ZONE_FILE_H

#include "base/zone_rule.h"

#include <stddef.h>

/*
 * A compiled time zone file (TZif, RFC 9636): the changes of the clock that it lists, and the rule that goes on from there.
 * Read here, because the C library takes an unknown zone for UTC without a word, and GLib makes up its own rule: from 2038
 * it takes Dublin (daylight saving time in winter) wrong.
 */
struct zone_file {
	const char *times;   /* of the changes, in order, `width` bytes each */
	const char *kinds;   /* for each change the type that begins with it */
	const char *types;
	const char *abbrs;
	size_t n_times, n_types, n_chars;
	size_t width;
	const char *rule;    /* a TZ string; "": the last offset stays */
};

/*
 * Reads a whole file. data is NUL-terminated, is written to, and must live as long as *ret. Returns false for what is no time
 * zone file, or one that counts leap seconds, which instants here do not.
 */
bool zone_file_read(char *data, size_t len, struct zone_file *ret);

/* The last change that is listed; INT64_MIN: there is none. */
int64_t zone_file_last(const struct zone_file *f);

/* The stretch around an instant by the list alone: before the first change, and without end behind the last. */
void zone_file_span(const struct zone_file *f, int64_t instant, struct zone_span *ret);

#endif
