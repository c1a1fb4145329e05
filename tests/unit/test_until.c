#include "time_calendars.h"

#include "base/buf.h"
#include "base/clock.h"
#include "model/until.h"

static void test_weekdays_and_days(void **state)
{
	struct table t = table_open("until.tsv");
	ZONES_AUTO zones = { 0 };

	(void)state;
	while (table_next(&t)) {
		struct until_facts facts = {
			.now = instant_of(t.field[1]),
			.run_started = instant_of(t.field[2]),
			.zone = zone_named(&zones, t.field[0]),
		};
		struct wait_until until = { 0 };
		struct err err = ERR_INIT;
		int64_t at = 0;
		int done = wait_until_parse(t.field[3], &until, &err);

		if (done == 0)
			done = wait_until_instant(&until, &facts, &at, &err);
		table_expect(&t, t.field[4], done, at, &err);
	}
	table_close(&t, 200);
}

static const char *given(const char *field)
{
	return strcmp(field, "-") == 0 ? NULL : field;
}

static void test_dates(void **state)
{
	struct table t = table_open("date.tsv");
	CALENDARS_AUTO all = { .n = 0 };

	(void)state;
	calendars_load(&all);
	while (table_next(&t)) {
		struct until_facts facts = {
			.now = instant_of(t.field[1]),
			.value = t.field[2],
			.zone = zone_named(&all.zones, t.field[0]),
			.business = calendar_named(&all, "office"),
		};
		struct date_rule rule = { 0 };
		struct err err = ERR_INIT;
		int64_t at = 0;
		int done = date_rule_parse("renewal", given(t.field[3]), given(t.field[4]), &rule, &err);

		rule.yearly = strcmp(t.field[5], "yearly") == 0;
		if (done == 0)
			done = date_rule_instant(&rule, &facts, &at, &err);
		table_expect(&t, t.field[6], done, at, &err);
	}
	table_close(&t, 100);
}

static void test_text(void **state)
{
	static const struct {
		const char *text, *canonical, *error;
	} cases[] = {
		{ "tue 09:00", "tue 09:00", NULL },
		{ "tue", "tue 00:00", NULL },
		{ "sun 9:30", "sun 09:30", NULL },
		{ "  mon   23:59", "mon 23:59", NULL },
		{ "day 5 09:00", "day 5 09:00", NULL },
		{ "day 1", "day 1 00:00", NULL },
		{ "day 3653 00:01", "day 3653 00:01", NULL },
		{ "day 0 09:00", NULL, "'day 0 09:00': days of a run are numbered from 1 to 3653" },
		{ "day 3654", NULL, "'day 3654': days of a run are numbered from 1 to 3653" },
		{ "day 99999999999999999999", NULL,
		  "'day 99999999999999999999': days of a run are numbered from 1 to 3653" },
		{ "day -1", NULL, "'day -1': days of a run are numbered from 1 to 3653" },
		{ "day", NULL, "'day' is no time to wait until: write 'tue 09:00' or 'day 5 09:00'" },
		{ "day 5th", NULL, "'day 5th' is no time to wait until: write 'tue 09:00' or 'day 5 09:00'" },
		{ "tuesday 09:00", NULL,
		  "'tuesday 09:00' is no time to wait until: write 'tue 09:00' or 'day 5 09:00'" },
		{ "", NULL, "'' is no time to wait until: write 'tue 09:00' or 'day 5 09:00'" },
		{ "09:00", NULL, "'09:00' is no time to wait until: write 'tue 09:00' or 'day 5 09:00'" },
		{ "tue 9", NULL, "'9' is no time of the day: write it like 09:00" },
		{ "tue 24:00", NULL, "'24:00' is no time of the day: write it like 09:00" },
		{ "tue 09:00 CET", NULL, "'09:00 CET' is no time of the day: write it like 09:00" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct wait_until until = { 0 };
		struct err err = ERR_INIT;
		BUF_AUTO text = BUF_INIT(100);
		int done = wait_until_parse(cases[i].text, &until, &err);

		assert_int_equal(done, cases[i].canonical ? 0 : -1);
		if (done == 0)
			wait_until_format(&until, &text);
		assert_string_equal(done == 0 ? text.s : err.text, done == 0 ? cases[i].canonical : cases[i].error);
	}
}

static struct wait_until until_field(const char *before, const char *at)
{
	struct wait_until until = { .kind = UNTIL_FIELD };
	struct err err = ERR_INIT;

	if (date_rule_parse("renewal", before, at, &until.date, &err) < 0)
		fail_msg("%s", err.text);
	return until;
}

/* A field may be set, changed, emptied or nonsense while a run waits for it. */
static void test_field_values(void **state)
{
	static const struct {
		const char *value, *before, *at;
		int result;
		const char *due;
	} cases[] = {
		{ "2026-09-01", "3 days", NULL, 1, "2026-08-28T22:00:00Z" },
		{ "2026-09-01", "3 days", "09:00", 1, "2026-08-29T07:00:00Z" },
		{ "2026-09-01T12:00:00Z", NULL, NULL, 1, "2026-09-01T12:00:00Z" },
		{ "2026-09-01T12:00:00Z", "2 hours", NULL, 1, "2026-09-01T10:00:00Z" },
		{ "2026-10-25T01:30:00Z", NULL, NULL, 1, "2026-10-25T01:30:00Z" }, /* the second 02:30 */
		{ "2026-10-25T01:30:00Z", "10 minutes", NULL, 1, "2026-10-25T01:20:00Z" },
		{ "2026-10-26T01:30:00Z", "1 day", NULL, 1, "2026-10-25T00:30:00Z" },
		{ "2026-08-31T23:00:00Z", NULL, "09:00", 1, "2026-09-01T07:00:00Z" },
		{ "2026-07-02", "3 days", NULL, 1, "2026-07-01T07:30:15Z" }, /* past: at once */
		{ "1900-01-01", NULL, NULL, 1, "2026-07-01T07:30:15Z" },
		{ "0001-01-01", NULL, NULL, 1, "2026-07-01T07:30:15Z" },
		{ "9999-12-31", NULL, NULL, 1, "9999-12-30T23:00:00Z" },
		{ "", "3 days", NULL, 0, NULL },
		{ NULL, "3 days", NULL, 0, NULL },
		{ "soon", NULL, NULL, -1, "'soon' is no date: write it like 2026-07-01" },
		{ "2026-02-30", NULL, NULL, -1, "there is no date '2026-02-30'" },
		{ "Tuesday", NULL, NULL, -1, "'Tuesday' is no time: write it like 2026-07-01T09:30:00Z" },
		{ "0001-01-01", "3 days", NULL, -1, "the date is not in the years 1 to 9999" },
		{ "0001-01-02", "3 business days", NULL, -1, "the date is not in the years 1 to 9999" },
	};
	ZONES_AUTO zones = { 0 };
	struct until_facts facts = { .now = instant_of("2026-07-01T07:30:15Z"),
		                         .zone = zone_named(&zones, "Europe/Berlin") };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct wait_until until = until_field(cases[i].before, cases[i].at);
		struct err err = ERR_INIT;
		int64_t at = 7;
		char text[32];

		facts.value = cases[i].value;
		assert_int_equal(wait_until_instant(&until, &facts, &at, &err), cases[i].result);
		if (cases[i].result == 1)
			assert_string_equal(instant_text(at, text), cases[i].due);
		else
			assert_string_equal(err.text, cases[i].due ? cases[i].due : "");
		assert_int_equal(at == 7, cases[i].result != 1);
	}
}

