#ifndef PW_BASE_ZONE_RULE_H
#define PW_BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The rule that a zone follows for ever: the TZ string of POSIX with the extensions of RFC 9636 section 3.3.1
 * ("CET-1CEST,M3.5.0,M10.5.0/3", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "EET-2EEST,M3.4.4/50,M10.4.4/50").
 * It is the last line of a time zone file.
 */
#define ZONE_ABBR_ROOM 16

enum rule_day { RULE_WEEK, RULE_JULIAN, RULE_ZERO_BASED };

/* When the clock changes: a day of the year, and the seconds of local time from that day's midnight. */
struct rule_change {
	enum rule_day kind;
	int month, week, weekday; /* Mm.w.d: week 5 is the last, weekday 0 is Sunday */
	int day;                  /* Jn: 1 .. 365, never February 29th; n: 0 .. 365 */
	int32_t time_s;
};

struct zone_rule {
	int32_t offset[2]; /* seconds east of UTC: standard, daylight saving */
	char abbr[2][ZONE_ABBR_ROOM];
	bool has_dst;
	struct rule_change change[2]; /* to standard time, to daylight saving time */
};

/* A stretch of time with one offset: from <= t < to. */
struct zone_span {
	int64_t from, to;
	int32_t offset;
	char abbr[ZONE_ABBR_ROOM];
};

/* Returns false when the text is no such rule. */
bool zone_rule_parse(const char *text, struct zone_rule *ret);

/* The stretch around an instant, of the years 0 to 10000; without daylight saving time it is unlimited. */
void zone_rule_span(const struct zone_rule *rule, int64_t instant, struct zone_span *ret);

#endif
