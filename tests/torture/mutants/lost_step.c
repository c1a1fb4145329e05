/*
 * Seeded bug: the answer is recorded in a commit of its own, and the next step is planned in another: between them
 * a kill leaves a run that nothing moves any more.
 *
 * program: pipe-worker
 * wrap: run_step_done
 */
#include "engine/progress.h"

#include "store/db_private.h"

int __wrap_run_step_done(struct engine *e, struct traveller *t, int next, struct err *err);
int __real_run_step_done(struct engine *e, struct traveller *t, int next, struct err *err);

int __wrap_run_step_done(struct engine *e, struct traveller *t, int next, struct err *err)
{
	if (db_exec(e->db, "COMMIT; BEGIN IMMEDIATE", err) < 0)
		return -1;
	return __real_run_step_done(e, t, next, err);
}
