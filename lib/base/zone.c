/*
 * GTimeZone knows the changes that a time zone file lists, but not how it goes on: from 2038 it takes Dublin
 * (daylight saving time in winter) wrong, from about 3000 every zone that changes its clock. So the rule at
 * the end of the file is read here and used from the last listed change on.
 */
#include "base/zone.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/zone_names.h"
#include "base/zone_rule.h"

#include <glib.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_FILE ((size_t)256 * 1024)
#define HEADER   44 /* RFC 9636 section 3.1 */
#define LONGEST  64 /* of names */
#define PROBE    (20 * DAY_SECONDS)

struct memo {
	struct zone_span span;
	int interval; /* of GTimeZone; -1: the span comes from the rule */
};

struct zone {
	char *name;
	GTimeZone *listed; /* NULL: only the rule */
	struct zone_rule rule;
	int64_t rule_from; /* INT64_MAX: the file has no rule, its last offset stays */
	struct memo *memo; /* NULL: nothing is remembered */
};

static const struct zone utc = {
	.name = (char[]){ "UTC" },
	.rule = { .abbr = { "UTC", "" } },
	.rule_from = INT64_MIN,
};

static const struct zone_span utc_span = { .from = INT64_MIN, .to = INT64_MAX, .abbr = "UTC" };

const struct zone *zone_utc(void)
{
	return &utc;
}

const char *zone_name(const struct zone *zone)
{
	return zone->name;
}

