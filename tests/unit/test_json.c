#include "format/json.h"

#include "base/buf.h"
#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LIMIT 10000

static int parse(struct arena *a, const char *text, struct value *ret, struct err *err)
{
	return json_parse(a, text, strlen(text), LIMIT, ret, err);
}

static void what_is_read_is_written(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: the same */
	} cases[] = {
		{ "null", NULL },
		{ " true\n", "true" },
		{ "[1,-2,0,9223372036854775807,-9223372036854775808]", NULL },
		{ "[1.0,0.1,-2.5e-3,1e2]", "[1.0,0.1,-0.0025,100.0]" },
		{ "[9223372036854775808,1e300]", "[9.223372036854776e+18,1.0e+300]" },
		{ "{\"a\":{\"b\":[{},[],\"\"]}}", NULL },
		{ "{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}" },
		{ "\"\\u00e4\\ud83d\\ude00\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"ä😀\\\"\\\\/\\b\\f\\n\\r\\t\"" },
		{ "\"\\u001b\\u007f\\u0085\\u2028\\u200e\"", NULL },
		{ "{\"\":0,\"ä\":\"-1e5 [{\"}", NULL },
		{ "[ \"a\\\\\", -1, \"\\\"-2\", 3.50 ]", "[\"a\\\\\",-1,\"\\\"-2\",3.5]" },
	};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ARENA_AUTO a = { 0 };
		BUF_AUTO out = BUF_INIT(LIMIT);
		struct value v;

		if (parse(&a, cases[i].in, &v, &err) < 0)
			fail_msg("%s: %s", cases[i].in, err.text);
		json_value(&out, &v);
		assert_string_equal(out.s, cases[i].out ? cases[i].out : cases[i].in);
	}
}

static void kinds_of_numbers(void **state)
{
	ARENA_AUTO a = { 0 };
	struct err err = ERR_INIT;
	struct value v;
	const struct value_array *array;

	(void)state;
	assert_int_equal(parse(&a, "[9007199254740993, 1.0, 1e2, 9223372036854775808, -0]", &v, &err), 0);
	array = v.array;
	assert_int_equal(array->items[0].kind, VALUE_INT);
	assert_true(array->items[0].integer == INT64_C(9007199254740993));
	assert_int_equal(array->items[1].kind, VALUE_DOUBLE);
	assert_int_equal(array->items[2].kind, VALUE_DOUBLE);
	assert_true(array->items[2].real == 100);
	assert_int_equal(array->items[3].kind, VALUE_DOUBLE);
	assert_true(array->items[3].real == 0x1p63);
	assert_int_equal(array->items[4].kind, VALUE_INT);
}

static void errors_have_a_place(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "", "1:1: the text ends too early" },
		{ "{\"a\": 1", "1:8: the text ends too early" },
		{ "[1, 2,]", "1:7: this is not JSON" },
		{ "{\n  \"ä\": x\n}", "2:8: this is not JSON" },
		{ "[1] 2", "1:5: this is not JSON" },
		{ "[\"a]", "1:2: this string is not closed" },
		{ "[\"a\tb\"]", "1:4: a control character in a string must be written as \\u00XX" },
		{ "[\"a\\u0000\"]", "1:4: \\u0000 is not accepted" },
		{ "[01]", "1:2: this is no number" },
		{ "[-]", "1:2: this is no number" },
		{ "[1.]", "1:2: this is no number" },
		{ "[1e]", "1:2: this is no number" },
		{ "[1, 1e999]", "1:5: this number is too large" },
		{ "[1-2]", "1:2: this is no number" },
		{ "[\"\\ud800\"]", "1:3: this is not JSON" },
		{ "\"\xc3\"", "1:1: this is not UTF-8" },
		{ "[tru]", "1:2: this is not JSON" },
	};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ARENA_AUTO a = { 0 };
		struct value v;

		assert_int_equal(parse(&a, cases[i].text, &v, &err), -1);
		assert_int_equal(err.kind, ERR_INVALID);
		assert_string_equal(err.text, cases[i].message);
	}
}

