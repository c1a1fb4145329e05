#include "model/when.h"

#include "base/buf.h"
#include "base/civil.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/zone.h"
#include "model/civil_text.h"
#include "model/delay.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int check_range(const char *text, int64_t instant, int64_t *ret, struct err *err)
{
	if (instant < INSTANT_MIN || instant > INSTANT_MAX)
		return err_set(err, ERR_INVALID, "'%s' is not in the years 1970 to 9999", text);
	*ret = instant;
	return 0;
}

static int no_such_time(const char *text, struct err *err)
{
	return err_set(err, ERR_INVALID, "there is no time '%s'", text);
}

/* Z, or +hh:mm; seconds east of UTC. */
static bool scan_offset(const char **p, int64_t *ret)
{
	int sign = **p == '-' ? -1 : 1, hours, minutes;

	*ret = 0;
	if (**p == 'Z' || **p == 'z') {
		(*p)++;
		return true;
	}
	if (**p != '+' && **p != '-')
		return false;
	(*p)++;
	if (!civil_scan_digits(p, 2, &hours) || *(*p)++ != ':' || !civil_scan_digits(p, 2, &minutes))
		return false;
	*ret = sign * (hours * 3600 + minutes * 60);
	return hours <= 23 && minutes <= 59;
}

/* RFC 3339 section 5.6: a fraction has at least one digit. */
static bool scan_fraction(const char **p)
{
	if (**p != '.')
		return true;
	(*p)++;
	if (!isdigit((unsigned char)**p))
		return false;
	while (isdigit((unsigned char)**p))
		(*p)++;
	return true;
}

/* Returns 1; 0 when the text has not this form; -1 when there is no such time. */
static int parse_rfc3339(const char *text, int64_t *ret, struct err *err)
{
	const char *p = text;
	struct civil c = { 0 };
	int64_t offset, instant;
	bool leap;

	if (!civil_scan_date(&p, &c) || !*p || !strchr("Tt ", *p++) || !isdigit((unsigned char)p[0]) ||
	    !isdigit((unsigned char)p[1]) || !civil_scan_clock(&p, &c) || !civil_scan_seconds(&p, &c) ||
	    !scan_fraction(&p) || !scan_offset(&p, &offset) || *p)
		return 0;
	leap = c.second == 60;
	c.second -= leap;
	if (!civil_valid(&c))
		return no_such_time(text, err);
	instant = civil_seconds(&c) - offset;
	if (leap && instant % DAY_SECONDS != DAY_SECONDS - 1)
		return no_such_time(text, err);
	return check_range(text, instant + leap, ret, err) < 0 ? -1 : 1;
}

int when_parse_rfc3339(const char *text, int64_t *ret, struct err *err)
{
	int got = parse_rfc3339(text, ret, err);

	if (got == 0)
		return err_set(err, ERR_INVALID, "'%s' is no time: write it like 2026-07-01T09:30:00Z", text);
	return got < 0 ? -1 : 0;
}

/* A date, maybe with a time, in the zone. Returns 1, 0 and -1 as above. */
static int parse_local(const char *text, const struct zone *zone, int64_t *ret, struct err *err)
{
	const char *p = text;
	struct civil c = { 0 };

	if (!civil_scan_date(&p, &c))
		return 0;
	if (*p && (*p++ != ' ' || !civil_scan_clock(&p, &c) || (*p && !civil_scan_seconds(&p, &c)) || *p))
		return 0;
	if (!civil_valid(&c))
		return no_such_time(text, err);
	return check_range(text, zone_to_instant(zone, &c), ret, err) < 0 ? -1 : 1;
}

static int parse_point(const char *text, const struct zone *zone, int64_t *ret, struct err *err)
{
	int got = parse_rfc3339(text, ret, err);

	return got == 0 ? parse_local(text, zone, ret, err) : got;
}

int when_parse_point(const char *text, const struct zone *zone, int64_t *ret, struct err *err)
{
	int got = parse_point(text, zone, ret, err);

	if (got == 0)
		return err_set(err, ERR_INVALID, "'%s' is no time: write '2026-07-01 09:30' or 2026-07-01T09:30:00Z", text);
	return got < 0 ? -1 : 0;
}

int when_parse(const char *text, const struct zone *zone, const struct calendar *business, int64_t now,
               int64_t *ret, struct err *err)
{
	struct delay delay;
	int got;

	if (strcmp(text, "now") == 0) {
		*ret = now;
		return 0;
	}
	if (*text == '+') {
		if (delay_parse(text + 1, &delay, err) < 0)
			return -1;
		return delay_add(&delay, now, zone, business, ret, err);
	}
	got = parse_point(text, zone, ret, err);
	if (got == 0)
		return err_set(err, ERR_INVALID,
		               "'%s' is no time: write '2026-07-01 09:30', 2026-07-01T09:30:00Z, +2d or now", text);
	return got < 0 ? -1 : 0;
}

static void add_offset(int32_t offset, struct buf *out)
{
	int size = abs(offset);

	buf_addf(out, "%c%02d:%02d", offset < 0 ? '-' : '+', size / 3600, size / 60 % 60);
}

void when_format(int64_t instant, const struct zone *zone, unsigned parts, struct buf *out)
{
	struct civil c;
	const char *abbr;
	int32_t offset;

	zone_to_civil(zone, instant, &c);
	offset = zone_offset(zone, instant, &abbr);
	buf_addf(out, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
	if (parts & WHEN_SECONDS)
		buf_addf(out, ":%02d", c.second);
	if (parts & WHEN_ABBR)
		buf_addf(out, " %s", abbr);
	if (parts & WHEN_OFFSET) {
		buf_addc(out, ' ');
		add_offset(offset, out);
	}
}

void when_format_length(int64_t seconds, struct buf *out)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = { { DAY_SECONDS, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" } };
	size_t u = 0;
	int64_t n;

	while (u < ARRAY_LEN(units) - 1 && seconds < 2 * units[u].seconds)
		u++;
	n = (seconds + units[u].seconds / 2) / units[u].seconds;
	buf_addf(out, "%lld %s%s", (long long)n, units[u].name, n == 1 ? "" : "s");
}

/* Where the offset has seconds (Monrovia until 1972), RFC 3339 has no way to write it: UTC is used. */
void when_format_rfc3339(int64_t instant, const struct zone *zone, struct buf *out)
{
	int32_t offset = zone_offset(zone, instant, NULL);
	struct civil c;

	if (offset % 60)
		offset = 0;
	civil_from_seconds(instant + offset, &c);
	buf_addf(out, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
	if (offset == 0)
		buf_addc(out, 'Z');
	else
		add_offset(offset, out);
}
