#ifndef PW_STORE_WORD_PRIVATE_H
#define PW_STORE_WORD_PRIVATE_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"

#include <stdint.h>

struct db;

/*
 * Texts that come back in very many rows are stored once, and the rows have their numbers: the names of fields. There are
 * few of them, none is ever removed, and a handle remembers those that it has seen.
 */

/* The number of a text, which gets one when it has none: needs a write transaction then. */
int word_number(struct db *db, const char *text, int64_t *ret, struct err *err) PW_CHECK;

/* The text of a number that a row has. It lives as long as the handle. */
int word_text(struct db *db, int64_t number, const char **ret, struct err *err) PW_CHECK;

/* The same for what very many events have in common. Texts are in the arena. */
struct occasion {
	const char *type, *actor, *source;
	int depth;
};
int occasion_number(struct db *db, const struct occasion *o, int64_t *ret, struct err *err) PW_CHECK;
int occasion_load(struct db *db, int64_t number, struct arena *a, struct occasion *ret, struct err *err) PW_CHECK;

/* What a handle remembers: texts by number and numbers by text, both ways the same ones. */
struct words;
int64_t words_number(const struct words *w, const char *text);        /* 0: not seen */
const char *words_text(const struct words *w, int64_t number);        /* NULL: not seen */
const char *words_add(struct words *w, int64_t number, const char *text);

/* After a rollback or when the file was replaced: numbers that were given may mean something else. Texts stay. */
void words_forget(struct db *db);
void words_release(struct db *db);

#endif
