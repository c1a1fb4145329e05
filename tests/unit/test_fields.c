#include "base/arena.h"
#include "base/buf.h"
#include "base/zone.h"
#include "model/fields.h"
#include "model/number.h"
#include "model/text_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

static struct zone *berlin;
static const char *plans[] = { "free", "pro", "team" };

static const struct field kinds[] = {
	{ "text", FIELD_TEXT, { 0 } },     { "number", FIELD_NUMBER, { 0 } }, { "date", FIELD_DATE, { 0 } },
	{ "time", FIELD_TIME, { 0 } },     { "plan", FIELD_CHOICE, { plans, 3 } }, { "yes_no", FIELD_YES_NO, { 0 } },
	{ "list", FIELD_LIST, { 0 } },
};

static const struct field *kind(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	fail_msg("no %s", name);
	return NULL;
}

static void test_normalize(void **state)
{
	static const struct {
		const char *field, *text, *value; /* value NULL: refused */
	} cases[] = {
		{ "text", "Łódź  ", "Łódź  " },
		{ "text", "", "" },
		{ "text", "one\ntwo", NULL },
		{ "text", "evil\r", NULL },
		{ "text", "\x1b[2J", NULL },
		{ "text", "\xc2\x85", NULL },
		{ "text", "\xe2\x80\xa8", NULL },
		{ "text", "\xe2\x80\xa9", NULL },
		{ "text", "\xc2\xa0", "\xc2\xa0" },
		{ "text", "\xff", NULL },
		{ "number", "007", "7" },
		{ "number", "+12.500", "12.5" },
		{ "number", "-0.0", "0" },
		{ "number", "-00.10", "-0.1" },
		{ "number", ".5", "0.5" },
		{ "number", "12345678901234567890.12345678901234567890", "12345678901234567890.1234567890123456789" },
		{ "number", "12345678901234567890123456789012345678901", NULL },
		{ "number", "1,5", NULL },
		{ "number", "1e3", NULL },
		{ "number", "1.", NULL },
		{ "number", "", NULL },
		{ "number", "-", NULL },
		{ "number", " 1", NULL },
		{ "number", "0x10", NULL },
		{ "date", "2028-02-29", "2028-02-29" },
		{ "date", "2026-02-29", NULL },
		{ "date", "2026-2-3", NULL },
		{ "date", "0000-01-01", NULL },
		{ "date", "2026-01-01T00:00:00Z", NULL },
		{ "date", "01.02.2026", NULL },
		{ "time", "2026-07-01T09:30:00+02:00", "2026-07-01T07:30:00Z" },
		{ "time", "2026-07-01T09:30:00Z", "2026-07-01T09:30:00Z" },
		{ "time", "2026-07-01 09:30", "2026-07-01T07:30:00Z" },
		{ "time", "2026-01-01 09:30:15", "2026-01-01T08:30:15Z" },
		{ "time", "2026-07-01", "2026-06-30T22:00:00Z" },
		{ "time", "2026-07-01 9:30", "2026-07-01T07:30:00Z" },
		{ "time", "2026-07-01 25:00", NULL },
		{ "time", "now", NULL },
		{ "time", "+2d", NULL },
		{ "plan", "pro", "pro" },
		{ "plan", "Pro", NULL },
		{ "plan", "", NULL },
		{ "yes_no", "TRUE", "yes" },
		{ "yes_no", "0", "no" },
		{ "yes_no", "No", "no" },
		{ "yes_no", "on", NULL },
		{ "list", "de, en ,,", "[\"de\", \"en\"]" },
		{ "list", "[ \"a\\u00fc\\\"\" , \"\\ud83c\\udf89\" ] ", "[\"aü\\\"\", \"🎉\"]" },
		{ "list", "[]", "[]" },
		{ "list", "", "[]" },
		{ "list", "[1]", NULL },
		{ "list", "[\"a\",]", NULL },
		{ "list", "[\"a\" \"b\"]", NULL },
		{ "list", "[\"a\"] x", NULL },
		{ "list", "[\"\\ud83c\"]", NULL },
		{ "list", "[\"\\u0000\"]", NULL },
		{ "list", "[\"a", NULL },
		{ "list", "[\"\\", NULL },
		{ "list", "[\"\\u12", NULL },
		{ "list", "[\"\\ufffd\"]", "[\"\xef\xbf\xbd\"]" },
		{ "list", "[\"\\udc00\"]", NULL },
		{ "list", "[\"\\ud83cx\"]", NULL },
		{ "list", "[\"\\ud83c\\n\"]", NULL },
		{ "list", "[\"\\ud83c\\u12\"]", NULL },
		{ "list", "[\"\\ud83c\\u0041\"]", NULL },
		{ "list", "[\"\\ud83c\\ue000\"]", NULL },
		{ "list", "[\"\\x\"]", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ARENA_AUTO a = { 0 };
		struct err err = ERR_INIT;
		const char *value = NULL;
		int got = field_normalize(kind(cases[i].field), cases[i].text, berlin, &a, &value, &err);

		if (!cases[i].value) {
			if (got == 0)
				fail_msg("%s '%s' was taken as '%s'", cases[i].field, cases[i].text, value);
			assert_int_equal(err.kind, ERR_INVALID);
			assert_non_null(strstr(err.text, cases[i].field));
			continue;
		}
		if (got < 0)
			fail_msg("%s '%s': %s", cases[i].field, cases[i].text, err.text);
		assert_string_equal(value, cases[i].value);
		assert_int_equal(field_normalize(kind(cases[i].field), value, berlin, &a, &value, &err), 0);
		assert_string_equal(value, cases[i].value);
	}
}

static void test_limit(void **state)
{
	static char text[64 * 1024 + 2];
	ARENA_AUTO a = { 0 };
	struct err err = ERR_INIT;
	const char *value;

	(void)state;
	memset(text, 'x', sizeof text - 2);
	assert_int_equal(field_normalize(kind("text"), text, berlin, &a, &value, &err), 0);
	text[sizeof text - 2] = 'x';
	assert_int_equal(field_normalize(kind("text"), text, berlin, &a, &value, &err), -1);
}

/* Each item is longer as it is stored than as it is written. */
static void test_list_limit(void **state)
{
	BUF_AUTO text = BUF_INIT(1 << 20);
	ARENA_AUTO a = { 0 };
	struct err err = ERR_INIT;
	const char *value;

	(void)state;
	while (text.len < 60 * 1000)
		buf_adds(&text, "x,");
	assert_int_equal(field_normalize(kind("list"), text.s, berlin, &a, &value, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_non_null(strstr(err.text, "bytes"));
}

/* What is stored is read by the same rules, whoever wrote it. */
static void test_stored_lists(void **state)
{
	static const char *const bad[] = { "", "x", "\"a\"", "[\"a\x01\"]", "[\"a\"", "[", "[," };
	ARENA_AUTO a = { 0 };
	BUF_AUTO long_item = BUF_INIT(1 << 20);
	BUF_AUTO out = BUF_INIT(1000);
	const char *items[] = { "a\nb", "\"\\" };
	struct names list = { items, 2 }, again;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (text_list_parse(bad[i], &a, &again))
			fail_msg("taken: %s", bad[i]);
	text_list_write(&list, &out);
	assert_string_equal(out.s, "[\"a\\u000ab\", \"\\\"\\\\\"]");
	assert_int_equal(text_list_parse(out.s, &a, &again), 1);
	assert_int_equal(again.n, 2);
	assert_string_equal(again.v[0], items[0]);
	assert_string_equal(again.v[1], items[1]);
	buf_adds(&long_item, "[\"");
	while (long_item.len < 70 * 1000)
		buf_adds(&long_item, "xxxxxxxxxx");
	buf_adds(&long_item, "\"]");
	assert_int_equal(text_list_parse(long_item.s, &a, &again), 0);
}

static void test_suggestion(void **state)
{
	ARENA_AUTO a = { 0 };
	struct err err = ERR_INIT;
	const char *value;

	(void)state;
	assert_int_equal(field_normalize(kind("plan"), "tema", berlin, &a, &value, &err), -1);
	assert_string_equal(err.text, "'plan' cannot be 'tema'; did you mean 'team'?");
	assert_int_equal(field_normalize(kind("plan"), "gold", berlin, &a, &value, &err), -1);
	assert_string_equal(err.text, "'plan' cannot be 'gold', only: free, pro, team");
}

static void test_numbers(void **state)
{
	/* in ascending order */
	static const char *const numbers[] = { "-100", "-12.5", "-12", "-9", "-0.1", "0", "0.05", "0.5", "0.51", "1", "1.01",
		                                   "9", "10", "10.000000000000000000001", "100" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		for (size_t k = 0; k < ARRAY_LEN(numbers); k++)
			assert_int_equal(number_compare(numbers[i], numbers[k]), (i > k) - (i < k));
}

static void test_lookup(void **state)
{
	static struct field declared[] = { { "plan", FIELD_TEXT, { 0 } } };
	static struct event_type events[] = { { "order.placed", NULL, 0 } };
	const struct fields fields = { "contact", declared, 1, events, 1 };

	(void)state;
	assert_ptr_equal(fields_find(&fields, "plan"), declared);
	assert_null(fields_find(NULL, "plan"));
	assert_int_equal(fields_find(NULL, "kind")->type, FIELD_CHOICE);
	assert_ptr_equal(fields_find_event(&fields, "order.placed"), events);
	assert_null(fields_find_event(&fields, "order.plced"));
	assert_true(event_type_builtin("email.replied"));
	assert_false(event_type_builtin("order.placed"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_normalize), cmocka_unit_test(test_limit),  cmocka_unit_test(test_suggestion),
		cmocka_unit_test(test_list_limit), cmocka_unit_test(test_stored_lists),
		cmocka_unit_test(test_numbers),   cmocka_unit_test(test_lookup),
	};

	struct err err = ERR_INIT;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (zone_open("Europe/Berlin", &berlin, &err) < 0)
		return 1;
	return cmocka_run_group_tests_name("fields: values are checked and stored in one form", tests, NULL, NULL);
}
