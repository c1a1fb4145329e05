#include "store/queue_store.h"

#include "store/stmt_private.h"

static void bind_row(struct stmt *st, const struct queue_row *q)
{
	stmt_bind(st, 1, q->lane);
	stmt_bind(st, 2, q->class);
	stmt_bind(st, 3, q->due);
	stmt_bind(st, 4, q->item);
}

int queue_insert(struct db *db, const struct queue_row *q, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO queue (lane, class, due, item) VALUES ($1, $2, $3, $4)");

	BUG_ON(q->class < 0 || q->class > CLASS_MAX);
	bind_row(&st, q);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int queue_remove(struct db *db, const struct queue_row *q, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM queue WHERE lane = $1 AND class = $2 AND due = $3 AND item = $4");

	bind_row(&st, q);
	return stmt_run(&st, err);
}

static int read_rows(struct stmt *st, struct queue_row *ret, struct err *err)
{
	int n = 0, got;

	while ((got = stmt_step(st, err)) > 0) {
		ret[n].lane = stmt_int(st);
		ret[n].class = (int)stmt_int(st);
		ret[n].due = stmt_int(st);
		ret[n++].item = stmt_int(st);
		stmt_row_end(st);
	}
	return got < 0 ? -1 : n;
}

/* Class by class, so that only what is due is looked at. */
int queue_due(struct db *db, int64_t lane, int64_t now, struct queue_row *ret, int max, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT q.lane, q.class, q.due, q.item FROM queue_class c CROSS JOIN queue q"
	                                " WHERE q.lane = $1 AND q.class = c.class AND q.due <= $2"
	                                " ORDER BY c.class, q.due, q.item LIMIT $3");

	stmt_bind(&st, 1, lane);
	stmt_bind(&st, 2, now);
	stmt_bind(&st, 3, max);
	return read_rows(&st, ret, err);
}

/* All from the first to the last of one class, of which there are n. */
static int remove_range(struct db *db, const struct queue_row *first, const struct queue_row *last, int n, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM queue WHERE lane = $1 AND class = $2 AND (due, item) >= ($3, $4)"
	                                " AND (due, item) <= ($5, $6)");
	int removed;

	bind_row(&st, first);
	stmt_bind(&st, 5, last->due);
	stmt_bind(&st, 6, last->item);
	removed = stmt_run(&st, err);
	if (removed >= 0 && removed != n)
		return err_set(err, ERR_CONFIG, "%s is damaged: the queue is out of order; bring a backup back: pipectl restore",
		               db_path(db));
	return removed < 0 ? -1 : 0;
}

int queue_take(struct db *db, int64_t lane, int64_t now, struct queue_row *ret, int max, struct err *err)
{
	int n = queue_due(db, lane, now, ret, max, err);

	for (int i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && ret[end].class == ret[i].class; end++)
			;
		if (remove_range(db, &ret[i], &ret[end - 1], end - i, err) < 0)
			return -1;
	}
	return n;
}

int queue_list(struct db *db, int64_t lane, const struct queue_row *after, struct queue_row *ret, int max,
               struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT lane, class, due, item FROM queue WHERE lane = $1"
	                                " AND (class, due, item) > ($2, $3, $4) ORDER BY class, due, item LIMIT $5");

	stmt_bind(&st, 1, lane);
	stmt_bind(&st, 2, after ? after->class : -1);
	stmt_bind(&st, 3, after ? after->due : 0);
	stmt_bind(&st, 4, after ? after->item : 0);
	stmt_bind(&st, 5, max);
	return read_rows(&st, ret, err);
}

int queue_find(struct db *db, int64_t lane, int class, int64_t item, struct queue_row *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT lane, class, due, item FROM queue WHERE lane = $1 AND class = $2"
	                                " AND item = $3 ORDER BY due LIMIT 1");

	stmt_bind(&st, 1, lane);
	stmt_bind(&st, 2, class);
	stmt_bind(&st, 3, item);
	return read_rows(&st, ret, err);
}

int queue_count(struct db *db, int64_t lane, int64_t now, struct queue_count *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT count(*), COALESCE(sum(CASE WHEN due <= $2 THEN 1 ELSE 0 END), 0),"
	                                " COALESCE(min(due), 0) FROM queue WHERE lane = $1");

	stmt_bind(&st, 1, lane);
	stmt_bind(&st, 2, now);
	if (stmt_step(&st, err) < 0)
		return -1;
	ret->waiting = stmt_int(&st);
	ret->due = stmt_int(&st);
	ret->first = stmt_int(&st);
	return stmt_last(&st, err);
}

int queue_anything_due(struct db *db, int64_t now, struct err *err)
{
	STMT_AUTO st = stmt_prepare(
		db, "SELECT 1 WHERE EXISTS (SELECT 1 FROM claim WHERE token > 0) OR EXISTS (SELECT 1 FROM lane l CROSS JOIN queue_class c"
		    " WHERE l.free_at <= $1 AND l.paused_at = 0 AND EXISTS (SELECT 1 FROM queue q WHERE q.lane = l.id"
		    " AND q.class = c.class AND q.due <= $1))");
	int got;

	stmt_bind(&st, 1, now);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	(void)stmt_int(&st);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

int queue_first_due(struct db *db, int64_t lane, int64_t *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT (SELECT q.due FROM queue q WHERE q.lane = $1 AND q.class = c.class"
	                                " ORDER BY q.due LIMIT 1) AS first FROM queue_class c WHERE EXISTS"
	                                " (SELECT 1 FROM queue q WHERE q.lane = $1 AND q.class = c.class)"
	                                " ORDER BY first LIMIT 1");
	int got;

	stmt_bind(&st, 1, lane);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	*ret = stmt_int(&st);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}
