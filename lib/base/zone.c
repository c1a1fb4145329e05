#include "base/zone.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/zone_file.h"
#include "base/zone_names.h"
#include "base/zone_rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_FILE ((size_t)256 * 1024)
#define LONGEST  64 /* of names */

struct zone {
	char *name;
	char *data; /* of the file; NULL: only the rule */
	struct zone_file listed;
	struct zone_rule rule;
	int64_t rule_from; /* from the last listed change on; INT64_MAX: the file has no rule, its last offset stays */
	struct zone_span *memo; /* what was looked up last; NULL: nothing is remembered */
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

static bool read_zone(struct zone *zone, size_t len)
{
	if (!zone_file_read(zone->data, len, &zone->listed))
		return false;
	zone->rule_from = *zone->listed.rule ? zone_file_last(&zone->listed) : INT64_MAX;
	return !*zone->listed.rule || zone_rule_parse(zone->listed.rule, &zone->rule);
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
		zone->data = data;
		if (!read_zone(zone, len)) {
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
	free(zone->memo);
	free(zone->data);
	free(zone->name);
	free(zone);
}

static void look_up(const struct zone *zone, int64_t instant, struct zone_span *ret)
{
	if (instant < zone->rule_from) {
		zone_file_span(&zone->listed, instant, ret);
		return;
	}
	zone_rule_span(&zone->rule, instant, ret);
	if (ret->from < zone->rule_from)
		ret->from = zone->rule_from;
}

static const struct zone_span *span_at(const struct zone *zone, int64_t instant)
{
	struct zone_span *memo = zone->memo;

	if (!memo)
		return &utc_span;
	if (instant < memo->from || instant >= memo->to)
		look_up(zone, instant, memo);
	return memo;
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
