#include "store/run_store.h"

#include "store/feed_private.h"
#include "store/row_private.h"

#include <string.h>

void run_read_row(struct stmt *st, struct arena *a, struct run *ret)
{
	ret->id = stmt_int(st);
	ret->team = stmt_int(st);
	ret->contact = stmt_int(st);
	ret->pipeline = stmt_int(st);
	ret->version = (int)stmt_int(st);
	if (!run_state_parse(stmt_text(st, a), &ret->status))
		BUG("run %lld has an unknown status", (long long)ret->id);
	ret->reason = stmt_text(st, a);
	ret->reason_text = stmt_text(st, a);
	ret->step = (int)stmt_int(st);
	ret->visit = (int)stmt_int(st);
	ret->due_at = stmt_int(st);
	ret->lane = stmt_int(st);
	ret->class = (int)stmt_int(st);
	ret->queued_at = ret->due_at + stmt_int(st);
	ret->started_at = stmt_int(st);
	ret->since_event = stmt_int(st);
	ret->last_step = (int)stmt_int(st);
	ret->last_done_at = ret->started_at + stmt_int(st);
	ret->steps_done = stmt_int(st);
	ret->mails_sent = stmt_int(st);
	ret->ended_at = stmt_int(st);
	ret->mailbox = stmt_text(st, a);
	ret->enroller = stmt_text(st, a);
	ret->event = ret->since_event + stmt_int(st);
	ret->held_since = stmt_int(st);
}

static void bind_row(struct stmt *st, int64_t team, const struct run *r)
{
	stmt_bind(st, 1, r->id);
	stmt_bind(st, 2, team);
	stmt_bind(st, 5, r->version);
	stmt_bind(st, 6, run_state_text(r->status));
	stmt_bind(st, 7, r->reason);
	stmt_bind(st, 8, r->reason_text);
	stmt_bind(st, 9, r->step);
	stmt_bind(st, 10, r->visit);
	stmt_bind(st, 11, r->due_at);
	stmt_bind(st, 12, r->lane);
	stmt_bind(st, 13, r->class);
	stmt_bind(st, 14, r->queued_at - r->due_at);
	stmt_bind(st, 17, r->last_step);
	stmt_bind(st, 18, r->last_done_at - r->started_at);
	stmt_bind(st, 19, r->steps_done);
	stmt_bind(st, 20, r->mails_sent);
	stmt_bind(st, 22, r->mailbox);
	stmt_bind(st, 24, r->event - r->since_event);
	stmt_bind(st, 25, r->held_since);
}

int run_insert(struct db *db, int64_t team, struct run *r, struct err *err)
{
	STMT_AUTO st = stmt_prepare(
		db, "INSERT INTO run (id, team, contact, pipeline, version, status, reason, reason_text, step, visit, due_at, lane,"
		    " class, put_off, started_at, since_event, last_step, last_done_after, steps_done, mails_sent, ended_at, mailbox,"
		    " enroller, event_ahead, held_since, began) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,"
		    " $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26) ON CONFLICT (pipeline, contact) WHERE ended_at = 0 DO NOTHING");

	if (feed_new_id(db, r->started_at, &r->id, err) < 0)
		return -1;
	r->team = team;
	bind_row(&st, team, r);
	stmt_bind(&st, 21, r->ended_at);
	stmt_bind(&st, 3, r->contact);
	stmt_bind(&st, 4, r->pipeline);
	stmt_bind(&st, 15, r->started_at);
	stmt_bind(&st, 16, r->since_event);
	stmt_bind(&st, 23, r->enroller);
	stmt_bind(&st, 26, r->began);
	return stmt_run(&st, err);
}

#define MOVED                                                                                              \
	"version = $5, status = $6, reason = $7, reason_text = $8, step = $9, visit = $10, due_at = $11, lane = $12,"  \
	" class = $13, put_off = $14, last_step = $17, last_done_after = $18, steps_done = $19, mails_sent = $20,"      \
	" mailbox = $22, event_ahead = $24, held_since = $25"

