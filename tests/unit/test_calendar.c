#include "time_calendars.h"

#include "base/buf.h"
#include "base/clock.h"

static void test_hours(void **state)
{
	struct table t = table_open("hours.tsv");
	CALENDARS_AUTO all = { .n = 0 };

	(void)state;
	calendars_load(&all);
	while (table_next(&t)) {
		const struct calendar *cal = calendar_named(&all, t.field[0]);
		const struct zone *zone = zone_named(&all.zones, t.field[1]);
		int64_t instant = instant_of(t.field[2]), opens = 0;
		struct err err = ERR_INIT;
		int done = calendar_next_open(cal, zone, instant, &opens, &err);

		table_expect(&t, t.field[3], done, opens, &err);
	}
	table_close(&t, 500);
}

static int64_t next_open(const struct calendar *cal, int64_t at)
{
	struct err err = ERR_INIT;

	if (calendar_next_open(cal, zone_utc(), at, &at, &err) < 0)
		fail_msg("%s", err.text);
	return at;
}

static void test_same_as_tables(void **state)
{
	CALENDARS_AUTO all = { .n = 0 };
	const struct calendar *built[] = { calendar_weekdays(), calendar_always() }, *read[2];

	(void)state;
	calendars_load(&all);
	read[0] = calendar_named(&all, "weekdays");
	read[1] = calendar_named(&all, "always");
	for (int i = 0; i < 2; i++)
		for (int64_t at = 0; at < 14 * DAY_SECONDS; at += 1800)
			assert_int_equal(next_open(built[i], at), next_open(read[i], at));
}

