#ifndef PW_STORE_LETTER_STORE_H
#define PW_STORE_LETTER_STORE_H

#include "base/attr.h"
#include "base/err.h"

#include <stdint.h>

struct arena;
struct db;

/* What a mail that somebody wrote by hand has besides its message. */
struct letter_row {
	int64_t message;
	const char *author;         /* account */
	int64_t on_sent, on_reply;  /* pipelines that the contact enters then; 0: none */
};

int letter_insert(struct db *db, int64_t team, const struct letter_row *l, struct err *err) PW_CHECK;

/* By the number of its message: 1, 0 it is none, -1. */
int letter_load(struct db *db, int64_t team, int64_t message, struct arena *a, struct letter_row *ret, struct err *err)
	PW_CHECK;

#endif
