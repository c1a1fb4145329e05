#include "store/message_store.h"

#include "store/stmt_private.h"

int claim_insert(struct db *db, int64_t team, const struct claim *d, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO claim (message, team, item, lane, class, due, token, slot_at, bytes)"
	                                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");

	stmt_bind(&st, 1, d->message);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, d->item);
	stmt_bind(&st, 4, d->lane);
	stmt_bind(&st, 5, d->class);
	stmt_bind(&st, 6, d->due);
	stmt_bind(&st, 7, d->token);
	stmt_bind(&st, 8, d->slot_at);
	stmt_bind_bytes(&st, 9, d->bytes, d->len);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int claim_remove(struct db *db, int64_t team, int64_t message, int64_t token, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM claim WHERE message = $1 AND team = $2 AND token = $3");

	stmt_bind(&st, 1, message);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, token);
	return stmt_run(&st, err);
}

int claim_set_slot(struct db *db, int64_t team, int64_t message, int64_t slot_at, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "UPDATE claim SET slot_at = $3 WHERE message = $1 AND team = $2");

	stmt_bind(&st, 1, message);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, slot_at);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int claim_set_aside(struct db *db, int64_t team, int64_t message, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "UPDATE claim SET token = 0 WHERE message = $1 AND team = $2");

	stmt_bind(&st, 1, message);
	stmt_bind(&st, 2, team);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

static void read_row(struct stmt *st, struct arena *a, struct claim *ret)
{
	ret->message = stmt_int(st);
	ret->team = stmt_int(st);
	ret->item = stmt_int(st);
	ret->lane = stmt_int(st);
	ret->class = (int)stmt_int(st);
	ret->due = stmt_int(st);
	ret->token = stmt_int(st);
	ret->slot_at = stmt_int(st);
	ret->bytes = stmt_bytes(st, a, &ret->len);
	stmt_row_end(st);
}

int claim_list(struct db *db, struct arena *a, struct claim **ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT message, team, item, lane, class, due, token, slot_at, bytes FROM claim"
	                                " WHERE token > 0 ORDER BY message");
	size_t n = 0, cap = 0;
	int got;

	*ret = NULL;
	while ((got = stmt_step(&st, err)) > 0) {
		ARENA_GROW(a, ret, &cap, n);
		read_row(&st, a, &(*ret)[n++]);
	}
	return got < 0 ? -1 : (int)n;
}

int claim_load(struct db *db, int64_t team, int64_t message, struct arena *a, struct claim *ret,
                  struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT message, team, item, lane, class, due, token, slot_at, bytes FROM claim"
	                                " WHERE message = $1 AND team = $2");
	int got;

	stmt_bind(&st, 1, message);
	stmt_bind(&st, 2, team);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	read_row(&st, a, ret);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

int attachment_load(struct db *db, int64_t team, const char *sha256, struct arena *a, const void **ret,
                    size_t *ret_len, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT data FROM attachment WHERE team = $1 AND sha256 = $2");
	int got;

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, sha256);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	*ret = stmt_bytes(&st, a, ret_len);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

int attachment_insert(struct db *db, int64_t team, const char *sha256, const void *data, size_t len,
                      struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO attachment (team, sha256, data) VALUES ($1, $2, $3)"
	                                " ON CONFLICT (team, sha256) DO NOTHING");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, sha256);
	stmt_bind_bytes(&st, 3, data, len);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}