static void size_depth_and_nul_are_limited(void **state)
{
	struct err err = ERR_INIT;
	char text[200];
	struct value v;

	(void)state;
	for (int depth = 64; depth <= 65; depth++) {
		ARENA_AUTO a = { 0 };

		memset(text, '[', (size_t)depth);
		memset(text + depth, ']', (size_t)depth);
		assert_int_equal(json_parse(&a, text, (size_t)depth * 2, LIMIT, &v, &err), depth == 64 ? 0 : -1);
	}
	assert_string_equal(err.text, "1:65: nested too deeply");
	ARENA_AUTO a = { 0 };
	assert_int_equal(json_parse(&a, "[1, 2]", 6, 6, &v, &err), 0);
	assert_int_equal(json_parse(&a, "[1, 2]", 6, 5, &v, &err), -1);
	assert_string_equal(err.text, "1:1: longer than 5 bytes");
	assert_int_equal(json_parse(&a, "[1]\0", 4, LIMIT, &v, &err), -1);
	assert_string_equal(err.text, "1:4: a NUL byte is not accepted");
	/* Nothing behind len is read. */
	assert_int_equal(json_parse(&a, "123456", 3, LIMIT, &v, &err), 0);
	assert_int_equal(v.integer, 123);
}

static void many_keys_are_found_again(void **state)
{
	ARENA_AUTO a = { 0 };
	struct value map = value_map(&a);
	char key[32];

	(void)state;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 5000; i++) {
			snprintf(key, sizeof key, "key %d", i * 7919 % 5000);
			value_map_set(&map, key, value_int(i + round));
		}
	assert_int_equal(map.map->n, 5000);
	for (int i = 0; i < 5000; i++) {
		snprintf(key, sizeof key, "key %d", i * 7919 % 5000);
		assert_int_equal(value_get(&map, key)->integer, i + 1);
		assert_string_equal(map.map->entries[i].key, key);
	}
	assert_null(value_get(&map, "key"));
}

static void an_object_is_written_piece_by_piece(void **state)
{
	BUF_AUTO b = BUF_INIT(LIMIT);
	struct json_writer w = { .buf = &b };
	const struct value v = value_range(1, 3), numbers[] = { value_double(1.0 / 0.0), value_double(0.5) };

	(void)state;
	for (int line = 0; line < 2; line++) {
		json_begin_object(&w);
		json_key_string(&w, "name", line ? "a\"b" : NULL);
		json_key_int(&w, "n", -5);
		json_key_bool(&w, "yes", true);
		json_key_value(&w, "x", &numbers[line]);
		json_key(&w, "list");
		json_begin_array(&w);
		json_put_string(&w, "x");
		json_put_null(&w);
		json_begin_object(&w);
		json_end_object(&w);
		json_end_array(&w);
		json_key_value(&w, "range", &v);
		json_key_null(&w, "end");
		json_end_object(&w);
		buf_addc(&b, '\n');
	}
	assert_string_equal(
		b.s,
		"{\"name\":null,\"n\":-5,\"yes\":true,\"x\":null,\"list\":[\"x\",null,{}],\"range\":[1,2,3],\"end\":null}\n"
		"{\"name\":\"a\\\"b\",\"n\":-5,\"yes\":true,\"x\":0.5,\"list\":[\"x\",null,{}],\"range\":[1,2,3],\"end\":null}\n");
}

static void written_text_is_valid_whatever_it_was(void **state)
{
	BUF_AUTO b = BUF_INIT(LIMIT);

	(void)state;
	json_text(&b, "a\xff\xc3z\0\x1b[31m\xf3\xa0\x80\x81", 14);
	assert_string_equal(b.s, "\"a\xef\xbf\xbd\xef\xbf\xbdz\\u0000\\u001b[31m\\udb40\\udc01\"");
}

static void values_that_nest_too_deeply_are_cut(void **state)
{
	ARENA_AUTO a = { 0 };
	BUF_AUTO b = BUF_INIT(LIMIT);
	struct value v = value_int(1), outer;
	char expected[200];

	(void)state;
	for (int i = 0; i < 65; i++) {
		outer = value_array(&a);
		value_array_add(&outer, v);
		v = outer;
	}
	json_value(&b, &v);
	memset(expected, '[', 64);
	memcpy(expected + 64, "null", 4);
	memset(expected + 68, ']', 64);
	expected[132] = '\0';
	assert_string_equal(b.s, expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_is_written),
		cmocka_unit_test(kinds_of_numbers),
		cmocka_unit_test(errors_have_a_place),
		cmocka_unit_test(size_depth_and_nul_are_limited),
		cmocka_unit_test(many_keys_are_found_again),
		cmocka_unit_test(an_object_is_written_piece_by_piece),
		cmocka_unit_test(written_text_is_valid_whatever_it_was),
		cmocka_unit_test(values_that_nest_too_deeply_are_cut),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
