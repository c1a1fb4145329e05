#include "store/feed_private.h"

#include "store/db_private.h"
#include "store/event_store.h"
#include "store/stmt_private.h"

/* The last mark at `at` or before: 1, 0, -1. */
static int find_mark(struct db *db, int64_t at, int64_t *ret_at, int64_t *ret_first, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT at, first FROM feed_mark WHERE at <= $1 ORDER BY at DESC LIMIT 1");
	int got;

	stmt_bind(&st, 1, at);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	*ret_at = stmt_int(&st);
	*ret_first = stmt_int(&st);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

/* Whatever was taken up to now is used for earlier events only. */
static int set_mark(struct db *db, int64_t at, int64_t *ret_first, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO feed_mark (at, first) VALUES ($1, $2)");
	int64_t newest;

	if (db_newest_id(db, "item", &newest, err) < 0)
		return -1;
	stmt_bind(&st, 1, at);
	*ret_first = newest + 1;
	stmt_bind(&st, 2, *ret_first);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

/* The ids at hand may be from before the mark that stands in the file by now. */
static int renew(struct db *db, int64_t at, struct err *err)
{
	int64_t last = 0, first;
	int got = find_mark(db, INT64_MAX, &last, &first, err);

	if (got < 0)
		return -1;
	if (got == 0 || at - last >= FEED_MARK_S) {
		last = at;
		if (set_mark(db, at, &first, err) < 0)
			return -1;
	}
	db_forget_ids(db, "item", first);
	db->feed_until = last + FEED_MARK_S;
	return 0;
}

int feed_new_id(struct db *db, int64_t at, int64_t *ret, struct err *err)
{
	if (at >= db->feed_until && renew(db, at, err) < 0)
		return -1;
	return db_new_id(db, "item", ret, err);
}

int event_place_of(struct db *db, int64_t at, int64_t *ret, struct err *err)
{
	int64_t begin, first = 1;
	int got = find_mark(db, at, &begin, &first, err);

	*ret = got > 0 ? first - 1 : 0;
	return err_or_none(got);
}
