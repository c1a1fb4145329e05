#include "apply/migrate.h"

#include "author/author.h"
#include "base/clock.h"
#include "base/near.h"
#include "engine/chunk.h"
#include "engine/progress.h"
#include "engine/task.h"
#include "store/message_store.h"
#include "store/tally_store.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_AT_ONCE 1000

/* A step by its name, or by its permanent number. */
static int find_step(const struct pipeline *p, const char *word)
{
	char *end;
	long number = strtol(word, &end, 10);
	int i = pipeline_find_step(p, word);

	if (i != STEP_NONE || end == word || *end)
		return i;
	return number > 0 && number <= INT32_MAX ? pipeline_step_index(p, (int)number) : STEP_NONE;
}

/* Where the mapping sends a step; STEP_NONE: it says nothing of it. */
static int mapped(const struct migration_request *want, const struct pipeline *old, int step)
{
	for (size_t i = 0; i < want->n_maps; i++)
		if (find_step(old, want->maps[i].from) == step)
			return find_step(want->now, want->maps[i].to);
	return STEP_NONE;
}

/* Where somebody goes on who stands at a step of an older version: an index of the new one, or STEP_NONE. */
static int target(const struct migration_request *want, const struct pipeline *old, int step, enum step_fate *ret_fate)
{
	int to = step == STEP_NONE ? STEP_NONE : mapped(want, old, step);

	*ret_fate = STEP_MOVED;
	if (to != STEP_NONE)
		return to;
	*ret_fate = STEP_DELETED;
	if (step == STEP_NONE)
		return STEP_NONE;
	to = pipeline_step_index(want->now, old->steps[step].number);
	if (to != STEP_NONE) {
		*ret_fate = strcmp(old->steps[step].body, want->now->steps[to].body) == 0 ? STEP_KEPT : STEP_CHANGED;
		return to;
	}
	while (step != STEP_NONE && to == STEP_NONE) {
		step = old->steps[step].next;
		if (step != STEP_NONE)
			to = pipeline_step_index(want->now, old->steps[step].number);
	}
	return to;
}

