#ifndef PW_BASE_CIVIL_H
#define PW_BASE_CIVIL_H

#include "base/attr.h"

#include <stdbool.h>
#include <stdint.h>

/* As ISO 8601 orders them. */
enum weekday { MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY };

/* A date and time of the Gregorian calendar, in no zone: what a calendar and a clock on the wall show. */
struct civil {
	int year;       /* 1 .. 9999 */
	int month, day; /* 1 .. 12, 1 .. 31 */
	int hour, minute, second;
	enum weekday weekday; /* follows from the date; functions that take a civil do not read it */
};

#define DAY_SECONDS INT64_C(86400)
#define YEAR_MIN    1
#define YEAR_MAX    9999

int civil_days_in_month(int year, int month);

/* Does this date exist, in the years 1 to 9999, and this time of the day (00:00:00 to 23:59:59)? */
bool civil_valid(const struct civil *c);

/* Days since 1970-01-01 (negative before). The date must be a valid one. */
int64_t civil_day_number(const struct civil *c);

/* The weekday of a day number. */
enum weekday civil_weekday(int64_t day_number);

/* Sets date and weekday, not the time. Returns false, changing nothing, beyond the years 1 to 9999. */
bool civil_set_day(struct civil *c, int64_t day_number) PW_CHECK;

/* Moves by whole days, the time stays. Returns false, changing nothing, beyond the years 1 to 9999. */
bool civil_add_days(struct civil *c, int64_t days) PW_CHECK;

/* Moves by months, the time stays; a day that the month does not have becomes its last. false: as above. */
bool civil_add_months(struct civil *c, int64_t months) PW_CHECK;

/*
 * Seconds since 1970-01-01 00:00:00 as if the civil time were UTC, and back; the latter for the years 0 to
 * 10000, because a zone may show a day beyond the range that dates have.
 */
int64_t civil_seconds(const struct civil *c);
void civil_from_seconds(int64_t seconds, struct civil *ret);

#endif