static void test_bad_rules(void **state)
{
	struct date_rule rule;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(date_rule_parse("renewal", "3", NULL, &rule, &err), -1);
	assert_string_equal(err.text, "'3' has no unit: write '3 minutes', hours or days");
	assert_int_equal(date_rule_parse("renewal", NULL, "25:00", &rule, &err), -1);
	assert_string_equal(err.text, "'25:00' is no time of the day: write it like 09:00");
}

static void test_range(void **state)
{
	static const char *const texts[] = { "mon 00:00", "sun 23:59", "day 30 09:00", "fri 00:00" };
	struct until_facts facts = { .now = INSTANT_MAX, .run_started = INSTANT_MAX, .zone = zone_utc() };
	struct date_rule birthday = { .field = "birthday", .at = 0, .yearly = true };
	struct err err = ERR_INIT;
	int64_t at = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct wait_until until = { 0 };

		assert_int_equal(wait_until_parse(texts[i], &until, &err), 0);
		assert_int_equal(wait_until_instant(&until, &facts, &at, &err), -1);
		assert_int_equal(err.kind, ERR_INVALID);
		assert_non_null(strstr(err.text, "9999"));
	}
	facts.value = "1980-01-01";
	assert_int_equal(date_rule_instant(&birthday, &facts, &at, &err), -1);
	assert_non_null(strstr(err.text, "9999"));
	assert_int_equal(at, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "S4.6 waits until a weekday or a day of the run become instants", test_weekdays_and_days, NULL,
		  NULL, NULL },
		{ "dates in fields, once and yearly, and delays before them", test_dates, NULL, NULL, NULL },
		{ "weekdays and days of a run are read and written", test_text, NULL, NULL, NULL },
		{ "a field that is set, past, empty or nonsense", test_field_values, NULL, NULL, NULL },
		{ "what is no date rule is refused", test_bad_rules, NULL, NULL, NULL },
		{ "waits beyond 9999 are errors", test_range, NULL, NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
