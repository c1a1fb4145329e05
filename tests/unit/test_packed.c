/* Bytes in little room. */

#include "base/packed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ok.h"

#include <string.h>

static const char template[] =
	"Dear {{ contact.first_name }}, thank you for looking at our catalogue. Its new edition has forty pages more than the one "
	"before, with prices from {{ event.price }} on. It comes with the next mail. Yours, Hello Ltd.";
static const char mail[] =
	"Dear Anna, thank you for looking at our catalogue. Its new edition has forty pages more than the one "
	"before, with prices from 12.50 on. It comes with the next mail. Yours, Hello Ltd.";

static size_t pack(struct packer *p, const void *from, size_t len, struct buf *out)
{
	buf_clear(out);
	packer_pack(p, from, len, out);
	assert_int_equal(out->over, 0);
	return out->len;
}

static void assert_refused(struct packer *p, const char *packed, size_t len, size_t max)
{
	ARENA_AUTO a = { 0 };
	struct err err = ERR_INIT;
	const char *got;
	size_t got_len;

	assert_int_equal(packer_unpack(p, packed, len, max, &a, &got, &got_len, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
}

static void assert_comes_back(struct packer *p, const void *from, size_t len)
{
	ARENA_AUTO a = { 0 };
	BUF_AUTO packed = BUF_INIT(1 << 22);
	const char *got;
	size_t got_len;

	pack(p, from, len, &packed);
	OK(packer_unpack(p, packed.s, packed.len, len, &a, &got, &got_len, &err));
	assert_int_equal(got_len, len);
	assert_memory_equal(got, from, len);
	assert_int_equal(got[len], 0);
	if (len > 0)
		assert_refused(p, packed.s, packed.len, len - 1);
}

static void what_is_in_the_dictionary_costs_next_to_nothing(void **state)
{
	BUF_AUTO packed = BUF_INIT(4096);
	struct packer *with = packer_new(template, strlen(template)), *without = packer_new("", 0);
	size_t len;

	(void)state;
	assert_memory_equal(packer_dictionary(with, &len), template, strlen(template));
	assert_int_equal(len, strlen(template));
	assert_in_range(pack(with, mail, strlen(mail), &packed), 1, 50);
	assert_in_range(pack(without, mail, strlen(mail), &packed), 100, strlen(mail) + 20);
	packer_free(with);
	packer_free(without);
	packer_free(NULL);
}

static void everything_comes_back(void **state)
{
	static char large[300000];
	struct packer *p = packer_new(template, sizeof template), *none = packer_new(NULL, 0);

	(void)state;
	for (size_t i = 0; i < sizeof large; i++)
		large[i] = (char)(i * i >> 7);
	assert_comes_back(p, "", 0);
	assert_comes_back(none, "", 0);
	assert_comes_back(p, "\0\0x", 3);
	assert_comes_back(none, mail, sizeof mail);
	assert_comes_back(p, mail, sizeof mail);
	assert_comes_back(p, large, sizeof large);
	packer_free(p);
	packer_free(none);
}

/* Another dictionary, a changed byte, a cut: an error, or the bytes are other ones, and nothing is written elsewhere. */
static void what_is_not_as_it_was_written(void **state)
{
	ARENA_AUTO a = { 0 };
	BUF_AUTO packed = BUF_INIT(4096);
	struct packer *p = packer_new(template, strlen(template));
	struct err err = ERR_INIT;
	const char *got;
	size_t len;

	(void)state;
	pack(p, mail, strlen(mail), &packed);
	assert_refused(p, "no", 2, 100);
	assert_refused(p, "", 0, 100);
	for (size_t cut = 1; cut < packed.len; cut++)
		assert_refused(p, packed.s, cut, 4096);
	for (size_t i = 0; i < packed.len; i++) {
		packed.s[i] ^= 0x41;
		if (packer_unpack(p, packed.s, packed.len, 4096, &a, &got, &len, &err) == 0)
			assert_in_range(len, 0, 4096);
		packed.s[i] ^= 0x41;
	}
	packer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_the_dictionary_costs_next_to_nothing),
		cmocka_unit_test(everything_comes_back),
		cmocka_unit_test(what_is_not_as_it_was_written),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
