#include "store/company_store.h"

#include "store/stmt_private.h"

int company_reply_insert(struct db *db, int64_t team, const char *domain, int64_t event, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO company_reply (team, domain, event) VALUES ($1, $2, $3)"
	                                " ON CONFLICT (team, domain) DO UPDATE SET event = excluded.event");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, domain);
	stmt_bind(&st, 3, event);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int company_replied(struct db *db, int64_t team, const char *domain, int64_t after, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT 1 FROM company_reply WHERE team = $1 AND domain = $2 AND event > $3");
	int got;

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, domain);
	stmt_bind(&st, 3, after);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	stmt_int(&st);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

int run_list_of_domain(struct db *db, int64_t team, int64_t pipeline, const char *domain, struct arena *a,
                       int64_t **ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT r.id FROM run r JOIN contact c ON c.id = r.contact WHERE r.pipeline = $1"
	                                " AND r.ended_at = 0 AND r.team = $2"
	                                " AND substr(c.folded, length(c.folded) - length($3)) = '@' || $3");
	size_t n = 0, cap = 0;
	int got;

	*ret = NULL;
	stmt_bind(&st, 1, pipeline);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, domain);
	while ((got = stmt_step(&st, err)) > 0) {
		ARENA_GROW(a, ret, &cap, n);
		(*ret)[n++] = stmt_int(&st);
		stmt_row_end(&st);
	}
	return got < 0 ? -1 : (int)n;
}
