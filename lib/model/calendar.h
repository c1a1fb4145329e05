#ifndef PW_MODEL_CALENDAR_H
#define PW_MODEL_CALENDAR_H

#include "base/attr.h"
#include "base/civil.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct err;
struct zone;

/* Minutes of a local day: from <= t < to; 0 .. 1440. */
struct open_hours {
	int from, to;
};

/* Whole days by number (base/civil.h), both included. */
struct closed_days {
	int64_t first, last;
};

/* The open hours of one weekday, in order; none overlaps. */
struct open_day {
	const struct open_hours *v;
	size_t n;
};

/* When it is open: weekly hours but for closed days. Lists live in the arena that it was begun with. */
struct calendar {
	struct arena *arena;
	struct open_day week[7];    /* by enum weekday */
	struct closed_days *closed; /* as given */
	size_t n_closed, cap_closed;
	const struct zone *zone; /* NULL: the contact's; borrowed */
};

/* An empty calendar, never open. */
void calendar_init(struct calendar *cal, struct arena *arena);

/* Monday to Friday all day: business days where no calendar is named. And one that is always open. */
const struct calendar *calendar_weekdays(void);
const struct calendar *calendar_always(void);

/*
 * Read the scalars of a Calendar document; ERR_INVALID says what is wrong and what to write instead.
 * days: "mon-thu", "fri", "sat,sun", "sun-thu" -> bits 1u << MONDAY and so on
 * hours: "09:00-17:00"; 24:00 is the end of the day; nothing goes over midnight
 * closed: "2026-12-24..2026-12-26" or "2027-01-01"
 */
int calendar_parse_days(const char *text, unsigned *ret, struct err *err) PW_CHECK;
int calendar_parse_hours(const char *text, struct open_hours *ret, struct err *err) PW_CHECK;
int calendar_parse_closed(const char *text, struct closed_days *ret, struct err *err) PW_CHECK;

/* Opens the calendar at these hours of these days. ERR_INVALID when hours of one day overlap. */
int calendar_open(struct calendar *cal, unsigned days, struct open_hours hours, struct err *err) PW_CHECK;

/* Closes it on these days. */
void calendar_close(struct calendar *cal, struct closed_days days);

/* Append canonical text, as the parsers read it. */
void calendar_format_days(unsigned days, struct buf *out);
void calendar_format_hours(struct open_hours hours, struct buf *out);
void calendar_format_closed(struct closed_days days, struct buf *out);

/*
 * Moves a civil time to the nth open day after (n > 0) or before (n < 0) its date; its time stays.
 * ERR_INVALID, leaving it alone, when there is no open day for 10 years or beyond the years 1 to 9999.
 */
int calendar_shift(const struct calendar *cal, int n, struct civil *date, struct err *err) PW_CHECK;

/* The zone in which its days and hours are read: its own, else the contact's. */
const struct zone *calendar_zone(const struct calendar *cal, const struct zone *contact);

/*
 * The instant itself when it is open then, else the next at which it opens.
 * ERR_INVALID when it does not open within 10 years, or only after 9999.
 */
int calendar_next_open(const struct calendar *cal, const struct zone *contact, int64_t instant, int64_t *ret,
                       struct err *err) PW_CHECK;

#endif
