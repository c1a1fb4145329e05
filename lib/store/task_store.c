#include "store/task_store.h"

#include "store/stmt_private.h"

#include <string.h>

#define COLS                                                                                                        \
	"id, team, contact, run, step, visit, hold, type, title, assignee, due_at, on_done, created_at, created_by,"     \
	" done_at, done_by, outcome, cancelled, taken"

static void read_row(struct stmt *st, struct arena *a, struct task *ret)
{
	ret->id = stmt_int(st);
	ret->team = stmt_int(st);
	ret->contact = stmt_int(st);
	ret->run = stmt_int(st);
	ret->step = (int)stmt_int(st);
	ret->visit = (int)stmt_int(st);
	ret->hold = stmt_int(st) != 0;
	if (!task_type_parse(stmt_text(st, a), &ret->type))
		BUG("task %lld has an unknown type", (long long)ret->id);
	ret->title = stmt_text(st, a);
	ret->assignee = stmt_text(st, a);
	ret->due_at = stmt_int(st);
	ret->on_done = stmt_int(st);
	ret->created_at = stmt_int(st);
	ret->created_by = stmt_text(st, a);
	ret->done_at = stmt_int(st);
	ret->done_by = stmt_text(st, a);
	ret->outcome = stmt_text(st, a);
	ret->cancelled = stmt_int(st) != 0;
	ret->taken = stmt_int(st) != 0;
	stmt_row_end(st);
}

int task_insert(struct db *db, int64_t team, struct task *t, struct err *err)
{
	if (db_new_id(db, "item", &t->id, err) < 0)
		return -1;
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO task (" COLS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
	                                " $12, $13, $14, $15, $16, $17, $18, $19)");

	t->team = team;
	stmt_bind(&st, 1, t->id);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, t->contact);
	stmt_bind(&st, 4, t->run);
	stmt_bind(&st, 5, t->step);
	stmt_bind(&st, 6, t->visit);
	stmt_bind(&st, 7, t->hold);
	stmt_bind(&st, 8, task_type_text(t->type));
	stmt_bind(&st, 9, t->title);
	stmt_bind(&st, 10, t->assignee);
	stmt_bind(&st, 11, t->due_at);
	stmt_bind(&st, 12, t->on_done);
	stmt_bind(&st, 13, t->created_at);
	stmt_bind(&st, 14, t->created_by);
	stmt_bind(&st, 15, t->done_at);
	stmt_bind(&st, 16, t->done_by);
	stmt_bind(&st, 17, t->outcome);
	stmt_bind(&st, 18, t->cancelled);
	stmt_bind(&st, 19, t->taken);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

static int one(struct stmt *st, struct arena *a, struct task *ret, struct err *err)
{
	int got = stmt_step(st, err);

	if (got <= 0)
		return got;
	read_row(st, a, ret);
	return stmt_last(st, err) < 0 ? -1 : 1;
}

int task_load(struct db *db, int64_t team, int64_t id, struct arena *a, struct task *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS " FROM task WHERE id = $1 AND team = $2");

	stmt_bind(&st, 1, id);
	stmt_bind(&st, 2, team);
	return one(&st, a, ret, err);
}

int task_of_step(struct db *db, int64_t team, int64_t run, int step, int visit, struct arena *a, struct task *ret,
                 struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS " FROM task WHERE run = $1 AND run > 0 AND step = $2"
	                                " AND ($3 = 0 OR visit = $3) AND team = $4 ORDER BY visit DESC LIMIT 1");

	stmt_bind(&st, 1, run);
	stmt_bind(&st, 2, step);
	stmt_bind(&st, 3, visit);
	stmt_bind(&st, 4, team);
	return one(&st, a, ret, err);
}

int task_set_done(struct db *db, int64_t team, const struct task *t, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "UPDATE task SET done_at = $3, done_by = $4, outcome = $5, cancelled = $6"
	                                " WHERE id = $1 AND team = $2 AND done_at = 0");

	stmt_bind(&st, 1, t->id);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, t->done_at);
	stmt_bind(&st, 4, t->done_by);
	stmt_bind(&st, 5, t->outcome);
	stmt_bind(&st, 6, t->cancelled);
	return stmt_run(&st, err);
}

int task_reopen(struct db *db, const struct task *t, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "UPDATE task SET title = $3, assignee = $4, due_at = $5, type = $6, hold = $7,"
	                                " done_at = 0, done_by = '', outcome = '', cancelled = 0 WHERE id = $1 AND team = $2 AND cancelled = 1");

	stmt_bind(&st, 1, t->id);
	stmt_bind(&st, 2, t->team);
	stmt_bind(&st, 3, t->title);
	stmt_bind(&st, 4, t->assignee);
	stmt_bind(&st, 5, t->due_at);
	stmt_bind(&st, 6, task_type_text(t->type));
	stmt_bind(&st, 7, t->hold);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

