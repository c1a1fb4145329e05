#include "base/zone_file.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A zone with four changes: its file of two blocks (RFC 9636), the first one empty, as those of today are. */
#define NULLS_15 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define HEADER(version, leaps, times, types, chars) \
	"TZif" version NULLS_15 "\0\0\0\0" "\0\0\0\0" "\0\0\0" leaps "\0\0\0" times "\0\0\0" types "\0\0\0" chars
#define LEGACY HEADER("2", "\0", "\0", "\1", "\1") "\0\0\0\0\0\0" "\0"
#define TYPES "\0\0\x0c\x88\0\0" "\0\0\x0e\x10\0\4" "\xff\xff\xe3\xe0\1\x8"
#define ABBRS "LMT\0CET\0XST"
#define TIMES \
	"\xff\xff\xff\xff\x6f\xa2\x5b\x78" "\0\0\0\0\0\0\x3\xe8" "\0\0\0\0\0\0\7\xd0" "\0\0\0\1\0\0\0\0"
#define LISTED TIMES "\1\2\1\2" TYPES ABBRS "\0"
#define SECOND HEADER("2", "\0", "\4", "\3", "\xc") LISTED

struct bytes {
	const char *data;
	size_t len;
};
#define BYTES(s) { s, sizeof(s) - 1 }

/* In a piece of memory of its own, where a sanitizer sees each look beyond it. The caller frees it. */
static char *copy(const char *data, size_t len)
{
	char *own = xmalloc(len + 1);

	memcpy(own, data, len);
	own[len] = '\0';
	return own;
}

static const struct bytes whole = BYTES(LEGACY SECOND "\nCET-1\n");

static void test_spans(void **state)
{
	static const struct {
		int64_t instant, from, to;
		int32_t offset;
		const char *abbr;
	} cases[] = {
		{ -9000000000, INT64_MIN, -2422056072, 3208, "LMT" },
		{ -2422056073, INT64_MIN, -2422056072, 3208, "LMT" },
		{ -2422056072, -2422056072, 1000, 3600, "CET" },
		{ 999, -2422056072, 1000, 3600, "CET" },
		{ 1000, 1000, 2000, -7200, "XST" },
		{ 2000, 2000, 4294967296, 3600, "CET" },
		{ 4294967296, 4294967296, INT64_MAX, -7200, "XST" },
	};
	char *data = copy(whole.data, whole.len);
	struct zone_file file;

	(void)state;
	assert_true(zone_file_read(data, whole.len, &file));
	assert_string_equal(file.rule, "CET-1");
	assert_int_equal(zone_file_last(&file), 4294967296);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct zone_span span;

		zone_file_span(&file, cases[i].instant, &span);
		assert_int_equal(span.offset, cases[i].offset);
		assert_string_equal(span.abbr, cases[i].abbr);
		assert_true(span.from == cases[i].from && span.to == cases[i].to);
	}
	free(data);
}

/* Before 2005 a file had one block, with times of 32 bits and no rule. */
static void test_old(void **state)
{
	static const struct bytes old = BYTES(HEADER("\0", "\0", "\2", "\3", "\xc") "\x80\0\0\0" "\0\0\3\xe8"
	                                      "\1\2" TYPES ABBRS "\0");
	char *data = copy(old.data, old.len);
	struct zone_file file;
	struct zone_span span;

	(void)state;
	assert_true(zone_file_read(data, old.len, &file));
	assert_string_equal(file.rule, "");
	zone_file_span(&file, 999, &span);
	assert_true(span.from == INT32_MIN && span.to == 1000 && span.offset == 3600);
	zone_file_span(&file, INT64_MAX, &span);
	assert_true(span.from == 1000 && span.to == INT64_MAX && span.offset == -7200);
	free(data);
}

static void test_no_changes(void **state)
{
	static const struct bytes fixed = BYTES(LEGACY HEADER("2", "\0", "\0", "\1", "\4") "\0\0\x0e\x10\0\0" "CET\0" "\n\n");
	char *data = copy(fixed.data, fixed.len);
	struct zone_file file;
	struct zone_span span;

	(void)state;
	assert_true(zone_file_read(data, fixed.len, &file));
	assert_true(zone_file_last(&file) == INT64_MIN);
	zone_file_span(&file, 0, &span);
	assert_true(span.from == INT64_MIN && span.to == INT64_MAX && span.offset == 3600);
	assert_string_equal(span.abbr, "CET");
	free(data);
}

static void test_cut(void **state)
{
	(void)state;
	for (size_t len = 0; len < whole.len; len++) {
		char *data = copy(whole.data, len);
		struct zone_file file;

		if (zone_file_read(data, len, &file))
			fail_msg("the first %zu of %zu bytes are taken for a file", len, whole.len);
		free(data);
	}
}

static void test_broken(void **state)
{
	static const struct bytes broken[] = {
		BYTES("TZfi"),
		BYTES(LEGACY SECOND "CET-1\n"),
		/* no type; no abbreviation; one without an end */
		BYTES(LEGACY HEADER("2", "\0", "\0", "\0", "\4") "CET\0" "\n\n"),
		BYTES(LEGACY HEADER("2", "\0", "\0", "\1", "\0") "\0\0\x0e\x10\0\0" "\n\n"),
		BYTES(LEGACY HEADER("2", "\0", "\0", "\1", "\3") "\0\0\x0e\x10\0\0" "CET" "\n\n"),
		/* a type and an abbreviation that it has not */
		BYTES(LEGACY HEADER("2", "\0", "\1", "\1", "\4") "\0\0\0\0\0\0\0\0" "\1" "\0\0\x0e\x10\0\0" "CET\0" "\n\n"),
		BYTES(LEGACY HEADER("2", "\0", "\0", "\1", "\4") "\0\0\x0e\x10\0\4" "CET\0" "\n\n"),
		/* leap seconds */
		BYTES(LEGACY HEADER("2", "\1", "\0", "\1", "\4") "\0\0\x0e\x10\0\0" "CET\0" "\0\0\0\0\0\0\0\0\0\0\0\1" "\n\n"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		char *data = copy(broken[i].data, broken[i].len);
		struct zone_file file;

		if (zone_file_read(data, broken[i].len, &file))
			fail_msg("broken file %zu is taken for one", i);
		free(data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "B13 each listed change of the clock, at its edges", test_spans, NULL, NULL, NULL },
		{ "a file of the old form", test_old, NULL, NULL, NULL },
		{ "a zone that never changed its clock", test_no_changes, NULL, NULL, NULL },
		{ "a file that was cut is none", test_cut, NULL, NULL, NULL },
		{ "files that name what they have not, and those with leap seconds, are none", test_broken, NULL, NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
