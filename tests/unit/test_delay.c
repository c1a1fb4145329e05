#include "time_calendars.h"

#include "base/buf.h"
#include "base/clock.h"
#include "model/delay.h"

/* Rows of delay.tsv that prove one feature. */
static void check_feature(const char *feature, int at_least)
{
	struct table t = table_open("delay.tsv");
	CALENDARS_AUTO all = { .n = 0 };
	int seen = 0;

	calendars_load(&all);
	while (table_next(&t)) {
		struct delay delay = { 0 };
		struct err err = ERR_INIT;
		int64_t due = 0;
		int done;

		if (strcmp(t.field[0], feature) != 0)
			continue;
		seen++;
		done = delay_parse(t.field[4], &delay, &err);
		if (done == 0)
			done = delay_add(&delay, instant_of(t.field[3]), zone_named(&all.zones, t.field[1]),
			                 calendar_named(&all, t.field[2]), &due, &err);
		table_expect(&t, t.field[5], done, due, &err);
		if (done == 0 && due < instant_of(t.field[3]))
			table_wrong(&t, "an instant before");
	}
	table_close(&t, at_least);
	assert_in_range(seen, at_least, 100000);
}

static bool same_delay(const struct delay *a, const struct delay *b)
{
	return a->seconds == b->seconds && a->days == b->days && a->business_days == b->business_days &&
	       a->months == b->months;
}

static void test_zero(void **state)
{
	(void)state;
	check_feature("S0.5", 40);
}

static void test_instants(void **state)
{
	(void)state;
	check_feature("S0.6", 700);
}

static void test_granularity(void **state)
{
	(void)state;
	check_feature("S0.7", 80);
}

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		struct delay delay;
		const char *canonical;
	} cases[] = {
		{ "90 minutes", { .seconds = 5400 }, "1 hour 30 minutes" },
		{ "1h 30m", { .seconds = 5400 }, "1 hour 30 minutes" },
		{ "1h30m", { .seconds = 5400 }, "1 hour 30 minutes" },
		{ "30m 1h", { .seconds = 5400 }, "1 hour 30 minutes" },
		{ "  1   hour\t30 minutes ", { .seconds = 5400 }, "1 hour 30 minutes" },
		{ "20 seconds", { .seconds = 20 }, "20 seconds" },
		{ "1 second", { .seconds = 1 }, "1 second" },
		{ "1 minute", { .seconds = 60 }, "1 minute" },
		{ "61s", { .seconds = 61 }, "1 minute 1 second" },
		{ "48 hours", { .seconds = 172800 }, "48 hours" },
		{ "2 days", { .days = 2 }, "2 days" },
		{ "1 day", { .days = 1 }, "1 day" },
		{ "1 days", { .days = 1 }, "1 day" },
		{ "2d", { .days = 2 }, "2 days" },
		{ "1 week", { .days = 7 }, "7 days" },
		{ "1w 2d", { .days = 9 }, "9 days" },
		{ "1 day 12 hours", { .days = 1, .seconds = 43200 }, "1 day 12 hours" },
		{ "3 business days", { .business_days = 3 }, "3 business days" },
		{ "1 business day", { .business_days = 1 }, "1 business day" },
		{ "2 business  days", { .business_days = 2 }, "2 business days" },
		{ "0", { 0 }, "0 minutes" },
		{ "0 minutes", { 0 }, "0 minutes" },
		{ "0 business days", { 0 }, "0 minutes" },
		{ "007 days", { .days = 7 }, "7 days" },
		{ "3653 days", { .days = 3653 }, "3653 days" },
		{ "87672 hours", { .seconds = 315619200 }, "87672 hours" },
		{ "2609 business days", { .business_days = 2609 }, "2609 business days" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct delay got = { 0 }, again = { 0 };
		struct err err = ERR_INIT;
		BUF_AUTO text = BUF_INIT(100);

		if (delay_parse(cases[i].text, &got, &err) < 0 || !same_delay(&got, &cases[i].delay))
			fail_msg("'%s' is read wrong: %s", cases[i].text, err.text);
		delay_format(&got, &text);
		assert_string_equal(text.s, cases[i].canonical);
		assert_int_equal(delay_parse(text.s, &again, &err), 0);
		assert_true(same_delay(&got, &again));
		assert_int_equal(delay_is_zero(&got), strcmp(cases[i].canonical, "0 minutes") == 0);
	}
}

