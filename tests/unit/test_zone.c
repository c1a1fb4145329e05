#include "time_table.h"

#include "base/civil.h"
#include "base/zone.h"
#include "base/zone_rule.h"

static void test_clock(void **state)
{
	struct table t = table_open("clock.tsv");
	ZONES_AUTO zones = { 0 };

	(void)state;
	while (table_next(&t)) {
		static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
		const struct zone *zone = zone_named(&zones, t.field[0]);
		const char *abbr;
		char got[100], want[100];
		struct civil c;
		int32_t offset;

		zone_to_civil(zone, instant_of(t.field[1]), &c);
		offset = zone_offset(zone, instant_of(t.field[1]), &abbr);
		snprintf(got, sizeof got, "%04d-%02d-%02d %02d:%02d:%02d %s %d %s", c.year, c.month, c.day, c.hour,
		         c.minute, c.second, days[c.weekday], offset, abbr);
		snprintf(want, sizeof want, "%s %s %s %s", t.field[2], t.field[3], t.field[4], t.field[5]);
		if (strcmp(got, want) != 0)
			table_wrong(&t, got);
	}
	table_close(&t, 300);
}

static void test_local(void **state)
{
	struct table t = table_open("local.tsv");
	ZONES_AUTO zones = { 0 };

	(void)state;
	while (table_next(&t)) {
		const struct zone *zone = zone_named(&zones, t.field[0]);
		struct civil c = { 0 };

		if (sscanf(t.field[1], "%d-%d-%d %d:%d:%d", &c.year, &c.month, &c.day, &c.hour, &c.minute,
		           &c.second) != 6)
			fail_msg("no local time: %s", t.field[1]);
		table_expect(&t, t.field[2], 0, zone_to_instant(zone, &c), NULL);
	}
	table_close(&t, 300);
}

static uint64_t fnv(uint64_t value, int64_t a, const int64_t *b)
{
	char text[64];

	if (b)
		snprintf(text, sizeof text, "%lld %lld\n", (long long)a, (long long)*b);
	else
		snprintf(text, sizeof text, "%lld\n", (long long)a);
	for (const char *p = text; *p; p++)
		value = (value ^ (unsigned char)*p) * 0x100000001b3u;
	return value;
}

static uint64_t digest_change(uint64_t value, const struct zone *zone, int64_t at)
{
	int64_t before = zone_offset(zone, at - 1, NULL), after = zone_offset(zone, at, NULL);
	int64_t sum = before + after;
	const int64_t locals[] = { at + before - 1, at + before, at + (sum < 0 ? (sum - 1) / 2 : sum / 2),
		                       at + after - 1, at + after };

	value = fnv(value, at, &after);
	for (size_t i = 0; i < ARRAY_LEN(locals); i++) {
		struct civil c;
		int64_t instant;

		civil_from_seconds(locals[i], &c);
		instant = zone_to_instant(zone, &c);
		value = fnv(value, locals[i], &instant);
	}
	return value;
}

