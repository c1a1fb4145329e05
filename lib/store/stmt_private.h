#ifndef PW_STORE_STMT_PRIVATE_H
#define PW_STORE_STMT_PRIVATE_H

#include "base/arena.h"
#include "base/err.h"
#include "store/db.h"

#include <stddef.h>
#include <stdint.h>

/*
 * One use of a prepared statement. Prepare and bind keep their first failure inside; the step reports it,
 * so that a call needs one check. The SQL text must be a literal: its address is the key of the cache.
 *
 *	STMT_AUTO st = stmt_prepare(db, "SELECT name FROM team WHERE id = $1");
 *	stmt_bind(&st, 1, id);
 *	got = stmt_step(&st, err);
 *	if (got <= 0)
 *		return got;
 *	*ret = stmt_text(&st, a);
 *	return stmt_row_end(&st), 1;
 */
struct cached;
struct stmt {
	struct db *db;
	struct cached *c;
	int failed; /* SQLite's code of the first failure; 0: none */
	int column; /* the next one to be read */
};
#define STMT_AUTO PW_CLEANUP(stmt_done) struct stmt

struct stmt stmt_prepare(struct db *db, const char *sql);
void stmt_done(struct stmt *st);

/* Parameters are $1, $2, ...; each is bound once. Texts and bytes are borrowed until the statement is done. */
void stmt_bind_int(struct stmt *st, int param, int64_t value);
void stmt_bind_text(struct stmt *st, int param, const char *value); /* NULL is a bug: our columns are NOT NULL */
void stmt_bind_bytes(struct stmt *st, int param, const void *data, size_t len);
#define stmt_bind(st, param, value)        \
	_Generic((value),                      \
		char *: stmt_bind_text,            \
		const char *: stmt_bind_text,      \
		default: stmt_bind_int)((st), (param), (value))

/* 1: a row, 0: done, -1: failed. */
int stmt_step(struct stmt *st, struct err *err) PW_CHECK;

/* Runs a statement that returns no rows. Returns the number of rows changed, or -1. */
int stmt_run(struct stmt *st, struct err *err) PW_CHECK;

/* After the only row: 0 when the statement is done, -1 when it fails or has another row. */
int stmt_last(struct stmt *st, struct err *err) PW_CHECK;

/* The next column of the row, in order. Texts are copied into the arena; NULL becomes "" or 0. */
int64_t stmt_int(struct stmt *st);
const char *stmt_text(struct stmt *st, struct arena *a);
char *stmt_own_text(struct stmt *st, struct arena *a); /* the same, to be changed */
const void *stmt_bytes(struct stmt *st, struct arena *a, size_t *ret_len);

/* Aborts when a column was left unread. */
void stmt_row_end(struct stmt *st);

#endif
