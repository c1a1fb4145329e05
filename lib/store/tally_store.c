#include "store/tally_store.h"

#include "store/grouping_private.h"

static enum run_state status_of(const char *text)
{
	enum run_state ret;

	if (!run_state_parse(text, &ret))
		BUG("a run has the unknown status '%s'", text);
	return ret;
}

int run_tallies(struct db *db, int64_t team, struct arena *a, struct run_tally **ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT pipeline, status FROM run WHERE team = $1");
	struct groups g = { .arena = a };

	stmt_bind(&st, 1, team);
	if (groups_count(&g, &st, "as", err) < 0)
		return -1;
	*ret = arena_array(a, g.n + 1, sizeof **ret);
	for (size_t i = 0; i < g.n; i++)
		(*ret)[i] = (struct run_tally){ g.list[i].a, status_of(g.list[i].s), g.list[i].rows };
	return (int)g.n;
}

int run_stands(struct db *db, int64_t team, int64_t pipeline, struct arena *a, struct run_stand **ret,
               struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT version, step FROM run WHERE pipeline = $1 AND team = $2 AND ended_at = 0");
	struct groups g = { .arena = a };

	stmt_bind(&st, 1, pipeline);
	stmt_bind(&st, 2, team);
	if (groups_count(&g, &st, "ab", err) < 0)
		return -1;
	*ret = arena_array(a, g.n + 1, sizeof **ret);
	for (size_t i = 0; i < g.n; i++)
		(*ret)[i] = (struct run_stand){ (int)g.list[i].a, (int)g.list[i].b, g.list[i].rows };
	return (int)g.n;
}

int reason_tallies(struct db *db, int64_t team, int64_t pipeline, struct arena *a, struct reason_tally **ret,
                   struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT pipeline, status, CASE WHEN ended_at = 0 AND status <> 'blocked' THEN ''"
	                                " ELSE reason END, mails_sent FROM run WHERE team = $1 AND ($2 = 0 OR pipeline = $2)");
	struct groups g = { .arena = a };

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, pipeline);
	if (groups_count(&g, &st, "ast+", err) < 0)
		return -1;
	*ret = arena_array(a, g.n + 1, sizeof **ret);
	for (size_t i = 0; i < g.n; i++) {
		const struct group *at = &g.list[i];

		(*ret)[i] = (struct reason_tally){ at->a, status_of(at->s), at->t, at->rows, at->sum };
	}
	return (int)g.n;
}

int mail_tallies(struct db *db, int64_t team, int64_t pipeline, struct arena *a, struct mail_tally **ret,
                 struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT m.step, m.state FROM run r JOIN message m ON m.run = r.id"
	                                " WHERE r.team = $1 AND r.pipeline = $2 AND m.run > 0 AND m.waits = 0"
	                                " AND m.state <> 'sending' AND m.state <> 'offered'");
	struct groups g = { .arena = a };

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, pipeline);
	if (groups_count(&g, &st, "as", err) < 0)
		return -1;
	*ret = arena_array(a, g.n + 1, sizeof **ret);
	for (size_t i = 0; i < g.n; i++) {
		(*ret)[i] = (struct mail_tally){ .step = (int)g.list[i].a, .mails = g.list[i].rows };
		if (!message_state_parse(g.list[i].s, &(*ret)[i].state))
			BUG("a message has the unknown state '%s'", g.list[i].s);
	}
	return (int)g.n;
}
