#include "store/event_store.h"

#include "store/feed_private.h"
#include "store/stmt_private.h"
#include "store/word_private.h"

#include <string.h>

/*
 * Events stand in three tables (schema): who asks for events asks all three, each by what it has an order or an index
 * for. The + keeps SQLite from taking an index of the team and sorting.
 */
#define HAPPENED "id, team, contact, run, step, message, occasion, at, data, '' AS pipeline FROM happened"
#define CREATED "id, team, id, 0, 0, 0, began, created_at, '', '' FROM contact"
#define STARTED "r.id, r.team, r.contact, r.id, 0, 0, r.began, r.started_at, '', COALESCE((SELECT v.name" \
	" FROM document_version v WHERE v.document = r.pipeline AND v.version = r.version), '') FROM run r"

static int read_row(struct stmt *st, struct arena *a, struct event *ret, struct err *err)
{
	struct occasion o;
	const char *pipeline;
	int64_t occasion;

	ret->id = stmt_int(st);
	ret->team = stmt_int(st);
	ret->contact = stmt_int(st);
	ret->run = stmt_int(st);
	ret->step = (int)stmt_int(st);
	ret->message = stmt_int(st);
	occasion = stmt_int(st);
	ret->at = stmt_int(st);
	ret->data = stmt_text(st, a);
	pipeline = stmt_text(st, a);
	stmt_row_end(st);
	if (*pipeline)
		ret->data = arena_printf(a, "{\"pipeline\":\"%s\"}", pipeline);
	else if (!*ret->data)
		ret->data = "{}";
	if (occasion_load(st->db, occasion, a, &o, err) < 0)
		return -1;
	ret->type = o.type;
	ret->actor = o.actor;
	ret->source = o.source;
	ret->depth = o.depth;
	return 0;
}

int event_occasion(struct db *db, const struct event *ev, int64_t *ret, struct err *err)
{
	return occasion_number(db, &(struct occasion){ ev->type, ev->actor, ev->source, ev->depth }, ret, err);
}

int event_insert(struct db *db, int64_t team, struct event *ev, struct err *err)
{
	int64_t occasion;

	if (feed_new_id(db, ev->at, &ev->id, err) < 0 || event_occasion(db, ev, &occasion, err) < 0)
		return -1;
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO happened (id, team, contact, run, step, message, occasion, at, data)"
	                                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");

	ev->team = team;
	stmt_bind(&st, 1, ev->id);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, ev->contact);
	stmt_bind(&st, 4, ev->run);
	stmt_bind(&st, 5, ev->step);
	stmt_bind(&st, 6, ev->message);
	stmt_bind(&st, 7, occasion);
	stmt_bind(&st, 8, ev->at);
	stmt_bind(&st, 9, strcmp(ev->data, "{}") == 0 ? "" : ev->data);
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
	STMT_AUTO st = stmt_prepare(db, "SELECT " HAPPENED " WHERE id = $1 AND team = $2"
	                                " UNION ALL SELECT " CREATED " WHERE id = $1 AND team = $2 AND began > 0"
	                                " UNION ALL SELECT " STARTED " WHERE r.id = $1 AND r.team = $2 AND r.began > 0");
	int got;

	stmt_bind(&st, 1, id);
	stmt_bind(&st, 2, team);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	return read_row(&st, a, ret, err) < 0 || stmt_last(&st, err) < 0 ? -1 : 1;
}

static struct stmt prepare_last(struct db *db, const char *type)
{
	if (strcmp(type, "contact.created") == 0)
		return stmt_prepare(db, "SELECT created_at FROM contact WHERE id = $2 AND id > $4 AND team = $1 AND began > 0"
		                        " AND $3 <> ''");
	if (strcmp(type, "run.started") == 0)
		return stmt_prepare(db, "SELECT started_at FROM run WHERE contact = $2 AND id > $4 AND team = $1 AND began > 0"
		                        " AND $3 <> '' ORDER BY id DESC LIMIT 1");
	return stmt_prepare(db, "SELECT h.at FROM happened h WHERE h.contact = $2 AND h.id > $4 AND h.team = $1"
	                        " AND EXISTS (SELECT 1 FROM occasion o WHERE o.id = h.occasion AND o.type = $3)"
	                        " ORDER BY h.id DESC LIMIT 1");
}

