#include "store/event_store.h"

#include "store/stmt_private.h"
#include "store/word_private.h"

#include <string.h>

#define COLS "id, team, contact, run, step, message, type, at, actor, source, depth, data"

static int read_word(struct stmt *st, const char **ret, struct err *err)
{
	return word_text(st->db, stmt_int(st), ret, err);
}

static int read_row(struct stmt *st, struct arena *a, struct event *ret, struct err *err)
{
	ret->id = stmt_int(st);
	ret->team = stmt_int(st);
	ret->contact = stmt_int(st);
	ret->run = stmt_int(st);
	ret->step = (int)stmt_int(st);
	ret->message = stmt_int(st);
	if (read_word(st, &ret->type, err) < 0)
		return -1;
	ret->at = stmt_int(st);
	if (read_word(st, &ret->actor, err) < 0 || read_word(st, &ret->source, err) < 0)
		return -1;
	ret->depth = (int)stmt_int(st);
	ret->data = stmt_text(st, a);
	if (!*ret->data)
		ret->data = "{}";
	stmt_row_end(st);
	return 0;
}

int event_insert(struct db *db, int64_t team, struct event *ev, struct err *err)
{
	int64_t type, actor, source;

	if (db_new_id(db, "event", &ev->id, err) < 0 || word_number(db, ev->type, &type, err) < 0 ||
	    word_number(db, ev->actor, &actor, err) < 0 || word_number(db, ev->source, &source, err) < 0)
		return -1;
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO happened (" COLS ")"
	                                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)");

	ev->team = team;
	stmt_bind(&st, 1, ev->id);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, ev->contact);
	stmt_bind(&st, 4, ev->run);
	stmt_bind(&st, 5, ev->step);
	stmt_bind(&st, 6, ev->message);
	stmt_bind(&st, 7, type);
	stmt_bind(&st, 8, ev->at);
	stmt_bind(&st, 9, actor);
	stmt_bind(&st, 10, source);
	stmt_bind(&st, 11, ev->depth);
	stmt_bind(&st, 12, strcmp(ev->data, "{}") == 0 ? "" : ev->data);
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
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS " FROM happened WHERE id = $1 AND team = $2");
	int got;

	stmt_bind(&st, 1, id);
	stmt_bind(&st, 2, team);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	return read_row(&st, a, ret, err) < 0 || stmt_last(&st, err) < 0 ? -1 : 1;
}

int event_last_at(struct db *db, int64_t team, int64_t contact, const char *type, int64_t after, int64_t *ret,
                  struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT at FROM happened WHERE contact = $2 AND id > $4 AND team = $1 AND type = $3"
	                                " ORDER BY id DESC LIMIT 1");
	int64_t number;
	int got = word_find(db, type, &number, err);

	if (got <= 0)
		return got;

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, contact);
	stmt_bind(&st, 3, number);
	stmt_bind(&st, 4, after);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	*ret = stmt_int(&st);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

int event_newest(struct db *db, int64_t team, int64_t *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT id FROM happened WHERE team = $1 ORDER BY id DESC LIMIT 1");
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
		if (read_row(st, a, &ret[n++], err) < 0)
			return -1;
	return got < 0 ? -1 : n;
}

int event_list(struct db *db, int64_t team, int64_t contact, int64_t after, struct arena *a, struct event *ret,
               int max, struct err *err)
{
	if (contact == 0) {
		STMT_AUTO all = stmt_prepare(db, "SELECT " COLS " FROM happened WHERE id > $2 AND team = $1 ORDER BY id LIMIT $3");

		stmt_bind(&all, 1, team);
		stmt_bind(&all, 2, after);
		stmt_bind(&all, 3, max);
		return read_list(&all, a, ret, err);
	}
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS " FROM happened WHERE contact = $4 AND id > $2 AND team = $1"
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
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS " FROM happened WHERE team = $1 AND ($2 = 0 OR id < $2)"
	                                " ORDER BY id DESC LIMIT $3");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, before);
	stmt_bind(&st, 3, max);
	return read_list(&st, a, ret, err);
}
