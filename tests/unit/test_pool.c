#include "base/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { PIECES = 400, ROUNDS = 20000 };

struct held {
	unsigned char *piece;
	size_t size;
	unsigned char mark;
};

static void fill(struct held *h, size_t from)
{
	memset(h->piece + from, h->mark, h->size - from);
}

static void check(const struct held *h)
{
	for (size_t i = 0; i < h->size; i++)
		if (h->piece[i] != h->mark)
			fail_msg("byte %zu of %zu was written by somebody else", i, h->size);
}

/* Sizes around each step, and now and then one that is no small piece. */
static size_t size_of(uint64_t n)
{
	return n % 9 == 0 ? 900 + n % 400 : n % 140;
}

/* Whatever is taken, resized and given back: nobody's bytes are anybody else's. */
static void pieces_do_not_overlap(void **state)
{
	static struct held held[PIECES];
	uint64_t n = 1;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct held *h;

		n = n * UINT64_C(6364136223846793005) + 1442695040888963407u;
		h = &held[(n >> 33) % PIECES];
		if (!h->piece) {
			h->size = size_of(n >> 40);
			h->mark = (unsigned char)(n >> 24);
			h->piece = pool_alloc(h->size);
			assert_non_null(h->piece);
			assert_int_equal((uintptr_t)h->piece % 8, 0);
			assert_true(pool_room(h->piece) >= h->size);
			assert_int_equal(pool_room(h->piece), pool_round(h->size));
			fill(h, 0);
			continue;
		}
		check(h);
		if (n >> 63) {
			pool_free(h->piece);
			h->piece = NULL;
		} else {
			size_t before = h->size;

			h->size = size_of(n >> 41);
			h->piece = pool_resize(h->piece, h->size);
			assert_non_null(h->piece);
			fill(h, before < h->size ? before : h->size);
			check(h);
		}
	}
	for (int i = 0; i < PIECES; i++)
		pool_free(held[i].piece);
}

static void what_was_given_back_is_given_out_again(void **state)
{
	void *first = pool_alloc(100), *again;

	(void)state;
	pool_free(first);
	again = pool_alloc(97);
#ifndef __SANITIZE_ADDRESS__
	assert_ptr_equal(again, first);
#endif
	pool_free(again);
	pool_free(NULL);
}

static void too_much_is_none(void **state)
{
	void *piece = pool_alloc(10);

	(void)state;
	assert_null(pool_alloc(SIZE_MAX));
	assert_null(pool_alloc(SIZE_MAX - 16));
	assert_null(pool_resize(piece, SIZE_MAX));
	assert_int_equal(pool_room(piece), pool_round(10));
	pool_free(piece);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_do_not_overlap),
		cmocka_unit_test(what_was_given_back_is_given_out_again),
		cmocka_unit_test(too_much_is_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