/* As generate.py computes it. */
static uint64_t digest(const struct zone *zone, int *ret_changes)
{
	const int64_t end = instant_of("2101-01-01T00:00:00Z");
	const int years[] = { 2150, 2437, 3100, 5000, 9998 };
	uint64_t value = 0xcbf29ce484222325u;

	*ret_changes = 0;
	for (int64_t at = 0, change; at < end; at += DAY_SECONDS) {
		if (zone_next_change(zone, at, at + DAY_SECONDS, &change)) {
			value = digest_change(value, zone, change);
			++*ret_changes;
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(years); i++) {
		struct civil c = { .year = years[i], .month = 1, .day = 1 };

		for (int day = 0; day < 365; day += 9)
			value = fnv(value, zone_offset(zone, civil_seconds(&c) + day * DAY_SECONDS, NULL), NULL);
	}
	return value;
}

/* Laws change, so the table holds only for the tzdata that it was made with. */
static bool same_tzdata(const struct table *t)
{
	FILE *f = fopen("/usr/share/zoneinfo/tzdata.zi", "r");
	char line[64] = "", version[32];
	bool same = f && fgets(line, sizeof line, f) && sscanf(line, "# version %31s", version) == 1 &&
	            strstr(t->head, version);

	if (f)
		fclose(f);
	return same;
}

static void test_all_zones(void **state)
{
	struct table t = table_open("zones.tsv");

	(void)state;
	if (!same_tzdata(&t)) {
		fclose(t.file);
		skip();
	}
	while (table_next(&t)) {
		struct zone *zone = NULL;
		struct err err = ERR_INIT;
		char got[100];
		int changes;

		assert_int_equal(zone_open(t.field[0], &zone, &err), 0);
		snprintf(got, sizeof got, "%016llx", (unsigned long long)digest(zone, &changes));
		if (changes != atoi(t.field[1]) || strcmp(got, t.field[2]) != 0)
			table_wrong(&t, got);
		zone_free(zone);
	}
	table_close(&t, 400);
}

static void test_unknown(void **state)
{
	static const struct {
		const char *name, *text;
	} cases[] = {
		{ "Europe/Berln", "no time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?" },
		{ "europe/berlin", "no time zone 'europe/berlin'; did you mean 'Europe/Berlin'?" },
		{ "Berlin", "no time zone 'Berlin'; did you mean 'Europe/Berlin'?" },
		{ "new_york", "no time zone 'new_york'; did you mean 'America/New_York'?" },
		{ "Utc", "no time zone 'Utc'; did you mean 'UTC'?" },
		{ "Middle/Earth", "no time zone 'Middle/Earth'; names are like 'Europe/Berlin'" },
		{ "", "no time zone ''; names are like 'Europe/Berlin'" },
		/* what the C library, GLib or the file system would take */
		{ "Europe", "no time zone 'Europe'; names are like 'Europe/Berlin'" },
		{ "+02:00", "no time zone '+02:00'; names are like 'Europe/Berlin'" },
		{ "CET-1CEST", "no time zone 'CET-1CEST'; names are like 'Europe/Berlin'" },
		{ "CET-1CEST,M3.5.0,M10.5.0/3",
		  "no time zone 'CET-1CEST,M3.5.0,M10.5.0/3'; names are like 'Europe/Berlin'" },
		{ "/etc/localtime", "no time zone '/etc/localtime'; names are like 'Europe/Berlin'" },
		{ "../zoneinfo/UTC", "no time zone '../zoneinfo/UTC'; names are like 'Europe/Berlin'" },
		{ "Europe/../UTC", "no time zone 'Europe/../UTC'; names are like 'Europe/Berlin'" },
		{ "Europe//Berlin", "no time zone 'Europe//Berlin'; did you mean 'Europe/Berlin'?" },
		{ "localtime", "no time zone 'localtime'; names are like 'Europe/Berlin'" },
		{ "leapseconds", "no time zone 'leapseconds'; names are like 'Europe/Berlin'" },
		{ "right/Europe/Berlin", "no time zone 'right/Europe/Berlin'; did you mean 'Europe/Berlin'?" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct zone *zone = NULL;
		struct err err = ERR_INIT;

		assert_int_equal(zone_open(cases[i].name, &zone, &err), -1);
		assert_string_equal(err.text, cases[i].text);
		assert_int_equal(err.kind, ERR_INVALID);
		assert_null(zone);
	}
}

static void test_utc(void **state)
{
	struct err err = ERR_INIT;
	const char *abbr;
	struct zone *zone = NULL;
	struct civil c;
	int64_t change;

	(void)state;
	assert_int_equal(zone_open("Etc/UTC", &zone, &err), 0);
	assert_string_equal(zone_name(zone), "Etc/UTC");
	assert_int_equal(zone_offset(zone, 1782864000, &abbr), 0);
	assert_string_equal(abbr, "UTC");
	zone_free(zone);
	assert_int_equal(zone_open("UTC", &zone, &err), 0);
	assert_string_equal(zone_name(zone), "UTC");
	zone_to_civil(zone, 253402300799, &c);
	assert_int_equal(c.year, 9999);
	assert_int_equal(zone_to_instant(zone_utc(), &c), 253402300799);
	assert_false(zone_next_change(zone_utc(), 0, DAY_SECONDS, &change));
	zone_free(zone);
	zone_free(NULL);
}

/* The ends of the years may be shown in any zone, also where it is another year in UTC. */
static void test_ends(void **state)
{
	static const char *const names[] = { "Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin",
		                                 "America/New_York" };
	ZONES_AUTO zones = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct zone *zone = zone_named(&zones, names[i]);
		struct civil first = { .year = 1, .month = 1, .day = 1 }, c;
		struct civil last = { .year = 9999, .month = 12, .day = 31, .hour = 23, .minute = 59, .second = 59 };

		zone_to_civil(zone, zone_to_instant(zone, &first), &c);
		assert_int_equal(civil_seconds(&c), civil_seconds(&first));
		zone_to_civil(zone, zone_to_instant(zone, &last), &c);
		assert_int_equal(civil_seconds(&c), civil_seconds(&last));
		zone_to_civil(zone_utc(), zone_to_instant(zone, &first), &c);
		zone_to_civil(zone, 253402300799, &c);
		assert_in_range(c.year, 9999, 10000);
	}
}

/* Against the C library, day by day. */
static void test_days(void **state)
{
	struct civil c = { .year = 1970, .month = 1, .day = 1 };

	(void)state;
	for (int64_t day = -719162; day <= 2932896; day += day > -20 && day < 40000 ? 1 : 61) {
		time_t t = (time_t)(day * DAY_SECONDS);
		struct tm tm;

		gmtime_r(&t, &tm);
		assert_true(civil_set_day(&c, day));
		if (c.year != tm.tm_year + 1900 || c.month != tm.tm_mon + 1 || c.day != tm.tm_mday ||
		    ((int)c.weekday + 1) % 7 != tm.tm_wday || civil_day_number(&c) != day || !civil_valid(&c))
			fail_msg("day %lld is %d-%d-%d", (long long)day, c.year, c.month, c.day);
	}
}

static void test_add(void **state)
{
	static const struct {
		struct civil from;
		int64_t months, days;
		int year, month, day; /* 0: out of range */
	} cases[] = {
		{ { .year = 2026, .month = 1, .day = 31 }, 1, 0, 2026, 2, 28 },
		{ { .year = 2028, .month = 1, .day = 31 }, 1, 0, 2028, 2, 29 },
		{ { .year = 2028, .month = 2, .day = 29 }, 12, 0, 2029, 2, 28 },
		{ { .year = 2028, .month = 2, .day = 29 }, -48, 0, 2024, 2, 29 },
		{ { .year = 2026, .month = 3, .day = 31 }, -1, 0, 2026, 2, 28 },
		{ { .year = 2026, .month = 1, .day = 15 }, -13, 0, 2024, 12, 15 },
		{ { .year = 9999, .month = 12, .day = 1 }, 1, 0, 0, 0, 0 },
		{ { .year = 1, .month = 1, .day = 1 }, -1, 0, 0, 0, 0 },
		{ { .year = 1, .month = 1, .day = 1 }, INT64_MIN, 0, 0, 0, 0 },
		{ { .year = 2026, .month = 1, .day = 1 }, INT64_MAX, 0, 0, 0, 0 },
		{ { .year = 2100, .month = 2, .day = 28 }, 0, 1, 2100, 3, 1 },
		{ { .year = 2000, .month = 2, .day = 28 }, 0, 1, 2000, 2, 29 },
		{ { .year = 9999, .month = 12, .day = 30 }, 0, 1, 9999, 12, 31 },
		{ { .year = 9999, .month = 12, .day = 31 }, 0, 1, 0, 0, 0 },
		{ { .year = 1, .month = 1, .day = 2 }, 0, -1, 1, 1, 1 },
		{ { .year = 1, .month = 1, .day = 1 }, 0, -1, 0, 0, 0 },
		{ { .year = 2026, .month = 1, .day = 1 }, 0, INT64_MAX, 0, 0, 0 },
		{ { .year = 1026, .month = 1, .day = 1 }, 0, INT64_MIN, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct civil c = cases[i].from;
		bool done =
		    cases[i].months ? civil_add_months(&c, cases[i].months) : civil_add_days(&c, cases[i].days);

		assert_int_equal(done, cases[i].year != 0);
		assert_int_equal(c.year, done ? cases[i].year : cases[i].from.year);
		assert_int_equal(c.month, done ? cases[i].month : cases[i].from.month);
		assert_int_equal(c.day, done ? cases[i].day : cases[i].from.day);
	}
}

static void test_valid(void **state)
{
	static const struct civil bad[] = {
		{ .year = 0, .month = 1, .day = 1 },
		{ .year = 10000, .month = 1, .day = 1 },
		{ .year = 2026, .month = 0, .day = 1 },
		{ .year = 2026, .month = 13, .day = 1 },
		{ .year = 2026, .month = 1, .day = 0 },
		{ .year = 2026, .month = 2, .day = 29 },
		{ .year = 2100, .month = 2, .day = 29 },
		{ .year = 2026, .month = 4, .day = 31 },
		{ .year = 2026, .month = 1, .day = 1, .hour = 24 },
		{ .year = 2026, .month = 1, .day = 1, .minute = 60 },
		{ .year = 2026, .month = 1, .day = 1, .second = 60 },
		{ .year = 2026, .month = 1, .day = 1, .hour = -1 },
	};
	const struct civil good = { .year = 2000, .month = 2, .day = 29, .hour = 23, .minute = 59, .second = 59 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(civil_valid(&bad[i]));
	assert_true(civil_valid(&good));
}

/* Rules that no zone of today has, but a zone file may. */
static void test_rules(void **state)
{
	static const struct {
		const char *rule, *instant;
		int32_t offset;
		const char *abbr;
	} cases[] = {
		{ "EST5", "2026-07-01T00:00:00Z", -18000, "EST" },
		{ "<-03>3", "2026-07-01T00:00:00Z", -10800, "-03" },
		{ "<+0530>-5:30", "2026-07-01T00:00:00Z", 19800, "+0530" },
		{ "AAA0:44:30", "2026-07-01T00:00:00Z", -2670, "AAA" },
		/* days of the year: J60 is March 1st in each year, 59 the sixtieth day */
		{ "AAA0BBB,J60/0,J61/0", "2028-03-01T00:00:00Z", 3600, "BBB" },
		{ "AAA0BBB,J60/0,J61/0", "2028-02-29T23:59:59Z", 0, "AAA" },
		{ "AAA0BBB,J60/0,J61/0", "2027-03-01T00:00:00Z", 3600, "BBB" },
		{ "AAA0BBB,59/0,60/0", "2028-02-29T00:00:00Z", 3600, "BBB" },
		{ "AAA0BBB,59/0,60/0", "2027-03-01T00:00:00Z", 3600, "BBB" },
		{ "AAA0BBB,59/0,60/0", "2027-02-28T23:59:59Z", 0, "AAA" },
		/* daylight saving time all year */
		{ "EST5EDT,0/0,J365/25", "2026-01-01T05:00:00Z", -14400, "EDT" },
		{ "EST5EDT,0/0,J365/25", "2026-01-01T04:59:59Z", -14400, "EDT" },
		{ "EST5EDT,0/0,J365/25", "2028-12-31T23:00:00Z", -14400, "EDT" },
		/* the southern half, negative hours, more than a day, seconds, a shift of two hours */
		{ "AAA-10BBB,M10.1.0,M4.1.0/3", "2026-01-01T00:00:00Z", 39600, "BBB" },
		{ "AAA-10BBB,M10.1.0,M4.1.0/3", "2026-06-01T00:00:00Z", 36000, "AAA" },
		{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600, "-01" },
		{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7200, "-02" },
		{ "EET-2EEST,M3.4.4/50,M10.4.4/50", "2090-03-25T00:00:00Z", 10800, "EEST" },
		{ "EET-2EEST,M3.4.4/50,M10.4.4/50", "2090-03-24T23:59:59Z", 7200, "EET" },
		{ "AAA0BBB-2,M3.1.1/2:30:15,M10.5.0", "2026-03-02T02:30:14Z", 0, "AAA" },
		{ "AAA0BBB-2,M3.1.1/2:30:15,M10.5.0", "2026-03-02T02:30:15Z", 7200, "BBB" },
		/* winter time that is called daylight saving */
		{ "IST-1GMT0,M10.5.0,M3.5.0/1", "2090-01-01T00:00:00Z", 0, "GMT" },
		{ "IST-1GMT0,M10.5.0,M3.5.0/1", "2090-07-01T00:00:00Z", 3600, "IST" },
	};
	static const char *const broken[] = {
		"", "E5", "EST", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0",
		"EST5EDT,M3.6.0,M11.1.0", "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,M3.0.0,M11.1.0",
		"EST5EDT,J0,J365", "EST5EDT,366,J365", "EST5EDT,M3.2.0,M11.1.0,",
		"EST5EDT,M3.2.0/168,M11.1.0", "EST5:60", "<EST5", "EST5 ", "EST168", "ABCDEFGHIJKLMNOPQ5",
		"EST5EDTM3.2.0,M11.1.0", "EST5EDT4:", "EST5E,M3.2.0,M11.1.0", "EST9999",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct zone_rule rule;
		struct zone_span span;
		int64_t instant = instant_of(cases[i].instant);

		assert_true(zone_rule_parse(cases[i].rule, &rule));
		zone_rule_span(&rule, instant, &span);
		assert_string_equal(span.abbr, cases[i].abbr);
		assert_int_equal(span.offset, cases[i].offset);
		assert_true(span.from <= instant && instant < span.to);
	}
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		struct zone_rule rule;

		if (zone_rule_parse(broken[i], &rule))
			fail_msg("'%s' is taken for a rule", broken[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "B13 what clocks show: both edges of each change, leap days, far years", test_clock, NULL, NULL,
		  NULL },
		{ "B13 local times become instants: gaps, second hours, half hours", test_local, NULL, NULL, NULL },
		{ "B13 every zone and clock change of 1970 to 2100, and the years to 9998", test_all_zones, NULL,
		  NULL, NULL },
		{ "unknown zones and paths are errors with the nearest name", test_unknown, NULL, NULL, NULL },
		{ "UTC needs no tzdata", test_utc, NULL, NULL, NULL },
		{ "the first and last day of the years in zones on both sides", test_ends, NULL, NULL, NULL },
		{ "day numbers and weekdays of the years 1 to 9999", test_days, NULL, NULL, NULL },
		{ "days and months are added within the years 1 to 9999", test_add, NULL, NULL, NULL },
		{ "dates and times that do not exist", test_valid, NULL, NULL, NULL },
		{ "rules of zone files: days of the year, negative hours, winter as daylight saving time", test_rules, NULL, NULL,
		  NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
