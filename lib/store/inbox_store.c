#include "store/inbox_store.h"

#include "store/stmt_private.h"

int inbox_load(struct db *db, int64_t team, const char *mailbox, const char *place, struct arena *a,
               struct inbox_place *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT validity, last_uid, stamp, read_at, failing_since, problem FROM inbox_place"
	                                " WHERE team = $1 AND mailbox = $2 AND place = $3");
	int got;

	*ret = (struct inbox_place){ .mailbox = mailbox, .place = place, .stamp = "", .problem = "" };
	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, mailbox);
	stmt_bind(&st, 3, place);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	ret->validity = stmt_int(&st);
	ret->last_uid = stmt_int(&st);
	ret->stamp = stmt_text(&st, a);
	ret->read_at = stmt_int(&st);
	ret->failing_since = stmt_int(&st);
	ret->problem = stmt_text(&st, a);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

int inbox_save(struct db *db, int64_t team, const struct inbox_place *p, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO inbox_place (team, mailbox, place, validity, last_uid, stamp, read_at,"
	                                " failing_since, problem) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
	                                " ON CONFLICT (team, mailbox, place) DO UPDATE SET validity = excluded.validity,"
	                                " last_uid = excluded.last_uid, stamp = excluded.stamp, read_at = excluded.read_at,"
	                                " failing_since = excluded.failing_since, problem = excluded.problem");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, p->mailbox);
	stmt_bind(&st, 3, p->place);
	stmt_bind(&st, 4, p->validity);
	stmt_bind(&st, 5, p->last_uid);
	stmt_bind(&st, 6, p->stamp);
	stmt_bind(&st, 7, p->read_at);
	stmt_bind(&st, 8, p->failing_since);
	stmt_bind(&st, 9, p->problem);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int inbox_seen(struct db *db, int64_t team, const char *mailbox, const char *name, int64_t *ret_at, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT at FROM inbox_mail WHERE team = $1 AND mailbox = $2 AND name = $3");
	int got;

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, mailbox);
	stmt_bind(&st, 3, name);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	*ret_at = stmt_int(&st);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

int inbox_set_seen(struct db *db, int64_t team, const char *mailbox, const char *name, int64_t now, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO inbox_mail (team, mailbox, name, at) VALUES ($1, $2, $3, $4)"
	                                " ON CONFLICT (team, mailbox, name) DO UPDATE SET at = excluded.at");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, mailbox);
	stmt_bind(&st, 3, name);
	stmt_bind(&st, 4, now);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int inbox_forget_seen(struct db *db, int64_t team, const char *mailbox, int64_t before, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM inbox_mail WHERE team = $1 AND mailbox = $2 AND at < $3");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, mailbox);
	stmt_bind(&st, 3, before);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int inbox_look(struct db *db, int64_t team, const struct inbox_places *p, struct arena *a, struct inbox_state *ret,
               struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT read_at, failing_since, problem FROM inbox_place WHERE team = $1"
	                                " AND mailbox = $2 AND (place = $3 OR place = $4)");
	int64_t oldest = INT64_MAX;
	int got;

	*ret = (struct inbox_state){ .problem = "" };
	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, p->mailbox);
	stmt_bind(&st, 3, p->place);
	stmt_bind(&st, 4, p->other ? p->other : p->place);
	while ((got = stmt_step(&st, err)) > 0) {
		int64_t read_at = stmt_int(&st), failing_since = stmt_int(&st);
		const char *problem = stmt_text(&st, a);

		if (read_at < oldest)
			oldest = ret->read_at = read_at;
		if (failing_since && !ret->failing_since) {
			ret->failing_since = failing_since;
			ret->problem = problem;
		}
	}
	return got;
}