static void test_parse_errors(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", "'' is no duration: write it like '90 minutes', '2 days' or '3 business days'" },
		{ "soon", "'soon' is no duration: write it like '90 minutes', '2 days' or '3 business days'" },
		{ "+2 days", "'+2 days' is no duration: write it like '90 minutes', '2 days' or '3 business days'" },
		{ "2 days,", "'2 days,' is no duration: write it like '90 minutes', '2 days' or '3 business days'" },
		{ "2 days 3", "'2 days 3' has no unit: write '3 minutes', hours or days" },
		{ "2: days", "'2: days' is no duration: write it like '90 minutes', '2 days' or '3 business days'" },
		{ "00:30", "'00:30' is no duration: write it like '90 minutes', '2 days' or '3 business days'" },
		{ "90", "'90' has no unit: write '90 minutes', hours or days" },
		{ "00", "'00' has no unit: write '0 minutes', hours or days" },
		{ "1 2 days", "'1 2 days' has no unit: write '1 minutes', hours or days" },
		{ "-3 days", "'-3 days' is negative" },
		{ "1 day -2 hours", "'1 day -2 hours' is negative" },
		{ "1.5 hours", "'1.5 hours' has a fraction: write whole numbers, like '1 hour 30 minutes'" },
		{ "1,5 hours", "'1,5 hours' has a fraction: write whole numbers, like '1 hour 30 minutes'" },
		{ "3 minuts", "'3 minuts': no unit 'minuts'; did you mean 'minutes'?" },
		{ "3 Days", "'3 Days': no unit 'Days'; did you mean 'days'?" },
		{ "5 min", "'5 min': no unit 'min'; did you mean 'minutes'?" },
		{ "3 busines days", "'3 busines days': no unit 'busines'; did you mean 'business days'?" },
		{ "3 business", "'3 business': no unit 'business '; did you mean 'business days'?" },
		{ "3 business hours", "'3 business hours': no unit 'business hours'; did you mean 'business days'?" },
		{ "3 fortnights",
		  "'3 fortnights': no unit 'fortnights'; there are minutes, hours, days, weeks and business days" },
		{ "3 M", "'3 M': no unit 'M'; there are minutes, hours, days, weeks and business days" },
		{ "3 abcdefghijklmnopqrstuvwxyz", "'3 abcdefghijklmnopqrstuvwxyz' is no duration: write it like '90 "
		                                  "minutes', '2 days' or '3 business days'" },
		{ "1 month", "'1 month': months differ in length; write days or weeks" },
		{ "2 years", "'2 years': years differ in length; write days or weeks" },
		{ "1 hour 2 hours", "'1 hour 2 hours' has hours twice" },
		{ "1 day 2 business days", "'1 day 2 business days': business days cannot be mixed with days" },
		{ "2 business days 4 hours", "'2 business days 4 hours': business days cannot be mixed with hours" },
		{ "3654 days", "'3654 days' is too long: 10 years at most" },
		{ "3653 days 1 second", "'3653 days 1 second' is too long: 10 years at most" },
		{ "523 weeks", "'523 weeks' is too long: 10 years at most" },
		{ "2610 business days", "'2610 business days' is too long: 10 years at most" },
		{ "99999999999999999999999999 seconds",
		  "'99999999999999999999999999 seconds' is too long: 10 years at most" },
		{ "9223372036854775807w 9223372036854775807d",
		  "'9223372036854775807w 9223372036854775807d' is too long: 10 years at most" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct delay got = { .days = 77 };
		struct err err = ERR_INIT;

		assert_int_equal(delay_parse(cases[i].text, &got, &err), -1);
		assert_string_equal(err.text, cases[i].error);
		assert_int_equal(err.kind, ERR_INVALID);
		assert_int_equal(got.days, 77);
	}
}

