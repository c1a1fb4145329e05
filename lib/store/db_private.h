#ifndef PW_STORE_DB_PRIVATE_H
#define PW_STORE_DB_PRIVATE_H

#include "base/arena.h"
#include "store/db.h"

#include <sqlite3.h>
#include <stddef.h>

#define MAX_PARAMS 32

/* A prepared statement that is kept for the next use. */
struct cached {
	const char *sql;
	sqlite3_stmt *handle;
	int index[MAX_PARAMS + 1]; /* of $n in SQLite's order; 0: not there */
	bool in_use;
	struct cached *next;       /* another one of the same text, in use at once */
};

/* Ids taken from the file and not yet given out. */
struct id_block {
	const char *counter;
	int64_t next, end;
};

#define MAX_COUNTERS 12

/* Texts with their numbers that were seen in the file (word_private.h). */
struct word {
	int64_t number;
	const char *text; /* NULL: an empty slot */
};

struct words {
	struct word *by_text;   /* open addressing, at most half full */
	const char **by_number; /* NULL: not seen */
	size_t n, n_slots, n_numbers;
	struct arena texts;
};

/* One that was seen in the file (stencil_private.h). packer NULL: an empty place. */
struct stencil {
	int64_t id, team;
	struct packer *packer;
};

#define STENCILS 16

struct db {
	sqlite3 *handle;
	char *path;
	bool opened;
	bool in_txn;
	int undone; /* SQLite's code when it has rolled back the transaction by itself; 0: it has not */
	bool keeps_log; /* a shared file: its WAL stays when it is closed */
	int patience_ms;
	int64_t block_size;
	struct id_block blocks[MAX_COUNTERS];
	size_t n_blocks;
	int64_t feed_until; /* feed_private.h: the ids that are at hand do for what happens before that */
	struct cached **cache; /* open addressing by the text's address */
	size_t cache_size, cache_used;
	struct words words, occasions;
	struct stencil stencils[STENCILS];
	size_t n_stencils; /* how many were remembered, those that were given up again among them */
	void (*forget_stencils)(struct db *); /* NULL: none was asked for; pipe-tick knows none and links no LZ4 */
};

/* Turns SQLite's last failure into ours. Returns -1. */
int db_fail(struct db *db, const char *doing, struct err *err);

/* The same for one that was not the last: SQLite's extended code and words. */
int db_fail_with(struct db *db, int code, const char *why, const char *doing, struct err *err);

/* The same for all that follows in a transaction which SQLite has rolled back by itself. */
int db_fail_undone(struct db *db, struct err *err);

/* Runs SQL text without parameters: PRAGMA, BEGIN, schema steps. */
int db_exec(struct db *db, const char *sql, struct err *err) PW_CHECK;

/* Gives no id of this counter that is below `first`, which was above all that were taken when it was chosen. */
void db_forget_ids(struct db *db, const char *counter, int64_t first);

void stmt_cache_release(struct db *db);

/* How SQLite takes memory, before anything else is asked of it. */
void memory_settle(void);

/* Creates the schema in an empty file, or applies what is missing. */
int migrate_run(struct db *db, int from, struct err *err) PW_CHECK;

#define PW_APPLICATION_ID 0x70697065 /* "pipe" */

#endif