static void test_days(void **state)
{
	static const struct {
		const char *text, *canonical; /* NULL: an error that holds `error` */
		const char *error;
	} cases[] = {
		{ "mon", "mon", NULL },
		{ "sun", "sun", NULL },
		{ "mon-thu", "mon-thu", NULL },
		{ "mon,tue", "mon,tue", NULL },
		{ "mon-tue", "mon,tue", NULL },
		{ "sat,sun", "sat,sun", NULL },
		{ "sun-thu", "sun-thu", NULL },
		{ "fri-mon", "fri-mon", NULL },
		{ "sat-mon", "sat-mon", NULL },
		{ "sun,mon", "sun,mon", NULL },
		{ "mon-wed,fri,sat", "mon-wed,fri,sat", NULL },
		{ " mon - wed , fri ", "mon-wed,fri", NULL },
		{ "mon-sun", "mon-sun", NULL },
		{ "wed-tue", "mon-sun", NULL },
		{ "wed-wed", "wed", NULL },
		{ "mon,mon", "mon", NULL },
		{ "wed,mon,tue", "mon-wed", NULL },
		{ "mn", NULL, "'mn': no weekday 'mn'; did you mean 'mon'?" },
		{ "Mon-Fri", NULL, "'Mon-Fri': no weekday 'Mon'; did you mean 'mon'?" },
		{ "mon-fir", NULL, "'mon-fir': no weekday 'fir'; did you mean 'fri'?" },
		{ "monday", NULL, "'monday' are no weekdays: write them like mon, mon-fri or sat,sun" },
		{ "", NULL, "'' are no weekdays: write them like mon, mon-fri or sat,sun" },
		{ "mon,", NULL, "'mon,' are no weekdays: write them like mon, mon-fri or sat,sun" },
		{ "mon-", NULL, "'mon-' are no weekdays: write them like mon, mon-fri or sat,sun" },
		{ "-fri", NULL, "'-fri' are no weekdays: write them like mon, mon-fri or sat,sun" },
		{ "mon fri", NULL, "'mon fri' are no weekdays: write them like mon, mon-fri or sat,sun" },
		{ "mon-wed-fri", NULL, "'mon-wed-fri' are no weekdays: write them like mon, mon-fri or sat,sun" },
		{ "1-5", NULL, "'1-5' are no weekdays: write them like mon, mon-fri or sat,sun" },
		{ "aVeryLongWordThatIsNoDay", NULL, "are no weekdays" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;
		BUF_AUTO text = BUF_INIT(100);
		unsigned days = 0;
		int done = calendar_parse_days(cases[i].text, &days, &err);

		assert_int_equal(done, cases[i].canonical ? 0 : -1);
		if (done == 0) {
			calendar_format_days(days, &text);
			assert_string_equal(text.s, cases[i].canonical);
		} else if (!strstr(err.text, cases[i].error)) {
			assert_string_equal(err.text, cases[i].error);
		}
	}
}

/* Whatever set of days there is, its text means that set. */
static void test_all_day_sets(void **state)
{
	(void)state;
	for (unsigned days = 1; days < 128; days++) {
		struct err err = ERR_INIT;
		BUF_AUTO text = BUF_INIT(100);
		unsigned again = 0;

		calendar_format_days(days, &text);
		assert_int_equal(calendar_parse_days(text.s, &again, &err), 0);
		assert_int_equal(again, days);
	}
}

static void test_hours_text(void **state)
{
	static const struct {
		const char *text, *canonical, *error;
	} cases[] = {
		{ "09:00-17:00", "09:00-17:00", NULL },
		{ "9:00-17:30", "09:00-17:30", NULL },
		{ " 09:00 - 17:00 ", "09:00-17:00", NULL },
		{ "00:00-24:00", "00:00-24:00", NULL },
		{ "23:59-24:00", "23:59-24:00", NULL },
		{ "17:00-09:00", NULL,
		  "'17:00-09:00' goes over midnight: write 17:00-24:00 and, for the next day, 00:00-09:00" },
		{ "22:00-00:00", NULL, "'22:00-00:00': the end of the day is 24:00" },
		{ "09:00-09:00", NULL, "'09:00-09:00' is empty; the whole day is 00:00-24:00" },
		{ "9-17", NULL, "'9-17' are no hours: write them like 09:00-17:00" },
		{ "09:00", NULL, "'09:00' are no hours: write them like 09:00-17:00" },
		{ "09:00-24:01", NULL, "'09:00-24:01' are no hours: write them like 09:00-17:00" },
		{ "09:00-25:00", NULL, "'09:00-25:00' are no hours: write them like 09:00-17:00" },
		{ "09:60-10:00", NULL, "'09:60-10:00' are no hours: write them like 09:00-17:00" },
		{ "09:00-17:00:00", NULL, "'09:00-17:00:00' are no hours: write them like 09:00-17:00" },
		{ "09:00..17:00", NULL, "'09:00..17:00' are no hours: write them like 09:00-17:00" },
		{ "", NULL, "'' are no hours: write them like 09:00-17:00" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct open_hours hours = { 0 };
		struct err err = ERR_INIT;
		BUF_AUTO text = BUF_INIT(100);
		int done = calendar_parse_hours(cases[i].text, &hours, &err);

		assert_int_equal(done, cases[i].canonical ? 0 : -1);
		if (done == 0)
			calendar_format_hours(hours, &text);
		assert_string_equal(done == 0 ? text.s : err.text, done == 0 ? cases[i].canonical : cases[i].error);
	}
}

static void test_closed_text(void **state)
{
	static const struct {
		const char *text, *canonical, *error;
	} cases[] = {
		{ "2027-01-01", "2027-01-01", NULL },
		{ "2026-12-24..2026-12-26", "2026-12-24..2026-12-26", NULL },
		{ " 2026-12-24 .. 2026-12-26 ", "2026-12-24..2026-12-26", NULL },
		{ "2026-12-24..2026-12-24", "2026-12-24", NULL },
		{ "2028-02-29", "2028-02-29", NULL },
		{ "2027-02-29", NULL, "there is no date '2027-02-29'" },
		{ "2026-12-26..2026-12-24", NULL, "'2026-12-26..2026-12-24' ends before it begins" },
		{ "2026-12-24..", NULL, "'' is no date: write it like 2026-07-01" },
		{ "24.12.2026", NULL, "'24.12.2026' is no date: write it like 2026-07-01" },
		{ "2026-12-24...2026-12-26", NULL, "'.2026-12-26' is no date: write it like 2026-07-01" },
		{ "2026-12-24 to 2026-12-26", NULL,
		  "'2026-12-24 to 2026-12-26' is no date: write 2026-12-24 or 2026-12-24..2026-12-26" },
		{ "", NULL, "'' is no date: write it like 2026-07-01" },
		{ "   ", NULL, "'' is no date: write 2026-12-24 or 2026-12-24..2026-12-26" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct closed_days days = { 0 };
		struct err err = ERR_INIT;
		BUF_AUTO text = BUF_INIT(100);
		int done = calendar_parse_closed(cases[i].text, &days, &err);

		assert_int_equal(done, cases[i].canonical ? 0 : -1);
		if (done == 0)
			calendar_format_closed(days, &text);
		assert_string_equal(done == 0 ? text.s : err.text, done == 0 ? cases[i].canonical : cases[i].error);
	}
}

static void test_overlaps(void **state)
{
	static const struct {
		unsigned days;
		struct open_hours hours;
		const char *error; /* NULL: it fits */
	} cases[] = {
		{ 1u << MONDAY | 1u << FRIDAY, { 540, 720 }, NULL },
		{ 1u << MONDAY, { 780, 960 }, NULL },
		{ 1u << MONDAY, { 720, 780 }, NULL }, /* touches both */
		{ 1u << FRIDAY, { 719, 800 }, "11:59-13:20 overlaps other hours of Friday" },
		{ 1u << FRIDAY, { 0, 541 }, "00:00-09:01 overlaps other hours of Friday" },
		{ 1u << FRIDAY, { 0, 1440 }, "00:00-24:00 overlaps other hours of Friday" },
		{ 1u << FRIDAY, { 600, 660 }, "10:00-11:00 overlaps other hours of Friday" },
		{ 1u << FRIDAY, { 540, 720 }, "09:00-12:00 overlaps other hours of Friday" },
		{ 1u << TUESDAY | 1u << FRIDAY, { 700, 900 }, "11:40-15:00 overlaps other hours of Friday" },
		{ 1u << TUESDAY, { 700, 900 }, NULL }, /* the refused one left nothing behind */
		{ 1u << FRIDAY, { 0, 540 }, NULL },
	};
	ARENA_AUTO arena = { 0 };
	struct calendar cal;

	(void)state;
	calendar_init(&cal, &arena);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;
		int done = calendar_open(&cal, cases[i].days, cases[i].hours, &err);

		assert_int_equal(done, cases[i].error ? -1 : 0);
		assert_string_equal(err.text, cases[i].error ? cases[i].error : "");
	}
	assert_int_equal(cal.week[TUESDAY].n, 1);
	assert_int_equal(cal.week[FRIDAY].v[0].from, 0);
}

static void test_many_closed(void **state)
{
	ARENA_AUTO arena = { 0 };
	struct calendar cal;
	struct err err = ERR_INIT;

	(void)state;
	calendar_init(&cal, &arena);
	assert_int_equal(calendar_open(&cal, 0x7f, (struct open_hours){ 0, 1440 }, &err), 0);
	for (int64_t day = 0; day < 200; day += 2)
		calendar_close(&cal, (struct closed_days){ day, day });
	for (int64_t day = 0; day < 200; day++)
		assert_int_equal(next_open(&cal, day * DAY_SECONDS), (day | 1) * DAY_SECONDS);
}

static void test_never_open(void **state)
{
	ARENA_AUTO arena = { 0 };
	struct calendar cal;
	struct err err = ERR_INIT;
	int64_t at = 7;

	(void)state;
	calendar_init(&cal, &arena);
	assert_int_equal(calendar_next_open(&cal, zone_utc(), 0, &at, &err), -1);
	assert_string_equal(err.text, "the calendar does not open within 10 years");
	assert_int_equal(err.kind, ERR_INVALID);
	assert_int_equal(calendar_open(&cal, 0x7f, (struct open_hours){ 600, 720 }, &err), 0);
	calendar_close(&cal, (struct closed_days){ 0, 3655 });
	assert_int_equal(calendar_next_open(&cal, zone_utc(), 0, &at, &err), 0);
	assert_int_equal(at, 3656 * DAY_SECONDS + 36000);
	calendar_close(&cal, (struct closed_days){ 0, 4000 });
	assert_int_equal(calendar_next_open(&cal, zone_utc(), 0, &at, &err), -1);
	/* the last evening of the last year */
	assert_int_equal(calendar_next_open(&cal, zone_utc(), INSTANT_MAX, &at, &err), -1);
	assert_int_equal(calendar_next_open(calendar_always(), zone_utc(), INSTANT_MAX, &at, &err), 0);
	assert_int_equal(at, INSTANT_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "B13 open hours in every zone, over holidays and clock changes", test_hours, NULL, NULL, NULL },
		{ "Monday to Friday and always are as they would be written", test_same_as_tables, NULL, NULL, NULL },
		{ "weekdays are read and written", test_days, NULL, NULL, NULL },
		{ "each set of weekdays is written so that it is read again", test_all_day_sets, NULL, NULL, NULL },
		{ "hours are read and written, none over midnight", test_hours_text, NULL, NULL, NULL },
		{ "closed days are read and written", test_closed_text, NULL, NULL, NULL },
		{ "hours of a day may touch, not overlap", test_overlaps, NULL, NULL, NULL },
		{ "many closed days", test_many_closed, NULL, NULL, NULL },
		{ "a calendar that never opens is an error, not a loop", test_never_open, NULL, NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
