#include "base/civil.h"

#include "base/err.h"

/* Day numbers of 0001-01-01 and 9999-12-31. */
#define FIRST_DAY          INT64_C(-719162)
#define LAST_DAY           INT64_C(2932896)

#define DAYS_PER_400_YEARS 146097

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int civil_days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

bool civil_valid(const struct civil *c)
{
	return c->year >= YEAR_MIN && c->year <= YEAR_MAX && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	       c->day <= civil_days_in_month(c->year, c->month) && c->hour >= 0 && c->hour <= 23 &&
	       c->minute >= 0 && c->minute <= 59 && c->second >= 0 && c->second <= 59;
}

/* The day number of January 1st. Counts from one cycle earlier, so that year 0 divides without a sign. */
static int64_t year_start(int year)
{
	int64_t past = year + 399;

	return FIRST_DAY - DAYS_PER_400_YEARS + past * 365 + past / 4 - past / 100 + past / 400;
}

int64_t civil_day_number(const struct civil *c)
{
	int64_t number = year_start(c->year) + c->day - 1;

	for (int month = 1; month < c->month; month++)
		number += civil_days_in_month(c->year, month);
	return number;
}

enum weekday civil_weekday(int64_t day_number)
{
	int64_t since = (day_number - FIRST_DAY) % 7; /* 0001-01-01 was a Monday */

	return (enum weekday)(since < 0 ? since + 7 : since);
}

/* Works for a year more on both sides: zones shift the ends. */
static void set_day(struct civil *c, int64_t number)
{
	int year = (int)((number - FIRST_DAY) * 400 / DAYS_PER_400_YEARS) + 1;
	int64_t rest;

	while (year_start(year) > number)
		year--;
	while (year_start(year + 1) <= number)
		year++;
	rest = number - year_start(year);
	c->year = year;
	for (c->month = 1; rest >= civil_days_in_month(year, c->month); c->month++)
		rest -= civil_days_in_month(year, c->month);
	c->day = (int)rest + 1;
	c->weekday = civil_weekday(number);
}

bool civil_set_day(struct civil *c, int64_t day_number)
{
	if (day_number < FIRST_DAY || day_number > LAST_DAY)
		return false;
	set_day(c, day_number);
	return true;
}

bool civil_add_days(struct civil *c, int64_t days)
{
	int64_t number;

	return !__builtin_add_overflow(civil_day_number(c), days, &number) && civil_set_day(c, number);
}

bool civil_add_months(struct civil *c, int64_t months)
{
	int64_t total;
	int last;

	if (__builtin_add_overflow((int64_t)c->year * 12 + c->month - 1, months, &total))
		return false;
	if (total < YEAR_MIN * 12 || total >= (YEAR_MAX + 1) * 12)
		return false;
	c->year = (int)(total / 12);
	c->month = (int)(total % 12) + 1;
	last = civil_days_in_month(c->year, c->month);
	if (c->day > last)
		c->day = last;
	c->weekday = civil_weekday(civil_day_number(c));
	return true;
}

int64_t civil_seconds(const struct civil *c)
{
	return civil_day_number(c) * DAY_SECONDS + c->hour * 3600 + c->minute * 60 + c->second;
}

void civil_from_seconds(int64_t seconds, struct civil *ret)
{
	int64_t day = seconds / DAY_SECONDS;
	int rest = (int)(seconds % DAY_SECONDS);

	if (rest < 0) {
		rest += DAY_SECONDS;
		day--;
	}
	BUG_ON(day < FIRST_DAY - 366 || day > LAST_DAY + 366);
	set_day(ret, day);
	ret->hour = rest / 3600;
	ret->minute = rest / 60 % 60;
	ret->second = rest % 60;
}
