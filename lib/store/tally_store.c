#include "store/tally_store.h"

#include "store/stmt_private.h"

int run_tallies(struct db *db, int64_t team, struct arena *a, struct run_tally **ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT pipeline, status, count(*) FROM run WHERE team = $1"
	                                " GROUP BY pipeline, status ORDER BY pipeline, status");
	size_t n = 0, cap = 0;
	int got;

	*ret = NULL;
	stmt_bind(&st, 1, team);
	while ((got = stmt_step(&st, err)) > 0) {
		struct run_tally *t;

		ARENA_GROW(a, ret, &cap, n);
		t = &(*ret)[n++];
		t->pipeline = stmt_int(&st);
		if (!run_state_parse(stmt_text(&st, a), &t->status))
			BUG("a run has an unknown status");
		t->runs = stmt_int(&st);
		stmt_row_end(&st);
	}
	return got < 0 ? -1 : (int)n;
}

int reason_tallies(struct db *db, int64_t team, int64_t pipeline, struct arena *a, struct reason_tally **ret,
                   struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT pipeline, status, CASE WHEN ended_at = 0 AND status <> 'blocked' THEN ''"
	                                " ELSE reason END AS why, count(*), sum(mails_sent) FROM run WHERE team = $1"
	                                " AND ($2 = 0 OR pipeline = $2) GROUP BY pipeline, status, why"
	                                " ORDER BY pipeline, status, why");
	size_t n = 0, cap = 0;
	int got;

	*ret = NULL;
	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, pipeline);
	while ((got = stmt_step(&st, err)) > 0) {
		struct reason_tally *t;

		ARENA_GROW(a, ret, &cap, n);
		t = &(*ret)[n++];
		t->pipeline = stmt_int(&st);
		if (!run_state_parse(stmt_text(&st, a), &t->status))
			BUG("a run has an unknown status");
		t->reason = stmt_text(&st, a);
		t->runs = stmt_int(&st);
		t->mails = stmt_int(&st);
		stmt_row_end(&st);
	}
	return got < 0 ? -1 : (int)n;
}

int mail_tallies(struct db *db, int64_t team, int64_t pipeline, struct arena *a, struct mail_tally **ret,
                 struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT m.step, m.state, count(*) FROM run r JOIN message m ON m.run = r.id"
	                                " WHERE r.team = $1 AND r.pipeline = $2 AND m.run > 0 AND m.waits = 0"
	                                " AND m.state <> 'sending' AND m.state <> 'offered'"
	                                " GROUP BY m.step, m.state ORDER BY m.step, m.state");
	size_t n = 0, cap = 0;
	int got;

	*ret = NULL;
	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, pipeline);
	while ((got = stmt_step(&st, err)) > 0) {
		struct mail_tally *t;

		ARENA_GROW(a, ret, &cap, n);
		t = &(*ret)[n++];
		t->step = (int)stmt_int(&st);
		if (!message_state_parse(stmt_text(&st, a), &t->state))
			BUG("a message has an unknown state");
		t->mails = stmt_int(&st);
		stmt_row_end(&st);
	}
	return got < 0 ? -1 : (int)n;
}
