#include "store/event_store.h"

#include "store/stmt_private.h"

#define COLS "id, team, contact, run, step, message, type, at, actor, source, depth, data"

static void read_row(struct stmt *st, struct arena *a, struct event *ret)
{
	ret->id = stmt_int(st);
	ret->team = stmt_int(st);
	ret->contact = stmt_int(st);
	ret->run = stmt_int(st);
	ret->step = (int)stmt_int(st);
	ret->message = stmt_int(st);
	ret->type = stmt_text(st, a);
	ret->at = stmt_int(st);
	ret->actor = stmt_text(st, a);
	ret->source = stmt_text(st, a);
	ret->depth = (int)stmt_int(st);
	ret->data = stmt_text(st, a);
	stmt_row_end(st);
}

int event_insert(struct db *db, int64_t team, struct event *ev, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO event (" COLS ")"
	                                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)");

	if (db_new_id(db, "event", &ev->id, err) < 0)
		return -1;
	ev->team = team;
	stmt_bind(&st, 1, ev->id);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, ev->contact);
	stmt_bind(&st, 4, ev->run);
	stmt_bind(&st, 5, ev->step);
	stmt_bind(&st, 6, ev->message);
	stmt_bind(&st, 7, ev->type);
	stmt_bind(&st, 8, ev->at);
	stmt_bind(&st, 9, ev->actor);
	stmt_bind(&st, 10, ev->source);
	stmt_bind(&st, 11, ev->depth);
	stmt_bind(&st, 12, ev->data);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int event_key_find(struct db *db, int64_t team, const char *key, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT event FROM event_key WHERE team = $1 AND idem_key = $2");
	int got;

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, key);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	(void)stmt_int(&st);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

int event_key_insert(struct db *db, int64_t team, const char *key, int64_t event, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO event_key (team, idem_key, event) VALUES ($1, $2, $3)");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, key);
	stmt_bind(&st, 3, event);
	return stmt_run(&st, err);
}

int event_load(struct db *db, int64_t team, int64_t id, struct arena *a, struct event *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS " FROM event WHERE id = $1 AND team = $2");
	int got;

	stmt_bind(&st, 1, id);
	stmt_bind(&st, 2, team);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	read_row(&st, a, ret);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

int event_last_at(struct db *db, int64_t team, int64_t contact, const char *type, int64_t after, int64_t *ret,
                  struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT at FROM event WHERE contact = $2 AND id > $4 AND team = $1 AND type = $3"
	                                " ORDER BY id DESC LIMIT 1");
	int got;

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, contact);
	stmt_bind(&st, 3, type);
	stmt_bind(&st, 4, after);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	*ret = stmt_int(&st);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

int event_newest(struct db *db, int64_t team, int64_t *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT id FROM event WHERE team = $1 ORDER BY id DESC LIMIT 1");
	int got;

	*ret = 0;
	stmt_bind(&st, 1, team);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	*ret = stmt_int(&st);
	return stmt_last(&st, err);
}

static int read_list(struct stmt *st, struct arena *a, struct event *ret, struct err *err)
{
	int n = 0, got;

	while ((got = stmt_step(st, err)) > 0)
		read_row(st, a, &ret[n++]);
	return got < 0 ? -1 : n;
}

int event_list(struct db *db, int64_t team, int64_t contact, int64_t after, struct arena *a, struct event *ret,
               int max, struct err *err)
{
	if (contact == 0) {
		STMT_AUTO all = stmt_prepare(db, "SELECT " COLS " FROM event WHERE id > $2 AND team = $1 ORDER BY id LIMIT $3");

		stmt_bind(&all, 1, team);
		stmt_bind(&all, 2, after);
		stmt_bind(&all, 3, max);
		return read_list(&all, a, ret, err);
	}
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS " FROM event WHERE contact = $4 AND id > $2 AND team = $1"
	                                " ORDER BY id LIMIT $3");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, after);
	stmt_bind(&st, 3, max);
	stmt_bind(&st, 4, contact);
	return read_list(&st, a, ret, err);
}

int event_list_back(struct db *db, int64_t team, int64_t before, struct arena *a, struct event *ret, int max,
                    struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS " FROM event WHERE team = $1 AND ($2 = 0 OR id < $2)"
	                                " ORDER BY id DESC LIMIT $3");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, before);
	stmt_bind(&st, 3, max);
	return read_list(&st, a, ret, err);
}