/* Only names that stay below the directory; `localtime` and the like mean something else on each machine. */
static bool name_allowed(const char *name)
{
	static const char *const refused[] = { "localtime", "posixrules", "Factory" };
	size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/");

	if (n == 0 || n > LONGEST || name[n] || name[0] == '/' || name[n - 1] == '/' || strstr(name, "//"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		if (strcmp(name, refused[i]) == 0)
			return false;
	return true;
}

/* The two names that are no file's to define: a machine whose zone is UTC gives the longer one. */
static bool is_utc(const char *name)
{
	return strcmp(name, "UTC") == 0 || strcmp(name, "Etc/UTC") == 0;
}

static size_t room_for(FILE *f)
{
	struct stat st;

	return fstat(fileno(f), &st) < 0 || st.st_size < 0 || (size_t)st.st_size > MAX_FILE ? MAX_FILE : (size_t)st.st_size;
}

/* The whole file, NUL-terminated; NULL when it cannot be read. The caller frees it. */
static char *read_file(const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "re");
	char *data;
	size_t room;

	if (!f)
		return NULL;
	room = room_for(f);
	data = xmalloc(room + 1);
	*ret_len = fread(data, 1, room, f);
	data[*ret_len] = '\0';
	if (ferror(f)) {
		free(data);
		data = NULL;
	}
	fclose(f);
	return data;
}

static uint32_t big_endian(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

/* The length of a header and the data that it announces, times of `width` bytes (RFC 9636 section 3.2). */
static size_t block_length(const char *header, size_t width)
{
	size_t isut = big_endian(header + 20), isstd = big_endian(header + 24), leaps = big_endian(header + 28);
	size_t times = big_endian(header + 32), types = big_endian(header + 36), chars = big_endian(header + 40);

	return HEADER + times * (width + 1) + types * 6 + chars + leaps * (width + 4) + isstd + isut;
}

static bool is_header(const char *data, size_t len, size_t at)
{
	return at + HEADER <= len && memcmp(data + at, "TZif", 4) == 0;
}

/*
 * Takes the rule and the instant of the last listed change out of a file's second block. Returns false for
 * what is no time zone file, or one that counts leap seconds, which instants here do not.
 */
static bool read_rule(char *data, size_t len, struct zone *zone)
{
	size_t second, times, footer;
	char *end;

	zone->rule_from = INT64_MAX;
	if (!is_header(data, len, 0) || big_endian(data + 28) != 0)
		return false;
	if (data[4] < '2')
		return true;
	second = block_length(data, 4);
	if (!is_header(data, len, second))
		return false;
	footer = second + block_length(data + second, 8);
	if (footer >= len || data[footer] != '\n' || !(end = strchr(data + footer + 1, '\n')))
		return false;
	*end = '\0';
	if (end == data + footer + 1)
		return true;
	if (!zone_rule_parse(data + footer + 1, &zone->rule))
		return false;
	times = big_endian(data + second + 32);
	zone->rule_from = INT64_MIN;
	if (times > 0) {
		const char *last = data + second + HEADER + (times - 1) * 8;

		zone->rule_from = (int64_t)((uint64_t)big_endian(last) << 32 | big_endian(last + 4));
	}
	return true;
}

static int no_zone(const char *name, struct err *err)
{
	char near[ZONE_NAME_ROOM];

	switch (zone_names_near(name, near)) {
	case 1:
		return err_set(err, ERR_INVALID, "no time zone '%s'; did you mean '%s'?", name, near);
	case 0:
		return err_set(err, ERR_INVALID, "no time zone '%s'; names are like 'Europe/Berlin'", name);
	default:
		return err_set(err, ERR_CONFIG, "no time zone data in %s; install tzdata", ZONE_DIR);
	}
}

int zone_open(const char *name, struct zone **ret, struct err *err)
{
	struct zone *zone;
	char path[sizeof ZONE_DIR + 1 + LONGEST], *data = NULL;
	size_t len;

	if (!is_utc(name)) {
		if (!name_allowed(name))
			return no_zone(name, err);
		snprintf(path, sizeof path, "%s/%s", ZONE_DIR, name);
		data = read_file(path, &len);
		if (!data)
			return no_zone(name, err);
	}
	zone = xcalloc(1, sizeof *zone);
	*zone = utc;
	zone->name = xstrdup(name);
	if (data) {
		/* By its path, so that TZDIR of a caller's environment does not count. */
		zone->listed = read_rule(data, len, zone) ? g_time_zone_new_identifier(path) : NULL;
		free(data);
		if (!zone->listed) {
			zone_free(zone);
			return no_zone(name, err);
		}
		zone->memo = xcalloc(1, sizeof *zone->memo);
	}
	*ret = zone;
	return 0;
}

void zone_free(struct zone *zone)
{
	if (!zone)
		return;
	if (zone->listed)
		g_time_zone_unref(zone->listed);
	free(zone->memo);
	free(zone->name);
	free(zone);
}

static int interval_at(const struct zone *zone, int64_t instant)
{
	int interval = g_time_zone_find_interval(zone->listed, G_TIME_TYPE_UNIVERSAL, instant);

	BUG_ON(interval < 0);
	return interval;
}

static void widen(const struct zone *zone, int64_t instant)
{
	struct zone_span *span = &zone->memo->span;

	if (instant >= zone->rule_from || interval_at(zone, instant) != zone->memo->interval)
		return;
	if (instant < span->from)
		span->from = instant;
	if (instant >= span->to)
		span->to = instant + 1;
}

/* GLib does not tell where an interval begins and ends: it is known as far as was asked, and some days on. */
static void remember_listed(const struct zone *zone, int64_t instant)
{
	struct memo *memo = zone->memo;
	int interval = interval_at(zone, instant);

	if (interval != memo->interval || memo->span.from == memo->span.to) {
		memo->interval = interval;
		memo->span.from = instant;
		memo->span.to = instant + 1;
		memo->span.offset = g_time_zone_get_offset(zone->listed, interval);
		snprintf(memo->span.abbr, sizeof memo->span.abbr, "%s",
		         g_time_zone_get_abbreviation(zone->listed, interval));
	}
	widen(zone, instant);
	widen(zone, instant - PROBE);
	widen(zone, instant + PROBE);
}

static const struct zone_span *span_at(const struct zone *zone, int64_t instant)
{
	struct memo *memo = zone->memo;

	if (!memo)
		return &utc_span;
	if (instant >= memo->span.from && instant < memo->span.to)
		return &memo->span;
	if (instant < zone->rule_from) {
		remember_listed(zone, instant);
	} else {
		zone_rule_span(&zone->rule, instant, &memo->span);
		memo->interval = -1;
		if (memo->span.from < zone->rule_from)
			memo->span.from = zone->rule_from;
	}
	return &memo->span;
}

int32_t zone_offset(const struct zone *zone, int64_t instant, const char **ret_abbr)
{
	const struct zone_span *span = span_at(zone, instant);

	if (ret_abbr)
		*ret_abbr = span->abbr;
	return span->offset;
}

static int32_t offset_at(const struct zone *zone, int64_t instant)
{
	return span_at(zone, instant)->offset;
}

void zone_to_civil(const struct zone *zone, int64_t instant, struct civil *ret)
{
	civil_from_seconds(instant + offset_at(zone, instant), ret);
}

bool zone_next_change(const struct zone *zone, int64_t after, int64_t until, int64_t *ret)
{
	int32_t offset = offset_at(zone, after);

	if (until <= after || offset_at(zone, until) == offset)
		return false;
	while (until - after > 1) {
		int64_t middle = after + (until - after) / 2;

		if (offset_at(zone, middle) == offset)
			after = middle;
		else
			until = middle;
	}
	*ret = until;
	return true;
}

int64_t zone_to_instant(const struct zone *zone, const struct civil *civil)
{
	int64_t local = civil_seconds(civil), early, late, change;
	int32_t before = offset_at(zone, local - DAY_SECONDS), after = offset_at(zone, local + DAY_SECONDS);

	early = local - before;
	if (before == after || offset_at(zone, early) == before)
		return early;
	late = local - after;
	if (offset_at(zone, late) == after)
		return late;
	/* Neither holds: the clock was put forward over this time, from before `late` to after it. */
	if (!zone_next_change(zone, late, early, &change))
		BUG("zone %s has no change around %lld", zone->name, (long long)local);
	return change;
}