/* The + keeps the index of the team's open tasks out, which may be many more than a run's. */
int task_open_of_run(struct db *db, int64_t team, int64_t run, struct arena *a, struct task **ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS " FROM task WHERE run = $1 AND run > 0 AND +team = $2 AND done_at = 0"
	                                " ORDER BY id");
	struct task *list = NULL;
	size_t n = 0, cap = 0;
	int got;

	stmt_bind(&st, 1, run);
	stmt_bind(&st, 2, team);
	while ((got = stmt_step(&st, err)) > 0) {
		ARENA_GROW(a, &list, &cap, n);
		read_row(&st, a, &list[n++]);
	}
	*ret = list;
	return got < 0 ? -1 : (int)n;
}

int task_put_off(struct db *db, int64_t team, int64_t id, int64_t due_at, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "UPDATE task SET due_at = $3, taken = 1 WHERE id = $1 AND team = $2");

	stmt_bind(&st, 1, id);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, due_at);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

#define WHOSE                                                                                      \
	" AND ($2 = 1 OR assignee = $3 OR ($4 = 1 AND assignee = '')) AND ($5 = 0 OR contact = $5)"    \
	" AND +due_at >= $6 AND +due_at < $7"

/* In the order of an index each, so that a block reads no more than itself: those that have no due instant come last. */
static struct stmt prepare_list(struct db *db, const struct task_query *q, const struct task *after)
{
	if (q->done)
		return stmt_prepare(db, "SELECT " COLS " FROM task WHERE team = $1 AND done_at > 0" WHOSE
		                        " AND (done_at, id) < ($8, $9) ORDER BY done_at DESC, id DESC LIMIT $10");
	if (after && after->due_at == 0)
		return stmt_prepare(db, "SELECT " COLS " FROM task WHERE team = $1 AND done_at = 0 AND due_at = $8 AND id > $9" WHOSE
		                        " ORDER BY id LIMIT $10");
	return stmt_prepare(db, "SELECT " COLS " FROM task WHERE team = $1 AND done_at = 0 AND due_at > 0" WHOSE
	                        " AND (due_at, id) > ($8, $9) ORDER BY due_at, id LIMIT $10");
}

/* Behind which one of its order the block begins. */
static void bind_place(struct stmt *st, bool done, const struct task *after)
{
	int64_t first = done ? INT64_MAX : 0;

	stmt_bind(st, 8, !after ? first : done ? after->done_at : after->due_at);
	stmt_bind(st, 9, after ? after->id : 0);
}

/* The next ones of one of these orders. */
static int list_some(struct db *db, int64_t team, const struct task_query *q, const struct task *after, struct arena *a,
                     struct task *ret, int max, struct err *err)
{
	STMT_AUTO st = prepare_list(db, q, after);
	bool anybody = q->assignee == NULL;
	int n = 0, got;

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, anybody);
	stmt_bind(&st, 3, anybody ? "" : q->assignee);
	stmt_bind(&st, 4, q->or_nobody);
	stmt_bind(&st, 5, q->contact);
	stmt_bind(&st, 6, q->due_from);
	stmt_bind(&st, 7, q->due_to ? q->due_to : INT64_MAX);
	bind_place(&st, q->done, after);
	stmt_bind(&st, 10, max);
	while ((got = stmt_step(&st, err)) > 0)
		read_row(&st, a, &ret[n++]);
	return got < 0 ? -1 : n;
}

int task_list(struct db *db, int64_t team, const struct task_query *q, const struct task *after, struct arena *a,
              struct task *ret, int max, struct err *err)
{
	static const struct task none_due = { 0 };
	int more, n = list_some(db, team, q, after, a, ret, max, err);

	if (n < 0 || n == max || q->done || (after && after->due_at == 0))
		return n;
	more = list_some(db, team, q, &none_due, a, ret + n, max - n, err);
	return more < 0 ? -1 : n + more;
}

int task_move(struct db *db, int64_t team, int64_t from, int64_t to, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "UPDATE task SET contact = $3 WHERE team = $1 AND contact = $2");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, from);
	stmt_bind(&st, 3, to);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int task_delete_of(struct db *db, int64_t team, int64_t contact, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM task WHERE team = $1 AND contact = $2");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, contact);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}
