#include "base/buf.h"
#include "base/utf8.h"

#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* One character at a time is the same as all at once, for every limit and over every growth. */
static void characters_add_up(void **state)
{
	(void)state;
	for (size_t limit = 0; limit <= 300; limit++) {
		BUF_AUTO b = BUF_INIT(limit);

		for (size_t i = 0; i < limit; i++)
			buf_addc(&b, 'x');
		assert_false(b.over);
		assert_int_equal(b.len, limit);
		assert_int_equal(strlen(b.s), limit);
		buf_addc(&b, 'y');
		assert_true(b.over);
		buf_addc(&b, 'y');
		assert_int_equal(strlen(b.s), limit);
		buf_truncate(&b, 0);
		buf_addc(&b, 'z'); /* what is over stays so until it is cleared */
		assert_string_equal(b.s, "");
	}
}

static void texts_are_joined(void **state)
{
	ARENA_AUTO a = { 0 };

	(void)state;
	assert_string_equal(arena_join(&a, "", "", ""), "");
	assert_string_equal(arena_join(&a, "one", " ", "two"), "one two");
	for (size_t n = 0; n < 20000; n += 997) {
		char *long_one = arena_alloc(&a, n + 1), *joined;

		memset(long_one, 'x', n);
		joined = arena_join(&a, "<", long_one, ">");
		assert_int_equal(strlen(joined), n + 2);
		assert_int_equal(strspn(joined + 1, "x"), n);
	}
}

/* Wherever it stands, also in the bytes behind the last eight. */
static void one_byte_over_127_is_no_ascii(void **state)
{
	char text[20];

	(void)state;
	assert_true(utf8_is_ascii("", 0));
	for (size_t len = 1; len <= sizeof text; len++) {
		memset(text, '\x7F', sizeof text);
		assert_true(utf8_is_ascii(text, len));
		for (size_t at = 0; at < len; at++) {
			text[at] = (char)0x80;
			assert_false(utf8_is_ascii(text, len));
			text[at] = '\0';
			assert_true(utf8_is_ascii(text, len));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_add_up),
		cmocka_unit_test(texts_are_joined),
		cmocka_unit_test(one_byte_over_127_is_no_ascii),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
