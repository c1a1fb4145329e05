#include "model/message_id.h"

#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const unsigned char zeros[MESSAGE_ID_SECRET], ones[MESSAGE_ID_SECRET] = { 255, 255, 255, 255, 255, 255, 255, 255,
	                                                                             255, 255 };

static void the_number_comes_back(void **state)
{
	const int64_t numbers[] = { 1, 9, 10, 4711, INT64_C(9007199254740993), INT64_MAX };
	ARENA_AUTO a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		assert_true(message_id_number(message_id_make(&a, numbers[i], ones, "x@example.com")) == numbers[i]);
}

static void every_bit_of_the_secret_shows(void **state)
{
	ARENA_AUTO a = { 0 };

	(void)state;
	assert_string_equal(message_id_make(&a, 7, zeros, "x@example.com"), "7.2222222222222222@example.com");
	assert_string_equal(message_id_make(&a, 7, ones, "x@example.com"), "7.zzzzzzzzzzzzzzzz@example.com");
	for (size_t bit = 0; bit < 8 * MESSAGE_ID_SECRET; bit++) {
		unsigned char secret[MESSAGE_ID_SECRET] = { 0 };

		secret[bit / 8] = (unsigned char)(1u << bit % 8);
		assert_string_not_equal(message_id_make(&a, 7, secret, "x@y"), message_id_make(&a, 7, zeros, "x@y"));
	}
}

static void the_domain_is_the_senders(void **state)
{
	ARENA_AUTO a = { 0 };

	(void)state;
	assert_non_null(strstr(message_id_make(&a, 1, zeros, "\"a@b\"@example.org"), "2@example.org"));
	assert_non_null(strstr(message_id_make(&a, 1, zeros, "root"), "2@localhost"));
}

static void what_is_none_of_ours_has_no_number(void **state)
{
	static const char *const others[] = { "", "@", "a@b", "7", "7@example.com", "07.aa@example.com", "-7.aa@example.com",
		                                  "+7.aa@b", " 7.aa@b", "0.aa@b", "9223372036854775808.aa@b", "7a.aa@b", "<7.aa@b>" };

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_int_equal(message_id_number(others[i]), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_number_comes_back),
		cmocka_unit_test(every_bit_of_the_secret_shows),
		cmocka_unit_test(the_domain_is_the_senders),
		cmocka_unit_test(what_is_none_of_ours_has_no_number),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
