#include "inbox/inbox.h"

#include "engine/progress.h"
#include "store/queue_store.h"
#include "store/run_store.h"

/* One that is claimed, blocked or set aside has no place in the queue: it is left as it is. */
static int put_off(struct engine *e, struct traveller *t, int64_t until, const char *why, struct err *err)
{
	struct run *r = &t->run;
	struct queue_row q = { r->lane, r->class, r->queued_at, r->id };
	struct put_off reason = { "away", why };
	int got;

	if (r->status == RUN_BLOCKED || r->due_at >= until || !pipeline_sends(t->pipeline))
		return 0;
	got = queue_remove(e->db, &q, err);
	if (got <= 0)
		return got;
	r->lane = 0;
	return run_put_off(e, t, until, &reason, err);
}

int inbox_wait_until(struct engine *e, int64_t team, int64_t contact, int64_t until, const char *why, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct run *runs;
	int n = run_list_of_contact(e->db, team, contact, true, &a, &runs, err);

	for (int i = 0; i < n; i++) {
		struct traveller t;
		int got = traveller_of_run(e, &runs[i], &a, &t, err);

		if (got > 0)
			got = put_off(e, &t, until, why, err);
		if (got < 0)
			return -1;
	}
	return err_or_none(n);
}
