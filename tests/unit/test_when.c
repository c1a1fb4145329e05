#include "time_table.h"

#include "base/buf.h"
#include "base/clock.h"
#include "model/civil_text.h"
#include "model/when.h"

#define NOW "2026-07-01T07:30:15Z" /* a Wednesday, 09:30:15 in Berlin */

static void test_parse(void **state)
{
	static const struct {
		const char *text, *instant;
	} cases[] = {
		{ "now", NOW },
		{ "2026-07-01T09:30:00Z", "2026-07-01T09:30:00Z" },
		{ "2026-07-01t09:30:00z", "2026-07-01T09:30:00Z" },
		{ "2026-07-01 09:30:00Z", "2026-07-01T09:30:00Z" },
		{ "2026-07-01T09:30:00+02:00", "2026-07-01T07:30:00Z" },
		{ "2026-07-01T00:30:00+05:45", "2026-06-30T18:45:00Z" },
		{ "2026-12-31T20:00:00-09:30", "2027-01-01T05:30:00Z" },
		{ "2026-07-01T09:30:00-00:00", "2026-07-01T09:30:00Z" },
		{ "2026-07-01T09:30:00.999Z", "2026-07-01T09:30:00Z" },
		{ "2026-07-01T09:30:00.5+02:00", "2026-07-01T07:30:00Z" },
		{ "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z" },
		{ "2017-01-01T05:29:60+05:30", "2017-01-01T00:00:00Z" },
		{ "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z" },
		{ "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z" },
		{ "2026-07-01", "2026-06-30T22:00:00Z" },
		{ "2026-12-01", "2026-11-30T23:00:00Z" },
		{ "2026-07-01 09:30", "2026-07-01T07:30:00Z" },
		{ "2026-07-01 9:30", "2026-07-01T07:30:00Z" },
		{ "2026-07-01 09:30:15", "2026-07-01T07:30:15Z" },
		{ "2028-02-29 00:00", "2028-02-28T23:00:00Z" },
		{ "2026-03-29 02:30", "2026-03-29T01:00:00Z" }, /* in the gap */
		{ "2026-10-25 02:30", "2026-10-25T00:30:00Z" }, /* twice */
		{ "+2d", "2026-07-03T07:30:15Z" },
		{ "+ 2 days", "2026-07-03T07:30:15Z" },
		{ "+1h 30m", "2026-07-01T09:00:15Z" },
		{ "+120 days", "2026-10-29T08:30:15Z" },
		{ "+3 business days", "2026-07-06T07:30:15Z" },
		{ "+0", NOW },
	};
	ZONES_AUTO zones = { 0 };
	const struct zone *berlin = zone_named(&zones, "Europe/Berlin");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;
		int64_t at = 0;
		char text[32];

		if (when_parse(cases[i].text, berlin, NULL, instant_of(NOW), &at, &err) < 0)
			fail_msg("%s", err.text);
		assert_string_equal(instant_text(at, text), cases[i].instant);
	}
}

#define FORMS "write '2026-07-01 09:30', 2026-07-01T09:30:00Z, +2d or now"

