#include "base/zone_rule.h"

#include "base/civil.h"

#include <ctype.h>
#include <string.h>

enum { STANDARD, DAYLIGHT };

/* Reads an unsigned number of at most 3 digits up to max. */
static bool read_number(const char **p, int max, int *ret)
{
	int value = 0, digits = 0;

	for (; isdigit((unsigned char)**p) && digits < 3; (*p)++, digits++)
		value = value * 10 + (**p - '0');
	*ret = value;
	return digits > 0 && value <= max;
}

static bool read_char(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

/* [+-]hh[:mm[:ss]]; RFC 9636 allows up to 167 hours. */
static bool read_time(const char **p, int32_t *ret)
{
	int hours, minutes = 0, seconds = 0, sign = 1;

	if (read_char(p, '-'))
		sign = -1;
	else
		read_char(p, '+');
	if (!read_number(p, 167, &hours))
		return false;
	if (read_char(p, ':') && !read_number(p, 59, &minutes))
		return false;
	if (read_char(p, ':') && !read_number(p, 59, &seconds))
		return false;
	*ret = sign * (hours * 3600 + minutes * 60 + seconds);
	return true;
}

/* Letters, or anything of letters, digits and signs in angle brackets. */
static bool read_name(const char **p, char ret[ZONE_ABBR_ROOM])
{
	bool quoted = read_char(p, '<');
	size_t n = 0;

	while (isalpha((unsigned char)(*p)[n]) || (quoted && (*p)[n] && strchr("0123456789+-", (*p)[n])))
		n++;
	if (n < 3 || n >= ZONE_ABBR_ROOM)
		return false;
	memcpy(ret, *p, n);
	ret[n] = '\0';
	*p += n;
	return !quoted || read_char(p, '>');
}

static bool read_day(const char **p, struct rule_change *ret)
{
	if (read_char(p, 'M')) {
		ret->kind = RULE_WEEK;
		return read_number(p, 12, &ret->month) && ret->month >= 1 && read_char(p, '.') &&
		       read_number(p, 5, &ret->week) && ret->week >= 1 && read_char(p, '.') &&
		       read_number(p, 6, &ret->weekday);
	}
	if (read_char(p, 'J')) {
		ret->kind = RULE_JULIAN;
		return read_number(p, 365, &ret->day) && ret->day >= 1;
	}
	ret->kind = RULE_ZERO_BASED;
	return read_number(p, 365, &ret->day);
}

static bool read_change(const char **p, struct rule_change *ret)
{
	ret->time_s = 2 * 3600;
	return read_char(p, ',') && read_day(p, ret) && (!read_char(p, '/') || read_time(p, &ret->time_s));
}

bool zone_rule_parse(const char *text, struct zone_rule *ret)
{
	struct zone_rule rule = { 0 };
	int32_t west;

	if (!read_name(&text, rule.abbr[STANDARD]) || !read_time(&text, &west))
		return false;
	rule.offset[STANDARD] = -west;
	if (*text) {
		rule.has_dst = true;
		rule.offset[DAYLIGHT] = rule.offset[STANDARD] + 3600;
		if (!read_name(&text, rule.abbr[DAYLIGHT]))
			return false;
		if (*text != ',') {
			if (!read_time(&text, &west))
				return false;
			rule.offset[DAYLIGHT] = -west;
		}
		if (!read_change(&text, &rule.change[DAYLIGHT]) || !read_change(&text, &rule.change[STANDARD]) ||
		    *text)
			return false;
	}
	*ret = rule;
	return true;
}

static int64_t week_day_number(int year, const struct rule_change *change)
{
	struct civil first = { .year = year, .month = change->month, .day = 1 };
	int64_t number = civil_day_number(&first);
	int wanted = (change->weekday + 6) % 7; /* the rule counts from Sunday */
	int day = (wanted - (int)civil_weekday(number) + 7) % 7 + (change->week - 1) * 7;

	if (day >= civil_days_in_month(year, change->month))
		day -= 7;
	return number + day;
}

/* The instant of a change; before it the clock showed UTC plus `offset`. */
static int64_t change_instant(int year, const struct rule_change *change, int32_t offset)
{
	struct civil january = { .year = year, .month = 1, .day = 1 };
	int64_t day = civil_day_number(&january);

	switch (change->kind) {
	case RULE_WEEK:
		day = week_day_number(year, change);
		break;
	case RULE_JULIAN:
		day += change->day - 1 + (change->day > 59 && civil_days_in_month(year, 2) == 29);
		break;
	case RULE_ZERO_BASED:
		day += change->day;
		break;
	}
	return day * DAY_SECONDS + change->time_s - offset;
}

static void set_span(const struct zone_rule *rule, int which, struct zone_span *ret)
{
	ret->offset = rule->offset[which];
	memcpy(ret->abbr, rule->abbr[which], ZONE_ABBR_ROOM);
}

/*
 * Of all changes in the years around the instant the last one that has come says which time it is. Looking
 * at three years needs no case for the southern half, for rules that cross New Year and for negative ones.
 */
void zone_rule_span(const struct zone_rule *rule, int64_t instant, struct zone_span *ret)
{
	struct civil c;
	int which = STANDARD;

	ret->from = INT64_MIN;
	ret->to = INT64_MAX;
	if (rule->has_dst) {
		civil_from_seconds(instant, &c);
		for (int i = 0; i < 6; i++) {
			int to = i % 2;
			int64_t at = change_instant(c.year + i / 2 - 1, &rule->change[to], rule->offset[!to]);

			if (at > instant && at < ret->to)
				ret->to = at;
			if (at <= instant && at >= ret->from) {
				ret->from = at;
				which = to;
			}
		}
	}
	set_span(rule, which, ret);
}