static int no_step(const struct pipeline *p, const char *word, struct arena *a, struct err *err)
{
	const char **names = arena_array(a, p->n_steps, sizeof *names), *near;

	for (size_t i = 0; i < p->n_steps; i++)
		names[i] = p->steps[i].name;
	near = near_match(word, names, p->n_steps);
	return err_set(err, ERR_MISSING, "pipeline '%s' has no step '%s' in version %d%s%s%s", p->name, word, p->version,
	               near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* Versions in which people stand, loaded once each. */
struct old_versions {
	struct pipeline *v;
	size_t n, cap;
};

static int old_version(struct db *db, int64_t team, int64_t pipeline, int version, struct arena *a,
                       struct old_versions *known, const struct pipeline **ret, struct err *err)
{
	int got;

	for (size_t i = 0; i < known->n; i++) {
		if (known->v[i].version == version) {
			*ret = &known->v[i];
			return 0;
		}
	}
	ARENA_GROW(a, &known->v, &known->cap, known->n);
	got = pipeline_load_version(db, team, pipeline, version, a, &known->v[known->n], err);
	if (got <= 0)
		return got < 0 ? -1 : err_set(err, ERR_CONFIG, "the pipeline's version %d is not stored", version);
	*ret = &known->v[known->n++];
	return 0;
}

static int check_maps(const struct migration_request *want, const struct old_versions *known, struct arena *a,
                      struct err *err)
{
	for (size_t i = 0; i < want->n_maps; i++) {
		const struct step_mapping *m = &want->maps[i];
		bool found = known->n == 0;

		if (find_step(want->now, m->to) == STEP_NONE)
			return no_step(want->now, m->to, a, err);
		for (size_t k = 0; k < known->n && !found; k++)
			found = find_step(&known->v[k], m->from) != STEP_NONE;
		if (!found)
			return no_step(&known->v[known->n - 1], m->from, a, err);
	}
	return 0;
}

static void add_stand(const struct migration_request *want, const struct pipeline *old, const struct run_stand *s,
                      struct migration_plan *ret)
{
	struct migration_stand *stand = &ret->stands[ret->n++];
	int step = pipeline_step_index(old, s->step);
	int to;

	*stand = (struct migration_stand){ .version = s->version, .step = s->step, .people = s->runs };
	stand->name = step == STEP_NONE ? "" : old->steps[step].name;
	to = target(want, old, step, &stand->fate);
	stand->go_on = to == STEP_NONE ? NULL : want->now->steps[to].name;
	ret->people += s->runs;
}

int migrate_plan(struct db *db, int64_t team, int64_t pipeline, const struct migration_request *want, struct arena *a,
                 struct migration_plan *ret, struct err *err)
{
	struct old_versions known = { 0 };
	struct run_stand *stands;
	int n = run_stands(db, team, pipeline, a, &stands, err);

	*ret = (struct migration_plan){ 0 };
	if (n < 0)
		return -1;
	ret->stands = arena_array(a, (size_t)n, sizeof *ret->stands);
	for (int i = 0; i < n; i++) {
		const struct pipeline *old = NULL;

		if (stands[i].version == want->now->version)
			continue;
		if (old_version(db, team, pipeline, stands[i].version, a, &known, &old, err) < 0)
			return -1;
		if (!match_same(old, want->now) || want->n_maps > 0)
			add_stand(want, old, &stands[i], ret);
	}
	return check_maps(want, &known, a, err);
}

/* Is a mail of this step on its way, or may it have been sent? 1, 0, -1. */
static int in_flight(struct engine *e, const struct traveller *t, struct err *err)
{
	const struct run *r = &t->run;
	struct message m;
	int got = message_of_step(e->db, r->team, r->id, r->step, r->visit, t->arena, &m, err);

	if (got <= 0)
		return got;
	return m.state == MESSAGE_SENDING || m.state == MESSAGE_OFFERED || m.state == MESSAGE_IN_DOUBT;
}

/* Plans the step that the run goes to from the completion before it, never in the past. */
static int plan_anew(struct engine *e, struct traveller *t, int to, struct err *err)
{
	const struct step *st = &t->pipeline->steps[to];

	if (st->verb == VERB_AWAIT && t->run.step == st->number && strcmp(t->run.reason, RUN_REASON_AWAIT) == 0)
		return run_await_anew(e, t, to, err);
	if (run_unqueue(e, &t->run, err) < 0 || run_plan(e, t, to, t->run.last_done_at, err) < 0)
		return -1;
	if (t->run.status == RUN_BLOCKED || t->run.due_at >= e->now)
		return 0;
	return run_requeue(e, t, e->now, err);
}

/* t->pipeline and t->run.version are the new ones. fate: of the step that the run stands at. */
static int put(struct engine *e, struct traveller *t, int to, enum step_fate fate, struct err *err)
{
	struct run *r = &t->run;
	bool elsewhere = t->pipeline->steps[to].number != r->step;

	if (elsewhere && message_drop_of_run(e->db, r->team, r->id, e->now, err) < 0)
		return -1;
	if (r->status == RUN_BLOCKED || fate == STEP_KEPT || (!elsewhere && r->lane == 0)) {
		r->step = t->pipeline->steps[to].number;
		return run_update(e->db, r->team, r, err);
	}
	return plan_anew(e, t, to, err);
}

static int move_run(struct engine *e, const struct run *run, const struct migration_request *want, struct arena *a,
                    struct migration_count *count, struct err *err)
{
	struct traveller t;
	enum step_fate fate;
	int to, got = traveller_of_run(e, run, a, &t, err);

	if (got <= 0)
		return got;
	got = in_flight(e, &t, err);
	if (got != 0) {
		count->left += got > 0;
		return err_or_none(got);
	}
	to = target(want, t.pipeline, pipeline_step_index(t.pipeline, run->step), &fate);
	if ((to == STEP_NONE || want->now->steps[to].number != run->step) && task_leave(e, &t, err) < 0)
		return -1;
	if (!run_state_open(t.run.status))
		return 0;
	t.pipeline = want->now;
	t.run.version = want->now->version;
	if (to == STEP_NONE) {
		count->completed++;
		return run_end(e, &t, RUN_COMPLETED, "", err);
	}
	count->moved++;
	return put(e, &t, to, fate, err);
}

/* One transaction. Sets *after to the last run that it looked at; returns how many. */
static int move_some(struct engine *e, int64_t team, int64_t pipeline, struct migration_request *want, int64_t *after,
                     struct migration_count *count, struct err *err)
{
	ARENA_AUTO a = { 0 };
	int64_t until = clock_monotonic_ms() + CHUNK_MS;
	struct world *w;
	struct run *runs;
	int n, i;
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, e->db, err) < 0 || engine_refresh(e, err) < 0 || engine_world(e, team, &w, err) < 0)
		return -1;
	want->now = world_pipeline_by_id(w, pipeline);
	if (!want->now)
		return err_set(err, ERR_MISSING, "the pipeline was deleted meanwhile");
	n = run_list_open(e->db, team, pipeline, *after, ROWS_AT_ONCE, &a, &runs, err);
	for (i = 0; i < n && chunk_has_time(i, until); i++) {
		*after = runs[i].contact;
		if (runs[i].version != want->now->version && move_run(e, &runs[i], want, &a, count, err) < 0)
			return -1;
	}
	return n < 0 || txn_commit(&txn, err) < 0 ? -1 : i;
}

int migrate_people(struct engine *e, int64_t team, int64_t pipeline, const struct migration_request *want,
                   const struct watch *watch, struct migration_count *ret, struct err *err)
{
	struct migration_request here = *want;
	int64_t after = 0, seen = 0;
	int n;

	*ret = (struct migration_count){ 0 };
	do {
		n = move_some(e, team, pipeline, &here, &after, ret, err);
		if (n < 0)
			return -1;
		seen += n;
		if (watch)
			watch->progress(watch->ctx, seen);
	} while (n > 0);
	return 0;
}
