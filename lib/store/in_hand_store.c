#include "store/in_hand_store.h"

#include "store/stmt_private.h"

int in_hand_list(struct db *db, int64_t team, struct arena *a, struct in_hand **ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT id, run, step, visit, state, changed_at FROM message WHERE team = $1"
	                                " AND waits = 1 AND run > 0 AND state = 'held'"
	                                " UNION ALL SELECT m.id, m.run, m.step, m.visit, m.state, m.changed_at FROM claim k"
	                                " JOIN message m ON m.id = k.message WHERE k.team = $1 AND m.run > 0"
	                                " AND (m.state = 'sending' OR m.state = 'offered') ORDER BY run, id");
	size_t n = 0, cap = 0;
	int got;

	*ret = NULL;
	stmt_bind(&st, 1, team);
	while ((got = stmt_step(&st, err)) > 0) {
		struct in_hand *m;

		ARENA_GROW(a, ret, &cap, n);
		m = &(*ret)[n++];
		m->message = stmt_int(&st);
		m->run = stmt_int(&st);
		m->step = (int)stmt_int(&st);
		m->visit = (int)stmt_int(&st);
		if (!message_state_parse(stmt_text(&st, a), &m->state))
			BUG("message %lld has an unknown state", (long long)m->message);
		m->since = stmt_int(&st);
		stmt_row_end(&st);
	}
	return got < 0 ? -1 : (int)n;
}