int event_last_at(struct db *db, int64_t team, int64_t contact, const char *type, int64_t after, int64_t *ret,
                  struct err *err)
{
	STMT_AUTO st = prepare_last(db, type);
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

int event_list_of_type(struct db *db, int64_t team, int64_t contact, const char *type, int64_t after, struct arena *a,
                       struct event **ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " HAPPENED " WHERE contact = $2 AND id > $4 AND team = $1"
	                                " AND EXISTS (SELECT 1 FROM occasion o WHERE o.id = occasion AND o.type = $3) ORDER BY id");
	size_t n = 0, cap = 0;
	int got;

	*ret = NULL;
	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, contact);
	stmt_bind(&st, 3, type);
	stmt_bind(&st, 4, after);
	while ((got = stmt_step(&st, err)) > 0) {
		ARENA_GROW(a, ret, &cap, n);
		if (read_row(&st, a, &(*ret)[n++], err) < 0)
			return -1;
	}
	return got < 0 ? -1 : (int)n;
}

int event_newest(struct db *db, int64_t team, int64_t *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT COALESCE(max(id), 0) FROM"
	                                " (SELECT max(id) AS id FROM happened WHERE +team = $1"
	                                " UNION ALL SELECT max(id) FROM contact WHERE +team = $1 AND began > 0"
	                                " UNION ALL SELECT max(id) FROM run WHERE +team = $1 AND began > 0) newest");

	stmt_bind(&st, 1, team);
	if (stmt_step(&st, err) < 0)
		return -1;
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

static struct stmt prepare_list(struct db *db, int64_t contact)
{
	if (contact == 0)
		return stmt_prepare(db, "SELECT " HAPPENED " WHERE id > $2 AND +team = $1"
		                        " UNION ALL SELECT " CREATED " WHERE id > $2 AND +team = $1 AND began > 0"
		                        " UNION ALL SELECT " STARTED " WHERE r.id > $2 AND +r.team = $1 AND r.began > 0"
		                        " ORDER BY id LIMIT $3");
	return stmt_prepare(db, "SELECT " HAPPENED " WHERE contact = $4 AND id > $2 AND team = $1"
	                        " UNION ALL SELECT " CREATED " WHERE id = $4 AND id > $2 AND team = $1 AND began > 0"
	                        " UNION ALL SELECT " STARTED " WHERE r.contact = $4 AND r.id > $2 AND r.team = $1 AND r.began > 0"
	                        " ORDER BY id LIMIT $3");
}

int event_list(struct db *db, int64_t team, int64_t contact, int64_t after, struct arena *a, struct event *ret,
               int max, struct err *err)
{
	STMT_AUTO st = prepare_list(db, contact);

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, after);
	stmt_bind(&st, 3, max);
	if (contact)
		stmt_bind(&st, 4, contact);
	return read_list(&st, a, ret, err);
}

int event_list_of_contact(struct db *db, int64_t team, int64_t contact, int64_t before, struct arena *a,
                          struct event *ret, int max, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " HAPPENED " WHERE contact = $4 AND id < $2 AND team = $1"
	                                " UNION ALL SELECT " CREATED " WHERE id = $4 AND id < $2 AND team = $1 AND began > 0"
	                                " UNION ALL SELECT " STARTED " WHERE r.contact = $4 AND r.id < $2 AND r.team = $1"
	                                " AND r.began > 0 ORDER BY id DESC LIMIT $3");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, before ? before : INT64_MAX);
	stmt_bind(&st, 3, max);
	stmt_bind(&st, 4, contact);
	return read_list(&st, a, ret, err);
}

int event_list_back(struct db *db, int64_t team, int64_t before, struct arena *a, struct event *ret, int max,
                    struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " HAPPENED " WHERE +team = $1 AND id < $2"
	                                " UNION ALL SELECT " CREATED " WHERE +team = $1 AND id < $2 AND began > 0"
	                                " UNION ALL SELECT " STARTED " WHERE +r.team = $1 AND r.id < $2 AND r.began > 0"
	                                " ORDER BY id DESC LIMIT $3");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, before ? before : INT64_MAX);
	stmt_bind(&st, 3, max);
	return read_list(&st, a, ret, err);
}
