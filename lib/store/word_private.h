#ifndef PW_STORE_WORD_PRIVATE_H
#define PW_STORE_WORD_PRIVATE_H

#include "base/attr.h"
#include "base/err.h"

#include <stdint.h>

struct db;

/*
 * Texts that come back in very many rows are stored once, and the rows have their numbers: a type of event, an account,
 * the name of a field. There are few of them, none is ever removed, and a handle remembers those that it has seen.
 */

/* The number of a text, which gets one when it has none: needs a write transaction then. */
int word_number(struct db *db, const char *text, int64_t *ret, struct err *err) PW_CHECK;

/* The same, without giving one: 1, 0 it has none, -1. */
int word_find(struct db *db, const char *text, int64_t *ret, struct err *err) PW_CHECK;

/* The text of a number that a row has. It lives as long as the handle. */
int word_text(struct db *db, int64_t number, const char **ret, struct err *err) PW_CHECK;

/* After a rollback or when the file was replaced: numbers that were given may mean something else. Texts stay. */
void words_forget(struct db *db);
void words_release(struct db *db);

#endif