static void test_parse_errors(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", "'' is no time: " FORMS },
		{ "tomorrow", "'tomorrow' is no time: " FORMS },
		{ "-2d", "'-2d' is no time: " FORMS },
		{ "1751355000", "'1751355000' is no time: " FORMS },
		{ "01.07.2026", "'01.07.2026' is no time: " FORMS },
		{ "2026-7-1", "'2026-7-1' is no time: " FORMS },
		{ "2026-07-01 ", "'2026-07-01 ' is no time: " FORMS },
		{ "2026-07-01x", "'2026-07-01x' is no time: " FORMS },
		{ "2026-07-01 09", "'2026-07-01 09' is no time: " FORMS },
		{ "2026-07-01 09:30 ", "'2026-07-01 09:30 ' is no time: " FORMS },
		{ "2026-07-01 09:30:1", "'2026-07-01 09:30:1' is no time: " FORMS },
		{ "2026-07-01T09:30", "'2026-07-01T09:30' is no time: " FORMS },
		{ "2026-07-01T09:30:00", "'2026-07-01T09:30:00' is no time: " FORMS },
		{ "2026-07-01T9:30:00Z", "'2026-07-01T9:30:00Z' is no time: " FORMS },
		{ "2026-07-01T09:30:00.Z", "'2026-07-01T09:30:00.Z' is no time: " FORMS },
		{ "2026-07-01T09:30:00+2", "'2026-07-01T09:30:00+2' is no time: " FORMS },
		{ "2026-07-01T09:30:00+0200", "'2026-07-01T09:30:00+0200' is no time: " FORMS },
		{ "2026-07-01T09:30:00+24:00", "'2026-07-01T09:30:00+24:00' is no time: " FORMS },
		{ "2026-07-01T09:30:00+01:60", "'2026-07-01T09:30:00+01:60' is no time: " FORMS },
		{ "2026-07-01T09:30:00Z ", "'2026-07-01T09:30:00Z ' is no time: " FORMS },
		{ "2026-02-29", "there is no time '2026-02-29'" },
		{ "2026-13-01", "there is no time '2026-13-01'" },
		{ "2026-06-31T00:00:00Z", "there is no time '2026-06-31T00:00:00Z'" },
		{ "2026-07-01 24:00", "there is no time '2026-07-01 24:00'" },
		{ "2026-07-01 09:60", "there is no time '2026-07-01 09:60'" },
		{ "2026-07-01 09:30:60", "there is no time '2026-07-01 09:30:60'" },
		{ "2016-12-31T22:59:60Z", "there is no time '2016-12-31T22:59:60Z'" },
		{ "2016-12-31T23:59:61Z", "there is no time '2016-12-31T23:59:61Z'" },
		{ "0000-01-01", "there is no time '0000-01-01'" },
		{ "1969-12-31T23:59:59Z", "'1969-12-31T23:59:59Z' is not in the years 1970 to 9999" },
		{ "1970-01-01", "'1970-01-01' is not in the years 1970 to 9999" }, /* in Berlin */
		{ "9999-12-31T23:59:59-01:00", "'9999-12-31T23:59:59-01:00' is not in the years 1970 to 9999" },
		{ "9999-12-31T23:59:60Z", "'9999-12-31T23:59:60Z' is not in the years 1970 to 9999" },
		{ "+2", "'2' has no unit: write '2 minutes', hours or days" },
		{ "+", "'' is no duration: write it like '90 minutes', '2 days' or '3 business days'" },
		{ "+11 years", "'11 years': years differ in length; write days or weeks" },
	};
	ZONES_AUTO zones = { 0 };
	const struct zone *berlin = zone_named(&zones, "Europe/Berlin");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;
		int64_t at = 7;

		assert_int_equal(when_parse(cases[i].text, berlin, NULL, instant_of(NOW), &at, &err), -1);
		assert_string_equal(err.text, cases[i].error);
		assert_int_equal(err.kind, ERR_INVALID);
		assert_int_equal(at, 7);
	}
}

static void test_rfc3339_only(void **state)
{
	struct err err = ERR_INIT;
	int64_t at = 7;

	(void)state;
	assert_int_equal(when_parse_rfc3339("2026-07-01T09:30:00+02:00", &at, &err), 0);
	assert_int_equal(at, instant_of("2026-07-01T07:30:00Z"));
	assert_int_equal(when_parse_rfc3339("2026-07-01", &at, &err), -1);
	assert_string_equal(err.text, "'2026-07-01' is no time: write it like 2026-07-01T09:30:00Z");
	assert_int_equal(when_parse_rfc3339("2026-02-30T00:00:00Z", &at, &err), -1);
	assert_string_equal(err.text, "there is no time '2026-02-30T00:00:00Z'");
}

