#ifndef PW_MAIL_VOCABULARY_H
#define PW_MAIL_VOCABULARY_H

#include "base/arena.h"

#include <stdint.h>

/* What a word of a mail server means, as bits: one word may mean several things. */
enum sense {
	SENSE_USER     = 1u << 0,  /* a mailbox and whose it is */
	SENSE_ADDRESS  = 1u << 1,  /* an address, of whom is not said */
	SENSE_HOST     = 1u << 2,  /* a domain or host */
	SENSE_SENDER   = 1u << 3,  /* who wrote the mail */
	SENSE_CLIENT   = 1u << 4,  /* the host that brings the mail */
	SENSE_MAIL     = 1u << 5,  /* the mail itself */
	SENSE_NOT      = 1u << 6,
	SENSE_EXISTS   = 1u << 7,  /* with a "not": there is none */
	SENSE_SUCH     = 1u << 8,  /* the same, in front of what there is not: "no such user" */
	SENSE_LATE     = 1u << 9,  /* the same, and the "not" may stand further away: "existiert auf diesem Server nicht" */
	SENSE_ABSENT   = 1u << 10, /* there is none: unknown, invalid */
	SENSE_GONE     = 1u << 11, /* there is none any more: said of many things, so only beside its subject */
	SENSE_FULL     = 1u << 12,
	SENSE_ROOM     = 1u << 13, /* quota, storage, space */
	SENSE_OVER     = 1u << 14, /* too much of it is used */
	SENSE_SYSTEM   = 1u << 15, /* the server's own */
	SENSE_SIZE     = 1u << 16,
	SENSE_BIG      = 1u << 17,
	SENSE_DISABLED = 1u << 18,
	SENSE_TAKES    = 1u << 19, /* accepts, receives: with a "not" */
	SENSE_REFUSED  = 1u << 20,
	SENSE_ONLY     = 1u << 21,
	SENSE_NAMED    = 1u << 22, /* an address itself stands here; only beside what is said of it */
	SENSE_DELIVERY = 1u << 24, /* bringing a mail: with a "not", .. */
	SENSE_FAILED   = 1u << 25, /* .. or a failure */
	SENSE_RETURNED = 1u << 26, /* not brought, in one word */
	SENSE_ENABLED  = 1u << 27, /* in use: with a "not" */
	SENSE_HERE     = 1u << 28, /* this place: with a "not", there is none */
	SENSE_YOUR     = 1u << 29, /* of whom the server speaks to: the sender */
	SENSE_END      = 1u << 23, /* the clause ends behind this word; not in the vocabulary */
};

/* The words of ten languages by their meaning, ready to look up; it lives in the arena. */
struct vocabulary;
const struct vocabulary *vocabulary_new(struct arena *a);

/* What a word means, 0 for nothing of interest. The word is folded: vocabulary_fold(). */
uint32_t vocabulary_senses(const struct vocabulary *v, const char *word, size_t len);

/*
 * Folds the character of UTF-8 that stands at s, of which len bytes are there: lower case, Latin letters without marks,
 * so that one spelling stands for all. Writes at most 4 bytes to ret; returns how many, and how many were read.
 */
size_t vocabulary_fold(const char *s, size_t len, char ret[4], size_t *ret_read);

#endif