/* A run that stays open keeps its rows in run_open where they are: SQLite moves them when ended_at is named. */
int run_update(struct db *db, int64_t team, const struct run *r, struct err *err)
{
	STMT_AUTO st = r->ended_at ? stmt_prepare(db, "UPDATE run SET " MOVED ", ended_at = $21 WHERE id = $1 AND team = $2")
	                           : stmt_prepare(db, "UPDATE run SET " MOVED " WHERE id = $1 AND team = $2 AND ended_at = 0");

	bind_row(&st, team, r);
	if (r->ended_at)
		stmt_bind(&st, 21, r->ended_at);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

static int read_one(struct stmt *st, struct arena *a, struct run *ret, struct err *err)
{
	int got = stmt_step(st, err);

	if (got <= 0)
		return got;
	run_read_row(st, a, ret);
	return stmt_last(st, err) < 0 ? -1 : 1;
}

static int read_list(struct stmt *st, struct arena *a, struct run **ret, struct err *err)
{
	size_t n = 0, cap = 0;
	int got;

	*ret = NULL;
	while ((got = stmt_step(st, err)) > 0) {
		ARENA_GROW(a, ret, &cap, n);
		run_read_row(st, a, &(*ret)[n++]);
		stmt_row_end(st);
	}
	return got < 0 ? -1 : (int)n;
}

int run_load(struct db *db, int64_t team, int64_t id, struct arena *a, struct run *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " RUN_COLS " FROM run r WHERE id = $1 AND team = $2");

	stmt_bind(&st, 1, id);
	stmt_bind(&st, 2, team);
	return read_one(&st, a, ret, err);
}

int run_find_open(struct db *db, int64_t team, int64_t pipeline, int64_t contact, struct arena *a, struct run *ret,
                  struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " RUN_COLS " FROM run r WHERE pipeline = $1 AND contact = $2 AND team = $3"
	                                " AND ended_at = 0");

	stmt_bind(&st, 1, pipeline);
	stmt_bind(&st, 2, contact);
	stmt_bind(&st, 3, team);
	return read_one(&st, a, ret, err);
}

int run_list_of_contact(struct db *db, int64_t team, int64_t contact, bool open_only, struct arena *a,
                        struct run **ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " RUN_COLS " FROM run r WHERE contact = $1 AND team = $2"
	                                " AND ($3 = 0 OR ended_at = 0) ORDER BY id DESC");

	stmt_bind(&st, 1, contact);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, open_only);
	return read_list(&st, a, ret, err);
}

int run_last_start(struct db *db, int64_t team, int64_t pipeline, int64_t contact, int64_t *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT started_at FROM run WHERE contact = $1 AND team = $2 AND pipeline = $3"
	                                " ORDER BY id DESC LIMIT 1");
	int got;

	stmt_bind(&st, 1, contact);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, pipeline);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	*ret = stmt_int(&st);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

#define LISTED                                                                                                      \
	" AND ($2 = 0 OR pipeline = $2)"                                                                                \
	" AND ($4 = '' OR status = $4 OR ($9 > 0 AND ended_at = 0 AND (reason <> ''"                                    \
	" OR (due_at + put_off <= $9 AND EXISTS (SELECT 1 FROM lane l WHERE l.id = r.lane AND l.kind = 'mailbox')))))" \
	" AND ($6 = 0 OR ended_at = 0) AND id < $7 ORDER BY id DESC LIMIT $8"

/* One person's, and those blocked for one reason, have an index that leads to them; all others are looked through. */
static struct stmt prepare_list(struct db *db, const struct run_filter *f)
{
	bool blocked = f->status && strcmp(f->status, run_state_text(RUN_BLOCKED)) == 0 && f->held_at == 0;

	if (f->contact)
		return stmt_prepare(db, "SELECT " RUN_COLS " FROM run r WHERE +team = $1 AND contact = $3"
		                        " AND ($5 = '' OR reason = $5) " LISTED);
	if (blocked && f->reason)
		return stmt_prepare(db, "SELECT " RUN_COLS " FROM run r WHERE team = $1 AND status = 'blocked'"
		                        " AND reason = $5 " LISTED);
	return stmt_prepare(db, "SELECT " RUN_COLS " FROM run r WHERE team = $1 AND ($5 = '' OR reason = $5) " LISTED);
}

int run_list(struct db *db, int64_t team, const struct run_filter *f, struct arena *a, struct run **ret,
             struct err *err)
{
	STMT_AUTO st = prepare_list(db, f);

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, f->pipeline);
	if (f->contact)
		stmt_bind(&st, 3, f->contact);
	stmt_bind(&st, 4, f->status ? f->status : "");
	stmt_bind(&st, 5, f->reason ? f->reason : "");
	stmt_bind(&st, 6, f->open_only);
	stmt_bind(&st, 7, f->before ? f->before : INT64_MAX);
	stmt_bind(&st, 8, f->max);
	stmt_bind(&st, 9, f->held_at);
	return read_list(&st, a, ret, err);
}

int run_count_blocked(struct db *db, int64_t team, int64_t *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT count(*) FROM run WHERE ($1 = 0 OR team = $1) AND status = 'blocked'");

	stmt_bind(&st, 1, team);
	if (stmt_step(&st, err) < 0)
		return -1;
	*ret = stmt_int(&st);
	return stmt_last(&st, err);
}

int run_list_open(struct db *db, int64_t team, int64_t pipeline, int64_t after, int max, struct arena *a,
                  struct run **ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " RUN_COLS " FROM run r WHERE pipeline = $1 AND contact > $2 AND team = $3"
	                                " AND ended_at = 0 ORDER BY contact LIMIT $4");

	stmt_bind(&st, 1, pipeline);
	stmt_bind(&st, 2, after);
	stmt_bind(&st, 3, team);
	stmt_bind(&st, 4, max);
	return read_list(&st, a, ret, err);
}
