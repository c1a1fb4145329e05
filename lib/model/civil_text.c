#include "model/civil_text.h"

#include "base/err.h"

#include <ctype.h>
#include <string.h>

const char *const weekday_names[7] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

bool civil_scan_digits(const char **p, int n, int *ret)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (!isdigit((unsigned char)(*p)[i]))
			return false;
		value = value * 10 + ((*p)[i] - '0');
	}
	*p += n;
	*ret = value;
	return true;
}

static bool scan_char(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

bool civil_scan_date(const char **p, struct civil *ret)
{
	return civil_scan_digits(p, 4, &ret->year) && scan_char(p, '-') && civil_scan_digits(p, 2, &ret->month) &&
	       scan_char(p, '-') && civil_scan_digits(p, 2, &ret->day);
}

bool civil_scan_clock(const char **p, struct civil *ret)
{
	int digits = isdigit((unsigned char)(*p)[0]) && (*p)[1] == ':' ? 1 : 2;

	ret->second = 0;
	return civil_scan_digits(p, digits, &ret->hour) && scan_char(p, ':') &&
	       civil_scan_digits(p, 2, &ret->minute);
}

bool civil_scan_seconds(const char **p, struct civil *ret)
{
	return scan_char(p, ':') && civil_scan_digits(p, 2, &ret->second);
}

int civil_parse_date(const char *text, struct civil *ret, struct err *err)
{
	struct civil c = { 0 };
	const char *p = text;

	if (!civil_scan_date(&p, &c) || *p)
		return err_set(err, ERR_INVALID, "'%s' is no date: write it like 2026-07-01", text);
	if (!civil_valid(&c))
		return err_set(err, ERR_INVALID, "there is no date '%s'", text);
	c.weekday = civil_weekday(civil_day_number(&c));
	*ret = c;
	return 0;
}

int civil_parse_clock(const char *text, int *ret_minutes, struct err *err)
{
	struct civil c = { .year = 1970, .month = 1, .day = 1 };
	const char *p = text;

	if (!civil_scan_clock(&p, &c) || *p || !civil_valid(&c))
		return err_set(err, ERR_INVALID, "'%s' is no time of the day: write it like 09:00", text);
	*ret_minutes = c.hour * 60 + c.minute;
	return 0;
}

int civil_out_of_range(struct err *err)
{
	return err_set(err, ERR_INVALID, "the date is not in the years 1 to 9999");
}

bool weekday_parse(const char *s, size_t n, enum weekday *ret)
{
	for (int day = MONDAY; day <= SUNDAY; day++) {
		if (n == 3 && memcmp(s, weekday_names[day], 3) == 0) {
			*ret = (enum weekday)day;
			return true;
		}
	}
	return false;
}
