#include "format/decimal.h"

#include "base/attr.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void numbers_are_read(void **state)
{
	static const struct {
		const char *text;
		bool whole;
		int64_t integer;
		double real;
	} cases[] = {
		{ "0", true, 0, 0 },
		{ "-7", true, -7, -7 },
		{ "007", true, 7, 7 },
		{ "9223372036854775807", true, INT64_MAX, 0x1p63 },
		{ "-9223372036854775808", true, INT64_MIN, -0x1p63 },
		{ "9223372036854775808", false, 0, 0x1p63 },
		{ "-9223372036854775809", false, 0, -0x1p63 },
		{ "1.5", false, 0, 1.5 },
		{ "-0.000001", false, 0, -0.000001 },
		{ "1E+2", false, 0, 100 },
		{ "12.5e-1", false, 0, 1.25 },
		{ "1e999999999999", false, 0, INFINITY },
		{ "1e-999999999999", false, 0, 0 },
		{ "0.00000000000000000000000000000000000000000000000001", false, 0, 1e-50 },
		{ "100000000000000000000000000000000000000000000000000", false, 0, 1e50 },
		{ "1.00000000000000000000000000000000000000000000000009", false, 0, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t integer = 0;
		double real = -1;
		bool whole;

		assert_true(number_parse(cases[i].text, strlen(cases[i].text), &whole, &integer, &real));
		assert_int_equal(whole, cases[i].whole);
		assert_true(integer == cases[i].integer);
		assert_true(real == cases[i].real);
	}
}

static void what_is_no_number_is_refused(void **state)
{
	static const char *const cases[] = { "", "-", "+1", "1.", ".5", "1e", "1e+", "e5", "1 ", " 1", "1.5.2", "0x10", "1-2", "nan" };
	int64_t integer;
	double real;
	bool whole;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_false(number_parse(cases[i], strlen(cases[i]), &whole, &integer, &real));
}

static void numbers_are_written_shortly(void **state)
{
	static const struct {
		double number;
		const char *text;
	} cases[] = {
		{ 0, "0.0" },
		{ -0.0, "-0.0" },
		{ 1, "1.0" },
		{ -1.5, "-1.5" },
		{ 0.1, "0.1" },
		{ 0.1 + 0.2, "0.30000000000000004" },
		{ 1.0 / 3, "0.3333333333333333" },
		{ 123456789012345.0, "123456789012345.0" },
		{ 1e15, "1000000000000000.0" },
		{ 1e16, "1.0e+16" },
		{ 1.5e300, "1.5e+300" },
		{ 0.0001, "0.0001" },
		{ 0.00001, "1.0e-05" },
		{ 1.25e-7, "1.25e-07" },
		{ 5e-324, "5.0e-324" },
		{ 1.7976931348623157e308, "1.7976931348623157e+308" },
		{ INFINITY, "Infinity" },
		{ -INFINITY, "-Infinity" },
		{ NAN, "NaN" },
	};
	char text[NUMBER_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(number_format(cases[i].number, text), strlen(cases[i].text));
		assert_string_equal(text, cases[i].text);
	}
}

static struct decimal decimal(double d)
{
	struct decimal ret;

	assert_true(decimal_from_double(d, &ret));
	return ret;
}

static void decimals_compute_exactly(void **state)
{
	struct decimal a = decimal(0.1), b = decimal(0.2), c = decimal(-7.5), d = decimal(3), ret;

	(void)state;
	assert_true(decimal_add(&a, &b, &ret));
	assert_true(decimal_to_double(&ret) == 0.3);
	assert_true(decimal_multiply(&b, &c, &ret));
	assert_true(decimal_to_double(&ret) == -1.5);
	assert_true(decimal_divide(&b, &d, &ret));
	assert_true(decimal_to_double(&ret) == 0.2 / 3);
	assert_true(decimal_divide(&d, &a, &ret));
	assert_true(decimal_to_double(&ret) == 30);
	assert_true(decimal_modulo(&c, &d, &ret));
	assert_true(decimal_to_double(&ret) == 1.5);
	assert_int_equal(decimal_compare(&a, &b), -1);
	assert_int_equal(decimal_compare(&d, &c), 1);
	assert_int_equal(decimal_compare(&b, &b), 0);
}

static void what_has_too_many_digits_is_refused(void **state)
{
	struct decimal a = decimal(1.2345678901234567e20), b = decimal(1.2345678901234567e-15), ret;

	(void)state;
	assert_false(decimal_multiply(&a, &a, &ret));
	assert_false(decimal_from_double(1e300, &ret));
	assert_false(decimal_from_double(1e-300, &ret));
	assert_false(decimal_from_double(NAN, &ret));
	assert_false(decimal_add(&a, &b, &ret));
	assert_int_equal(decimal_compare(&a, &b), 1);
}

static void rounding(void **state)
{
	static const struct {
		double number;
		int places;
		double rounded;
	} cases[] = {
		{ 2.5, 0, 3 },     { -2.5, 0, -3 },  { 2.4, 0, 2 },      { 2.675, 2, 2.68 }, { -0.5, 0, -1 }, { 0.4, 0, 0 },
		{ 1234, -2, 1200 }, { 1250, -2, 1300 }, { 49, -2, 0 },    { 50, -2, 100 },    { 1.5, 9, 1.5 }, { 7, -40, 0 },
	};
	struct decimal d, r;
	int64_t i;

	(void)state;
	for (size_t n = 0; n < ARRAY_LEN(cases); n++) {
		d = decimal(cases[n].number);
		r = decimal_round(&d, cases[n].places);
		assert_true(decimal_to_double(&r) == cases[n].rounded);
	}
	d = decimal(-1.2);
	r = decimal_floor(&d);
	assert_true(decimal_to_int(&r, &i) && i == -2);
	r = decimal_ceil(&d);
	assert_true(decimal_to_int(&r, &i) && i == -1);
	d = decimal(1e19);
	assert_false(decimal_to_int(&d, &i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read),          cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(numbers_are_written_shortly), cmocka_unit_test(decimals_compute_exactly),
		cmocka_unit_test(what_has_too_many_digits_is_refused), cmocka_unit_test(rounding),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
