#include "store/rate_store.h"

#include "store/stmt_private.h"

int bad_mail_insert(struct db *db, int64_t team, int64_t lane, enum bad_mail kind, int64_t at, int64_t message,
                    struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO bad_mail (lane, kind, at, message, team) VALUES ($1, $2, $3, $4, $5)"
	                                " ON CONFLICT (lane, kind, at, message) DO NOTHING");

	stmt_bind(&st, 1, lane);
	stmt_bind(&st, 2, (int)kind);
	stmt_bind(&st, 3, at);
	stmt_bind(&st, 4, message);
	stmt_bind(&st, 5, team);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

static int count(struct stmt *st, int64_t *ret, struct err *err)
{
	if (stmt_step(st, err) < 0)
		return -1;
	*ret = stmt_int(st);
	return stmt_last(st, err);
}

int bad_mail_count(struct db *db, int64_t team, int64_t lane, enum bad_mail kind, int64_t since, int64_t *ret,
                   struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT count(*) FROM bad_mail WHERE lane = $1 AND kind = $2 AND at > $3 AND team = $4");

	stmt_bind(&st, 1, lane);
	stmt_bind(&st, 2, (int)kind);
	stmt_bind(&st, 3, since);
	stmt_bind(&st, 4, team);
	return count(&st, ret, err);
}

int bad_mail_forget(struct db *db, int64_t team, int64_t lane, int64_t before, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM bad_mail WHERE lane = $1 AND at < $2 AND team = $3");

	stmt_bind(&st, 1, lane);
	stmt_bind(&st, 2, before);
	stmt_bind(&st, 3, team);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

/* The first message of whatever team at or behind an id: 1 with its id and when it was made, 0, -1. */
static int message_from(struct db *db, int64_t id, int64_t *ret_id, int64_t *ret_at, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT id, created_at FROM message WHERE id >= $1 AND team > 0 ORDER BY id LIMIT 1");
	int got;

	stmt_bind(&st, 1, id);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	*ret_id = stmt_int(&st);
	*ret_at = stmt_int(&st);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

/* Numbers are given in the order of time, so the first message since an instant is found by halving. */
static int first_since(struct db *db, int64_t since, int64_t *ret, struct err *err)
{
	int64_t low = 0, high, at, id;

	if (db_newest_id(db, "item", &high, err) < 0)
		return -1;
	while (low < high) {
		int64_t middle = low + (high - low) / 2;
		int got = message_from(db, middle, &id, &at, err);

		if (got < 0)
			return -1;
		if (got == 0 || at >= since)
			high = middle;
		else
			low = id + 1;
	}
	*ret = low;
	return 0;
}

int mail_count_since(struct db *db, int64_t team, int64_t lane, int64_t since, int64_t most, int64_t *ret,
                     struct err *err)
{
	int64_t first;

	if (first_since(db, since, &first, err) < 0)
		return -1;
	STMT_AUTO st = stmt_prepare(db, "SELECT count(*) FROM (SELECT id FROM message WHERE id >= $1 AND lane = $2 AND team = $3"
	                                " AND (state = 'sent' OR state = 'refused' OR state = 'bounced') ORDER BY id DESC LIMIT $4) m");

	stmt_bind(&st, 1, first);
	stmt_bind(&st, 2, lane);
	stmt_bind(&st, 3, team);
	stmt_bind(&st, 4, most);
	return count(&st, ret, err);
}

int lane_guard_load(struct db *db, int64_t team, int64_t lane, struct arena *a, struct lane_guard *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT counted_from, next_bounces, next_complaints, bounces_at, complaints_at, reason_text"
	                                " FROM lane_guard WHERE lane = $1 AND team = $2");
	int got;

	*ret = (struct lane_guard){ .text = "" };
	stmt_bind(&st, 1, lane);
	stmt_bind(&st, 2, team);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	ret->counted_from = stmt_int(&st);
	ret->next[BAD_BOUNCE] = stmt_int(&st);
	ret->next[BAD_COMPLAINT] = stmt_int(&st);
	ret->checked_at[BAD_BOUNCE] = stmt_int(&st);
	ret->checked_at[BAD_COMPLAINT] = stmt_int(&st);
	ret->text = stmt_text(&st, a);
	return stmt_last(&st, err) < 0 ? -1 : 0;
}

int lane_guard_save(struct db *db, int64_t team, int64_t lane, const struct lane_guard *g, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO lane_guard (lane, team, counted_from, next_bounces, next_complaints,"
	                                " bounces_at, complaints_at, reason_text) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
	                                " ON CONFLICT (lane) DO UPDATE SET counted_from = excluded.counted_from,"
	                                " next_bounces = excluded.next_bounces, next_complaints = excluded.next_complaints,"
	                                " bounces_at = excluded.bounces_at, complaints_at = excluded.complaints_at,"
	                                " reason_text = excluded.reason_text");

	stmt_bind(&st, 1, lane);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, g->counted_from);
	stmt_bind(&st, 4, g->next[BAD_BOUNCE]);
	stmt_bind(&st, 5, g->next[BAD_COMPLAINT]);
	stmt_bind(&st, 6, g->checked_at[BAD_BOUNCE]);
	stmt_bind(&st, 7, g->checked_at[BAD_COMPLAINT]);
	stmt_bind(&st, 8, g->text);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}
