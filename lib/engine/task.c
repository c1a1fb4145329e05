#include "engine/task.h"

#include "base/near.h"
#include "engine/event.h"
#include "engine/message.h"
#include "store/contact_store.h"
#include "store/team_store.h"

#include <string.h>

static const char *assignee_of(const struct traveller *t, const struct task_plan *plan)
{
	const char *owner;

	if (plan->to && strcmp(plan->to, "enroller") == 0)
		return t->run.enroller;
	if (plan->to && strcmp(plan->to, "owner") != 0)
		return plan->to;
	owner = contact_get(&t->contact, "owner");
	return owner ? owner : "";
}

int task_plan(struct engine *e, struct traveller *t, const struct step *st, struct task *ret, const char **ret_problem,
              struct err *err)
{
	struct surroundings s = world_surroundings_in(t->world, t->pipeline, &t->contact);
	const struct task_plan *plan = st->task;
	struct err never = ERR_INIT;
	int got;

	*ret = (struct task){
		.contact = t->run.contact,
		.run = t->run.id,
		.step = st->number,
		.visit = t->run.visit,
		.hold = plan->hold,
		.type = plan->type,
		.assignee = assignee_of(t, plan),
		.created_at = e->now,
		.created_by = arena_printf(t->arena, "pipeline %s", t->pipeline->name),
		.done_by = "",
		.outcome = "",
	};
	got = message_render_text(e, t, plan->title, &ret->title, ret_problem, err);
	if (got <= 0 || !plan->has_due)
		return got;
	if (delay_add(&plan->due, e->now, s.zone, s.business, &ret->due_at, &never) == 0)
		return 1;
	*ret_problem = arena_strdup(t->arena, never.text);
	return 0;
}

const char *task_event_data(const struct task *task, struct arena *a)
{
	const char *id = task->id ? arena_printf(a, "%lld", (long long)task->id) : "";

	return event_data(a, "task", id, "title", task->title, "type", task_type_text(task->type), "to", task->assignee,
	                  task->cancelled ? "reason" : "outcome", task->outcome, NULL);
}

/* What happened to a task, in the feed of its contact. c: NULL when nobody has loaded it. */
static int record(struct engine *e, const char *type, const struct task *task, struct contact *c, struct arena *a,
                  struct event *ret, struct err *err)
{
	struct happening h = {
		.ev = {
			.contact = task->contact,
			.run = task->run,
			.step = task->step,
			.type = type,
			.data = task_event_data(task, a),
		},
		.contact = c,
		.arena = a,
	};

	if (event_record(e, task->team, &h, err) < 0)
		return -1;
	*ret = h.ev;
	return 0;
}

int task_create(struct engine *e, struct world *w, struct task *task, struct contact *c,
                const struct pipeline *on_created, struct arena *a, struct err *err)
{
	struct event ev;

	task->contact = c ? c->id : 0;
	task->created_at = e->now;
	task->created_by = e->actor;
	task->done_by = task->outcome = "";
	if (task_insert(e->db, world_team(w)->id, task, err) < 0 ||
	    record(e, "task.created", task, c, a, &ev, err) < 0)
		return -1;
	return on_created && c
	               ? enroll_at_event(e, w, &(struct attached){ on_created, task->created_by, &ev }, c, a, err)
	               : 0;
}

/* The pipeline that waited for it; none any more when it was deleted meanwhile. */
static int start_after(struct engine *e, struct world *w, const struct task *task, struct contact *c,
                       const struct event *ev, struct arena *a, struct err *err)
{
	const struct pipeline *p = task->on_done ? world_pipeline_by_id(w, task->on_done) : NULL;

	return p && c ? enroll_at_event(e, w, &(struct attached){ p, task->created_by, ev }, c, a, err) : 0;
}

int task_finish(struct engine *e, struct world *w, struct task *task, const char *outcome, struct arena *a,
                struct err *err)
{
	struct contact c;
	struct event ev;
	int known = 0, got;

	task->done_at = e->now;
	task->done_by = e->actor;
	task->outcome = outcome;
	got = task_set_done(e->db, task->team, task, err);
	if (got <= 0)
		return got;
	if (task->contact && (known = contact_load(e->db, task->team, task->contact, a, &c, err)) < 0)
		return -1;
	if (record(e, "task.done", task, known ? &c : NULL, a, &ev, err) < 0 ||
	    start_after(e, w, task, known ? &c : NULL, &ev, a, err) < 0)
		return -1;
	return 1;
}

int task_call_off(struct engine *e, struct traveller *t, int step, const char *reason, struct err *err)
{
	struct task *open;
	struct event ignored;
	int got, n = task_open_of_run(e->db, t->run.team, t->run.id, t->arena, &open, err);

	for (int i = 0; i < n; i++) {
		struct task *task = &open[i];

		if (task->taken || (step && task->step != step))
			continue;
		task->done_at = e->now;
		task->done_by = e->actor;
		task->outcome = reason;
		task->cancelled = true;
		got = task_set_done(e->db, task->team, task, err); /* 0: what followed from the one before has cancelled it */
		if (got < 0 ||
		    (got > 0 && record(e, "task.cancelled", task, &t->contact, t->arena, &ignored, err) < 0))
			return -1;
	}
	return err_or_none(n);
}

int task_leave(struct engine *e, struct traveller *t, struct err *err)
{
	if (strcmp(t->run.reason, RUN_REASON_TASK) != 0)
		return 0;
	return task_call_off(e, t, t->run.step, "moved", err) < 0 ? -1 : run_reload(e, t, err);
}

int task_awaited(struct engine *e, const struct traveller *t, int step, struct task *ret, struct err *err)
{
	const struct step *st = &t->pipeline->steps[step];
	int got;

	if (!step_holds(st))
		return 0;
	got = task_of_step(e->db, t->run.team, t->run.id, st->number, t->run.visit, t->arena, ret, err);
	return got <= 0 ? got : ret->done_at == 0;
}

static int no_member(const struct team *team, const char *account, struct err *err)
{
	ARENA_AUTO scratch = { 0 };
	const char **names = arena_array(&scratch, team->n_members + 1, sizeof *names), *near;

	for (size_t i = 0; i < team->n_members; i++)
		names[i] = team->members[i].account;
	near = near_match(account, names, team->n_members);
	return err_set(err, ERR_MISSING, "no member '%s' in team '%s'%s%s%s", account, team->name,
	               near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

int task_check_assignee(struct engine *e, struct world *w, const char *account, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct team_row *teams;
	enum role *roles;
	int n = team_of_account(e->db, account, &a, &teams, &roles, err);

	for (int i = 0; i < n; i++)
		if (teams[i].id == world_team(w)->id)
			return 0;
	return n < 0 ? -1 : no_member(world_team(w), account, err);
}
