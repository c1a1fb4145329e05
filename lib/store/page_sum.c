#include "store/page_private.h"

#include <endian.h>
#include <string.h>

#define LANES 4
#define ODD   UINT64_C(0x9e3779b97f4a7c15)

/* Each word can be got back from what it makes, so two pages that differ in one word never have the same sum. */
static uint64_t mix(uint64_t sum, uint64_t word)
{
	sum = (sum ^ word) * ODD;
	return sum << 29 | sum >> 35;
}

static uint64_t word_at(const unsigned char *page, size_t at)
{
	uint64_t word;

	memcpy(&word, page + at, sizeof word);
	return le64toh(word);
}

/* In lanes, because a multiplication takes longer than it takes to begin the next. */
uint64_t page_sum(const unsigned char *page, size_t n, int64_t number)
{
	uint64_t a = (uint64_t)number, b = ~a, c = a << 32, d = ~c, sum;
	size_t at = 0;

	for (; at + LANES * sizeof a <= n; at += LANES * sizeof a) {
		a = mix(a, word_at(page, at));
		b = mix(b, word_at(page, at + 8));
		c = mix(c, word_at(page, at + 16));
		d = mix(d, word_at(page, at + 24));
	}
	for (; at < n; at += sizeof a)
		a = mix(a, word_at(page, at));
	sum = mix(mix(mix(a, b), c), d);
	sum ^= sum >> 32;
	return sum ? sum : 1;
}
