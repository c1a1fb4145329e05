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
