#include "model/delay.h"

#include "base/buf.h"
#include "base/civil.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/near.h"
#include "base/zone.h"
#include "model/calendar.h"
#include "model/civil_text.h"

#include <ctype.h>
#include <string.h>

#define LONGEST_DELAY_YEARS     10
#define LONGEST_RETENTION_YEARS 100
#define TOO_LARGE               INT64_C(10000000000) /* a number that no unit makes short enough */

enum part { SECONDS, DAYS, BUSINESS_DAYS, MONTHS };

static const struct unit {
	const char *one, *many, *brief;
	int64_t size;
	enum part part;
} units[] = {
	{ "second", "seconds", "s", 1, SECONDS },
	{ "minute", "minutes", "m", 60, SECONDS },
	{ "hour", "hours", "h", 3600, SECONDS },
	{ "day", "days", "d", 1, DAYS },
	{ "week", "weeks", "w", 7, DAYS },
	{ "business day", "business days", "", 1, BUSINESS_DAYS },
	{ "month", "months", "", 1, MONTHS },
	{ "year", "years", "", 12, MONTHS },
};

#define UNIT_ROOM 24

struct reader {
	const char *text, *p;
	bool retention;
	int64_t sum[MONTHS + 1]; /* by enum part */
	unsigned seen;           /* bits of units[] */
};

static int no_delay(const struct reader *r, struct err *err)
{
	return err_set(err, ERR_INVALID, "'%s' is no duration: write it like '90 minutes', '2 days'%s", r->text,
	               r->retention ? " or '6 months'" : " or '3 business days'");
}

static void skip_blanks(struct reader *r)
{
	r->p += strspn(r->p, " \t");
}

static int read_number(struct reader *r, int64_t *ret, struct err *err)
{
	int64_t value = 0;

	if (*r->p == '-')
		return err_set(err, ERR_INVALID, "'%s' is negative", r->text);
	if (!isdigit((unsigned char)*r->p))
		return no_delay(r, err);
	for (; isdigit((unsigned char)*r->p); r->p++)
		if (value < TOO_LARGE)
			value = value * 10 + (*r->p - '0');
	if ((*r->p == '.' || *r->p == ',') && isdigit((unsigned char)r->p[1]))
		return err_set(err, ERR_INVALID, "'%s' has a fraction: write whole numbers, like '1 hour 30 minutes'",
		               r->text);
	*ret = value;
	return 0;
}

/* The letters of a unit; "business" takes the next word with it. Returns false when they are too many. */
static bool read_word(struct reader *r, char ret[UNIT_ROOM])
{
	size_t len = 0;

	for (;;) {
		for (; isalpha((unsigned char)*r->p); r->p++) {
			if (len + 1 >= UNIT_ROOM)
				return false;
			ret[len++] = *r->p;
		}
		ret[len] = '\0';
		if (strcmp(ret, "business") != 0)
			return true;
		skip_blanks(r);
		ret[len++] = ' ';
	}
}

static void unknown_unit(const struct reader *r, const char *word, struct err *err)
{
	const char *names[ARRAY_LEN(units)], *near;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (units[i].part != (r->retention ? BUSINESS_DAYS : MONTHS))
			names[n++] = units[i].many;
	near = near_match(word, names, n);
	if (!near && strlen(word) > 1)
		for (size_t i = 0; i < n && !near; i++)
			if (strncmp(word, names[i], strlen(word)) == 0)
				near = names[i];
	if (near)
		err_set(err, ERR_INVALID, "'%s': no unit '%s'; did you mean '%s'?", r->text, word, near);
	else
		err_set(err, ERR_INVALID, "'%s': no unit '%s'; there are minutes, hours, days, weeks and %s", r->text,
		        word, r->retention ? "months, years" : "business days");
}

/* NULL: there is none, or none that is allowed here. */
static const struct unit *find_unit(const struct reader *r, const char *word, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		const struct unit *u = &units[i];

		if (strcmp(word, u->one) != 0 && strcmp(word, u->many) != 0 && strcmp(word, u->brief) != 0)
			continue;
		if (u->part == MONTHS && !r->retention)
			err_set(err, ERR_INVALID, "'%s': %s differ in length; write days or weeks", r->text, u->many);
		else if (u->part == BUSINESS_DAYS && r->retention)
			err_set(err, ERR_INVALID, "'%s': things are not kept for business days; write days", r->text);
		else
			return u;
		return NULL;
	}
	unknown_unit(r, word, err);
	return NULL;
}

static int read_item(struct reader *r, struct err *err)
{
	const struct unit *unit;
	char word[UNIT_ROOM];
	int64_t value = 0;
	unsigned bit;

	if (read_number(r, &value, err) < 0)
		return -1;
	skip_blanks(r);
	if (!*r->p || isdigit((unsigned char)*r->p))
		return err_set(err, ERR_INVALID, "'%s' has no unit: write '%lld minutes', hours or days", r->text,
		               (long long)value);
	if (!isalpha((unsigned char)*r->p) || !read_word(r, word))
		return no_delay(r, err);
	unit = find_unit(r, word, err);
	if (!unit)
		return -1;
	bit = 1u << (unit - units);
	if (r->seen & bit)
		return err_set(err, ERR_INVALID, "'%s' has %s twice", r->text, unit->many);
	r->seen |= bit;
	r->sum[unit->part] += value * unit->size;
	skip_blanks(r);
	return 0;
}