static void test_format(void **state)
{
	static const struct {
		const char *zone, *instant;
		unsigned parts;
		const char *text, *rfc3339;
	} cases[] = {
		{ "Europe/Berlin", "2026-07-01T07:30:15Z", 0, "2026-07-01 09:30", "2026-07-01T09:30:15+02:00" },
		{ "Europe/Berlin", "2026-07-01T07:30:15Z", WHEN_SECONDS | WHEN_ABBR, "2026-07-01 09:30:15 CEST",
		  "2026-07-01T09:30:15+02:00" },
		{ "Europe/Berlin", "2090-12-31T23:00:00Z", WHEN_ABBR, "2091-01-01 00:00 CET",
		  "2091-01-01T00:00:00+01:00" },
		{ "America/St_Johns", "2026-01-01T00:00:00Z", WHEN_OFFSET, "2025-12-31 20:30 -03:30",
		  "2025-12-31T20:30:00-03:30" },
		{ "Asia/Kathmandu", "2026-01-01T00:00:00Z", WHEN_OFFSET | WHEN_ABBR, "2026-01-01 05:45 +0545 +05:45",
		  "2026-01-01T05:45:00+05:45" },
		{ "UTC", "1970-01-01T00:00:00Z", WHEN_ABBR | WHEN_OFFSET, "1970-01-01 00:00 UTC +00:00",
		  "1970-01-01T00:00:00Z" },
		{ "Africa/Monrovia", "1971-01-01T00:00:00Z", WHEN_SECONDS, "1970-12-31 23:15:30",
		  "1971-01-01T00:00:00Z" },
		{ "Pacific/Kiritimati", "9999-12-31T23:59:59Z", 0, "10000-01-01 13:59",
		  "10000-01-01T13:59:59+14:00" },
	};
	ZONES_AUTO zones = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct zone *zone = zone_named(&zones, cases[i].zone);
		int64_t instant = instant_of(cases[i].instant), again = 0;
		BUF_AUTO text = BUF_INIT(100);
		BUF_AUTO rfc = BUF_INIT(100);
		struct err err = ERR_INIT;

		when_format(instant, zone, cases[i].parts, &text);
		assert_string_equal(text.s, cases[i].text);
		when_format_rfc3339(instant, zone, &rfc);
		assert_string_equal(rfc.s, cases[i].rfc3339);
		if (instant < INSTANT_MAX) {
			assert_int_equal(when_parse_rfc3339(rfc.s, &again, &err), 0);
			assert_int_equal(again, instant);
		}
	}
}

static void test_dates_and_clocks(void **state)
{
	static const char *const bad_dates[] = { "",           "2026",        "2026-07",
		                                     "2026-07-1",  "2026-07-01 ", "26-07-01",
		                                     "2026/07/01", "2026-02-30",  "2026-00-10",
		                                     "0000-01-01", "+2026-07-01" };
	static const char *const bad_clocks[] = { "",      "9",    "9:0",    "09:00:00", "24:00",
		                                      "09:60", "9.00", "109:00", "-9:00",    "09:00 " };
	struct err err = ERR_INIT;
	struct civil c;
	int minutes = -1;

	(void)state;
	assert_int_equal(civil_parse_date("2028-02-29", &c, &err), 0);
	assert_int_equal(c.weekday, TUESDAY);
	assert_int_equal(civil_seconds(&c), instant_of("2028-02-29T00:00:00Z"));
	for (size_t i = 0; i < ARRAY_LEN(bad_dates); i++)
		if (civil_parse_date(bad_dates[i], &c, &err) == 0)
			fail_msg("'%s' is taken for a date", bad_dates[i]);
	assert_int_equal(civil_parse_clock("7:05", &minutes, &err), 0);
	assert_int_equal(minutes, 425);
	assert_int_equal(civil_parse_clock("23:59", &minutes, &err), 0);
	assert_int_equal(minutes, 1439);
	for (size_t i = 0; i < ARRAY_LEN(bad_clocks); i++)
		if (civil_parse_clock(bad_clocks[i], &minutes, &err) == 0)
			fail_msg("'%s' is taken for a time of the day", bad_clocks[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "times of the command line are read", test_parse, NULL, NULL, NULL },
		{ "what is no time is refused with what to write", test_parse_errors, NULL, NULL, NULL },
		{ "times in data are RFC 3339 only", test_rfc3339_only, NULL, NULL, NULL },
		{ "times are shown in a zone", test_format, NULL, NULL, NULL },
		{ "dates and times of the day", test_dates_and_clocks, NULL, NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
