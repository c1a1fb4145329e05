#include "model/until.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/zone.h"
#include "model/civil_text.h"
#include "model/when.h"

#include <ctype.h>
#include <string.h>

#define LAST_RUN_DAY 3653 /* ten years, as for delays */

static void set_clock(struct civil *c, int minutes)
{
	c->hour = minutes / 60;
	c->minute = minutes % 60;
	c->second = 0;
}

int date_rule_parse(const char *field, const char *before, const char *at, struct date_rule *ret,
                    struct err *err)
{
	struct date_rule rule = { .field = field, .at = -1 };

	if (before && delay_parse(before, &rule.before, err) < 0)
		return -1;
	if (at && civil_parse_clock(at, &rule.at, err) < 0)
		return -1;
	*ret = rule;
	return 0;
}

static bool is_instant(const char *value)
{
	return strpbrk(value, "Tt") != NULL;
}

/* Are the days and the time of the value left as they are? */
static bool keeps_local_time(const struct date_rule *rule)
{
	return !rule->yearly && rule->at < 0 && !rule->before.days && !rule->before.business_days;
}

/* The local time that a field's value means. */
static int read_value(const struct date_rule *rule, const char *value, const struct zone *zone,
                      struct civil *ret, struct err *err)
{
	int64_t instant;

	if (is_instant(value)) {
		if (when_parse_rfc3339(value, &instant, err) < 0)
			return -1;
		zone_to_civil(zone, instant, ret);
	} else if (civil_parse_date(value, ret, err) < 0) {
		return -1;
	}
	if (rule->at >= 0)
		set_clock(ret, rule->at);
	return 0;
}

/* The delay before it may be of years, so the date whose instant is next can be years ahead. */
static int next_yearly(const struct date_rule *rule, const struct civil *date,
                       const struct until_facts *facts, int64_t *ret, struct err *err)
{
	struct civil c, today;
	int year;

	zone_to_civil(facts->zone, facts->now, &today);
	for (year = date->year > today.year - 1 ? date->year : today.year - 1;; year++) {
		c = *date;
		if (!civil_add_months(&c, 12 * (year - date->year)))
			return civil_out_of_range(err);
		if (delay_before(&rule->before, &c, facts->zone, facts->business, ret, err) < 0)
			return -1;
		if (*ret >= facts->now)
			return 0;
	}
}

int date_rule_instant(const struct date_rule *rule, const struct until_facts *facts, int64_t *ret,
                      struct err *err)
{
	struct civil c;
	int64_t at = 0;
	int got;

	if (is_instant(facts->value) && keeps_local_time(rule)) {
		if (when_parse_rfc3339(facts->value, &at, err) < 0)
			return -1;
		*ret = at - rule->before.seconds;
		return 0;
	}
	if (read_value(rule, facts->value, facts->zone, &c, err) < 0)
		return -1;
	if (rule->yearly)
		got = next_yearly(rule, &c, facts, &at, err);
	else
		got = delay_before(&rule->before, &c, facts->zone, facts->business, &at, err);
	if (got == 0)
		*ret = at;
	return got;
}

static int no_until(const char *text, struct err *err)
{
	return err_set(err, ERR_INVALID, "'%s' is no time to wait until: write 'tue 09:00' or 'day 5 09:00'",
	               text);
}

/* "5" of "day 5 09:00". Returns false when it is no number from 1 to LAST_RUN_DAY. */
static bool scan_run_day(const char **p, int *ret)
{
	int value = 0;

	if (!isdigit((unsigned char)**p))
		return false;
	for (; isdigit((unsigned char)**p); (*p)++)
		if (value <= LAST_RUN_DAY)
			value = value * 10 + (**p - '0');
	*ret = value;
	return value >= 1 && value <= LAST_RUN_DAY;
}

int wait_until_parse(const char *text, struct wait_until *ret, struct err *err)
{
	struct wait_until until = { .at = 0 };
	const char *p = text + strspn(text, " ");

	if (strncmp(p, "day ", 4) == 0) {
		p += 4;
		p += strspn(p, " ");
		until.kind = UNTIL_DAY;
		if (!scan_run_day(&p, &until.day))
			return err_set(err, ERR_INVALID, "'%s': days of a run are numbered from 1 to %d", text,
			               LAST_RUN_DAY);
	} else {
		until.kind = UNTIL_WEEKDAY;
		if (!weekday_parse(p, strcspn(p, " "), &until.weekday))
			return no_until(text, err);
		p += 3;
	}
	if (*p && *p != ' ')
		return no_until(text, err);
	p += strspn(p, " ");
	if (*p && civil_parse_clock(p, &until.at, err) < 0)
		return -1;
	*ret = until;
	return 0;
}

void wait_until_format(const struct wait_until *until, struct buf *out)
{
	switch (until->kind) {
	case UNTIL_WEEKDAY:
		buf_adds(out, weekday_names[until->weekday]);
		break;
	case UNTIL_DAY:
		buf_addf(out, "day %d", until->day);
		break;
	case UNTIL_FIELD:
		BUG("a field has no scalar form");
	}
	buf_addf(out, " %02d:%02d", until->at / 60, until->at % 60);
}

static int weekday_instant(const struct wait_until *until, const struct until_facts *facts, int64_t *ret,
                           struct err *err)
{
	struct civil c;

	zone_to_civil(facts->zone, facts->now, &c);
	if (!civil_add_days(&c, ((int)until->weekday - (int)c.weekday + 7) % 7))
		return civil_out_of_range(err);
	set_clock(&c, until->at);
	*ret = zone_to_instant(facts->zone, &c);
	if (*ret >= facts->now)
		return 0;
	if (!civil_add_days(&c, 7))
		return civil_out_of_range(err);
	*ret = zone_to_instant(facts->zone, &c);
	return 0;
}

static int run_day_instant(const struct wait_until *until, const struct until_facts *facts, int64_t *ret,
                           struct err *err)
{
	struct civil c;

	zone_to_civil(facts->zone, facts->run_started, &c);
	if (!civil_add_days(&c, until->day - 1))
		return civil_out_of_range(err);
	set_clock(&c, until->at);
	*ret = zone_to_instant(facts->zone, &c);
	return 0;
}

int wait_until_instant(const struct wait_until *until, const struct until_facts *facts, int64_t *ret,
                       struct err *err)
{
	int64_t at = 0;
	int got = -1;

	switch (until->kind) {
	case UNTIL_WEEKDAY:
		got = weekday_instant(until, facts, &at, err);
		break;
	case UNTIL_DAY:
		got = run_day_instant(until, facts, &at, err);
		break;
	case UNTIL_FIELD:
		if (!facts->value || !*facts->value)
			return 0;
		got = date_rule_instant(&until->date, facts, &at, err);
		break;
	}
	if (got < 0)
		return -1;
	if (at > INSTANT_MAX)
		return civil_out_of_range(err);
	*ret = at < facts->now ? facts->now : at;
	return 1;
}