/* Business days, and months, are no multiple of anything else: added up they would mean several things. */
static int check_mixture(const struct reader *r, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		for (size_t j = 0; j < ARRAY_LEN(units); j++)
			if (r->seen & 1u << i && r->seen & 1u << j && units[i].part != units[j].part &&
			    units[i].part >= BUSINESS_DAYS)
				return err_set(err, ERR_INVALID, "'%s': %s cannot be mixed with %s", r->text, units[i].many,
				               units[j].many);
	return 0;
}

static int check_length(const struct reader *r, struct err *err)
{
	int64_t years = r->retention ? LONGEST_RETENTION_YEARS : LONGEST_DELAY_YEARS;
	int64_t days = years * 36525 / 100 + 1;

	if (r->sum[DAYS] * DAY_SECONDS + r->sum[SECONDS] > days * DAY_SECONDS || r->sum[MONTHS] > years * 12 ||
	    r->sum[BUSINESS_DAYS] > days * 5 / 7)
		return err_set(err, ERR_INVALID, "'%s' is too long: %lld years at most", r->text, (long long)years);
	return 0;
}

static int parse(const char *text, bool retention, struct delay *ret, struct err *err)
{
	struct reader r = { .text = text, .p = text, .retention = retention };

	skip_blanks(&r);
	if (strcmp(r.p, "0") == 0) {
		*ret = (struct delay){ 0 };
		return 0;
	}
	do {
		if (read_item(&r, err) < 0)
			return -1;
	} while (*r.p);
	if (check_mixture(&r, err) < 0 || check_length(&r, err) < 0)
		return -1;
	*ret = (struct delay){
		.seconds = r.sum[SECONDS],
		.days = (int32_t)r.sum[DAYS],
		.business_days = (int32_t)r.sum[BUSINESS_DAYS],
		.months = (int32_t)r.sum[MONTHS],
	};
	return 0;
}

int delay_parse(const char *text, struct delay *ret, struct err *err)
{
	return parse(text, false, ret, err);
}

int retention_parse(const char *text, struct delay *ret, struct err *err)
{
	return parse(text, true, ret, err);
}

static void add_part(struct buf *out, int64_t value, const char *unit)
{
	if (value)
		buf_addf(out, "%s%lld %s%s", out->len ? " " : "", (long long)value, unit, value == 1 ? "" : "s");
}

void delay_format(const struct delay *d, struct buf *out)
{
	BUF_AUTO text = BUF_INIT(200);

	add_part(&text, d->business_days, "business day");
	add_part(&text, d->months % 12 ? d->months : d->months / 12, d->months % 12 ? "month" : "year");
	add_part(&text, d->days, "day");
	add_part(&text, d->seconds / 3600, "hour");
	add_part(&text, d->seconds / 60 % 60, "minute");
	add_part(&text, d->seconds % 60, "second");
	buf_adds(out, text.len ? text.s : "0 minutes");
}

bool delay_is_zero(const struct delay *d)
{
	return d->seconds == 0 && d->days == 0 && d->business_days == 0 && d->months == 0;
}

static bool has_days(const struct delay *d)
{
	return d->days || d->business_days || d->months;
}

/* Moves a local time by the days of a delay, forward (sign 1) or back (-1). */
static int shift_days(const struct delay *d, int sign, const struct calendar *business, struct civil *c,
                      struct err *err)
{
	if (d->business_days)
		return calendar_shift(business, sign * d->business_days, c, err);
	if (!civil_add_months(c, sign * d->months) || !civil_add_days(c, sign * d->days))
		return civil_out_of_range(err);
	return 0;
}

int delay_add(const struct delay *d, int64_t from, const struct zone *zone, const struct calendar *business,
              int64_t *ret, struct err *err)
{
	int64_t at = from;
	struct civil c;

	if (!business)
		business = calendar_weekdays();
	if (has_days(d)) {
		if (d->business_days)
			zone = calendar_zone(business, zone);
		zone_to_civil(zone, from, &c);
		if (shift_days(d, 1, business, &c, err) < 0)
			return -1;
		at = zone_to_instant(zone, &c);
	}
	if (__builtin_add_overflow(at, d->seconds, &at) || at > INSTANT_MAX)
		return civil_out_of_range(err);
	*ret = at;
	return 0;
}

int delay_before(const struct delay *d, const struct civil *local, const struct zone *zone,
                 const struct calendar *business, int64_t *ret, struct err *err)
{
	struct civil c = *local;
	int64_t at;

	if (!business)
		business = calendar_weekdays();
	if (shift_days(d, -1, business, &c, err) < 0)
		return -1;
	at = zone_to_instant(zone, &c) - d->seconds;
	if (at > INSTANT_MAX)
		return civil_out_of_range(err);
	*ret = at;
	return 0;
}

int64_t retention_limit(const struct delay *retention, int64_t now)
{
	struct civil c;
	struct err err;
	int64_t at;

	zone_to_civil(zone_utc(), now, &c);
	if (delay_before(retention, &c, zone_utc(), NULL, &at, &err) < 0 || at < INSTANT_MIN)
		return INSTANT_MIN;
	return at;
}