static void test_retention(void **state)
{
	static const struct {
		const char *text, *now, *limit, *canonical;
	} cases[] = {
		{ "2 years", "2026-07-01T10:00:00Z", "2024-07-01T10:00:00Z", "2 years" },
		{ "1 year", "2028-02-29T00:00:00Z", "2027-02-28T00:00:00Z", "1 year" },
		{ "6 months", "2026-08-31T12:00:00Z", "2026-02-28T12:00:00Z", "6 months" },
		{ "1 year 6 months", "2026-08-31T12:00:00Z", "2025-02-28T12:00:00Z", "18 months" },
		{ "400 days", "2026-07-01T10:00:00Z", "2025-05-27T10:00:00Z", "400 days" },
		{ "12 hours", "2026-07-01T10:00:00Z", "2026-06-30T22:00:00Z", "12 hours" },
		{ "100 years", "2026-07-01T10:00:00Z", "1970-01-01T00:00:00Z", "100 years" },
		{ "0", "2026-07-01T10:00:00Z", "2026-07-01T10:00:00Z", "0 minutes" },
	};
	static const struct {
		const char *text, *error;
	} bad[] = {
		{ "3 business days", "'3 business days': things are not kept for business days; write days" },
		{ "1 year 3 days", "'1 year 3 days': years cannot be mixed with days" },
		{ "101 years", "'101 years' is too long: 100 years at most" },
		{ "36526 days", NULL },
		{ "36527 days", "'36527 days' is too long: 100 years at most" },
		{ "2 yeers", "'2 yeers': no unit 'yeers'; did you mean 'years'?" },
		{ "2 moons", "'2 moons': no unit 'moons'; there are minutes, hours, days, weeks and months, years" },
		{ "", "'' is no duration: write it like '90 minutes', '2 days' or '6 months'" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct delay got = { 0 }, again = { 0 };
		struct err err = ERR_INIT;
		BUF_AUTO text = BUF_INIT(100);

		assert_int_equal(retention_parse(cases[i].text, &got, &err), 0);
		assert_int_equal(retention_limit(&got, instant_of(cases[i].now)), instant_of(cases[i].limit));
		delay_format(&got, &text);
		assert_string_equal(text.s, cases[i].canonical);
		assert_int_equal(retention_parse(text.s, &again, &err), 0);
		assert_true(same_delay(&got, &again));
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct delay got = { 0 };
		struct err err = ERR_INIT;

		assert_int_equal(retention_parse(bad[i].text, &got, &err), bad[i].error ? -1 : 0);
		if (bad[i].error)
			assert_string_equal(err.text, bad[i].error);
	}
}

static int add(const char *delay_text, int64_t from, const struct zone *zone, const struct calendar *cal,
               int64_t *ret, struct err *err)
{
	struct delay delay = { 0 };

	if (delay_parse(delay_text, &delay, err) < 0)
		fail_msg("%s", err->text);
	return delay_add(&delay, from, zone, cal, ret, err);
}

static void test_range(void **state)
{
	static const char *const beyond[] = { "1 second", "1 day", "1 business day", "3653 days" };
	struct err err = ERR_INIT;
	int64_t at = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(beyond); i++) {
		assert_int_equal(add(beyond[i], INSTANT_MAX, zone_utc(), NULL, &at, &err), -1);
		assert_int_equal(err.kind, ERR_INVALID);
		assert_non_null(strstr(err.text, "9999"));
		assert_int_equal(at, 7);
	}
	assert_int_equal(add("1 second", INSTANT_MAX - 1, zone_utc(), NULL, &at, &err), 0);
	assert_int_equal(at, INSTANT_MAX);
}

static void test_never_open(void **state)
{
	ARENA_AUTO arena = { 0 };
	struct calendar never, closed;
	struct err err = ERR_INIT;
	int64_t at = 7;

	(void)state;
	calendar_init(&never, &arena);
	assert_int_equal(add("1 business day", 0, zone_utc(), &never, &at, &err), -1);
	assert_string_equal(err.text, "the calendar has no open day for 10 years");
	calendar_init(&closed, &arena);
	assert_int_equal(calendar_open(&closed, 1u << MONDAY, (struct open_hours){ 0, 1440 }, &err), 0);
	calendar_close(&closed, (struct closed_days){ 0, 3640 });
	assert_int_equal(add("1 business day", 0, zone_utc(), &closed, &at, &err), 0);
	assert_int_equal(at, instant_of("1979-12-24T00:00:00Z"));
	assert_int_equal(add("700 business days", 0, zone_utc(), &closed, &at, &err), 0); /* 4200 days, 6 of 7 closed */
	calendar_close(&closed, (struct closed_days){ 3641, 4000 });
	assert_int_equal(add("1 business day", 0, zone_utc(), &closed, &at, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "S0.5 a delay may be zero", test_zero, NULL, NULL, NULL },
		{ "S0.6 B13 delays become exact instants, over clock changes, holidays and far years", test_instants,
		  NULL, NULL, NULL },
		{ "S0.7 delays from seconds over hours to weeks", test_granularity, NULL, NULL, NULL },
		{ "S0.7 every unit is read, and written back canonically", test_parse, NULL, NULL, NULL },
		{ "what is no delay is refused with what to write", test_parse_errors, NULL, NULL, NULL },
		{ "retentions have months and years", test_retention, NULL, NULL, NULL },
		{ "a delay beyond 9999 is an error", test_range, NULL, NULL, NULL },
		{ "business days without open days are an error", test_never_open, NULL, NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
