#include "engine/progress.h"

#include "base/buf.h"
#include "engine/effect.h"
#include "engine/enroll.h"
#include "engine/event.h"
#include "engine/facts.h"
#include "engine/sender.h"
#include "engine/task.h"
#include "store/contact_store.h"
#include "store/entry_store.h"
#include "store/message_store.h"
#include "store/queue_store.h"

#include <string.h>

int traveller_of_rows(struct engine *e, const struct run *run, const struct contact *c, struct arena *a,
                      struct traveller *ret, struct err *err)
{
	*ret = (struct traveller){ .run = *run, .contact = *c, .arena = a };
	if (engine_world(e, run->team, &ret->world, err) < 0)
		return -1;
	return world_pipeline_version(ret->world, e->db, run->pipeline, run->version, &ret->pipeline, err);
}

int traveller_of_run(struct engine *e, const struct run *run, struct arena *a, struct traveller *ret, struct err *err)
{
	struct contact c;
	int got = contact_load(e->db, run->team, run->contact, a, &c, err);

	return got <= 0 ? got : traveller_of_rows(e, run, &c, a, ret, err);
}

bool run_waits_for(const struct run *r, const struct message *m)
{
	return r->step == m->step && r->visit == m->visit;
}

int traveller_of_message(struct engine *e, const struct message *m, struct arena *a, struct traveller *ret, struct err *err)
{
	int got = m->run ? traveller_load(e, m->team, m->run, a, ret, err) : 0;

	return got <= 0 ? got : run_state_open(ret->run.status) && run_waits_for(&ret->run, m);
}

int traveller_load(struct engine *e, int64_t team, int64_t run, struct arena *a, struct traveller *ret,
                   struct err *err)
{
	struct run row;
	int got = run_load(e->db, team, run, a, &row, err);

	return got <= 0 ? got : traveller_of_run(e, &row, a, ret, err);
}

int run_unqueue(struct engine *e, struct run *r, struct err *err)
{
	struct queue_row q = { r->lane, r->class, r->queued_at, r->id };

	if (r->lane == 0)
		return 0;
	r->lane = 0;
	return err_or_none(queue_remove(e->db, &q, err));
}

int run_lane(struct engine *e, const struct traveller *t, int step, int64_t *ret_lane, int *ret_class, struct err *err)
{
	const struct step *st = pipeline_step(t->pipeline, step);
	const char *mailbox;
	struct hurdle ignored; /* a mail without a sender is queued as a step without mail, and blocks when it comes up */

	mailbox = st && st->verb == VERB_EMAIL ? sender_of_step(t, st, &ignored) : NULL;
	if (!mailbox) {
		*ret_class = CLASS_LOCAL;
		return engine_lane(e, t->run.team, "local", "", ret_lane, err);
	}
	*ret_class = 2 * t->pipeline->priority - (t->run.mails_sent > 0 ? 1 : 0);
	return engine_lane(e, t->run.team, "mailbox", mailbox, ret_lane, err);
}

/* The run's place in the queue, in its row alone. */
static int take_place(struct engine *e, struct traveller *t, int step, int64_t at, struct err *err)
{
	t->run.queued_at = at;
	return run_lane(e, t, step, &t->run.lane, &t->run.class, err);
}

static int queue_up(struct engine *e, const struct run *r, struct err *err)
{
	return queue_insert(e->db, &(struct queue_row){ r->lane, r->class, r->queued_at, r->id }, err);
}

/* Queues the run for an instant without touching what was planned. */
static int enqueue(struct engine *e, struct traveller *t, int step, int64_t at, struct err *err)
{
	if (run_unqueue(e, &t->run, err) < 0 || take_place(e, t, step, at, err) < 0 || queue_up(e, &t->run, err) < 0)
		return -1;
	return run_update(e->db, t->run.team, &t->run, err);
}

int run_put_off(struct engine *e, struct traveller *t, int64_t until, const struct put_off *why, struct err *err)
{
	struct run *r = &t->run;

	if (strcmp(r->reason, why->reason) != 0)
		r->held_since = e->now;
	r->reason = why->reason;
	r->reason_text = why->text;
	return run_requeue(e, t, until, err);
}

int run_queue_at(struct engine *e, struct traveller *t, int64_t at, struct err *err)
{
	return enqueue(e, t, pipeline_step_index(t->pipeline, t->run.step), at, err);
}

int run_requeue(struct engine *e, struct traveller *t, int64_t due, struct err *err)
{
	t->run.due_at = due;
	return run_queue_at(e, t, due, err);
}

static bool stopped_by(const struct traveller *t, const struct err *why, struct hurdle *ret)
{
	*ret = (struct hurdle){ BLOCK_TEMPLATE, arena_strdup(t->arena, why->text) };
	return false;
}

/* Step, visit and due instant, in the run's row alone. False: *ret stands in the way. */
static bool take_step(struct traveller *t, int step, int64_t from, struct hurdle *ret)
{
	struct surroundings s = world_surroundings_in(t->world, t->pipeline, &t->contact);
	struct run *r = &t->run;
	struct err why = ERR_INIT;
	const char *missing = NULL;
	int64_t due, open;
	int got;

	r->step = t->pipeline->steps[step].number;
	r->reason = r->reason_text = "";
	r->held_since = 0;
	if (r->visit == 0)
		r->visit = 1;
	got = decide_due(t->pipeline, step, r->started_at, from, &t->contact, &s, &due, &missing, &why);
	if (got < 0)
		return stopped_by(t, &why, ret);
	if (got == 0) {
		*ret = (struct hurdle){ BLOCK_MISSING, arena_printf(t->arena, "contact.%s", missing) };
		return false;
	}
	r->due_at = due;
	if (decide_open(t->pipeline, step, due, &s, &open, &why) < 0)
		return stopped_by(t, &why, ret);
	if (open == due)
		return true;
	r->due_at = open;
	r->reason = "hours";
	r->held_since = due;
	return true;
}

int run_begin(struct engine *e, struct traveller *t, struct hurdle *ret, struct err *err)
{
	int step = pipeline_first(t->pipeline), got;
	struct run *r = &t->run;

	*ret = (struct hurdle){ 0 };
	got = take_step(t, step, r->started_at, ret);
	if (got > 0)
		got = take_place(e, t, step, r->due_at, err);
	if (got >= 0)
		got = run_insert(e->db, r->team, r, err);
	if (got > 0 && r->lane)
		got = queue_up(e, r, err) < 0 ? -1 : 1;
	return got;
}

int run_plan(struct engine *e, struct traveller *t, int step, int64_t from, struct err *err)
{
	struct hurdle h;

	if (step == STEP_NONE) {
		t->run.step = 0;
		t->run.due_at = from;
		return 0;
	}
	if (!take_step(t, step, from, &h))
		return run_block(e, t, h.reason, h.text, err);
	return enqueue(e, t, step, t->run.due_at, err);
}

/* Records an event about the run itself. */
static int record(struct engine *e, struct traveller *t, const char *type, const char *reason, const char *text,
                  struct err *err)
{
	struct happening h = {
		.ev = {
			.contact = t->run.contact,
			.run = t->run.id,
			.step = t->run.step,
			.type = type,
			.data = event_data(t->arena, "pipeline", t->pipeline->name, "reason", reason, "text", text, NULL),
		},
		.contact = &t->contact,
		.arena = t->arena,
	};

	return err_or_none(event_record(e, t->run.team, &h, err));
}

int run_block(struct engine *e, struct traveller *t, enum block_reason reason, const char *text, struct err *err)
{
	struct run *r = &t->run;

	if (run_unqueue(e, r, err) < 0)
		return -1;
	r->status = RUN_BLOCKED;
	r->reason = block_reason_text(reason);
	r->reason_text = arena_strdup(t->arena, text);
	r->held_since = e->now;
	if (run_update(e->db, r->team, r, err) < 0)
		return -1;
	return record(e, t, "run.blocked", r->reason, r->reason_text, err);
}

int run_end(struct engine *e, struct traveller *t, enum run_state how, const char *reason, struct err *err)
{
	struct run *r = &t->run;

	if (run_unqueue(e, r, err) < 0 || message_drop_of_run(e->db, r->team, r->id, e->now, err) < 0)
		return -1;
	r->status = how;
	r->reason = arena_strdup(t->arena, reason);
	r->reason_text = "";
	r->held_since = 0;
	r->ended_at = e->now;
	if (run_update(e->db, r->team, r, err) < 0 ||
	    (how == RUN_STOPPED && task_call_off(e, t, 0, r->reason, err) < 0) ||
	    record(e, t, how == RUN_COMPLETED ? "run.completed" : "run.stopped", reason, "", err) < 0)
		return -1;
	return enroll_next_waiting(e, t->world, r, err);
}

int run_end_by_hand(struct engine *e, struct traveller *t, struct err *err)
{
	const struct run *r = &t->run;

	if (entry_remove(e->db, r->team, r->pipeline, r->contact, err) < 0)
		return -1;
	return run_end(e, t, RUN_STOPPED, "manual", err);
}

int run_retry(struct engine *e, struct traveller *t, struct err *err)
{
	struct run *r = &t->run;
	int step = pipeline_step_index(t->pipeline, r->step);
	const struct step *st = pipeline_step(t->pipeline, step);

	BUG_ON(r->status != RUN_BLOCKED);
	r->status = r->steps_done > 0 ? RUN_RUNNING : RUN_PENDING;
	r->reason = r->reason_text = "";
	r->held_since = 0;
	if (st && st->verb == VERB_WAIT)
		return run_plan(e, t, step, r->last_done_at, err);
	return run_requeue(e, t, r->due_at > e->now ? r->due_at : e->now, err);
}

int run_reload(struct engine *e, struct traveller *t, struct err *err)
{
	return err_or_none(run_load(e->db, t->run.team, t->run.id, t->arena, &t->run, err));
}

/* The step that was next has been executed, and a tick goes on behind it. */
static int run_pass(struct engine *e, struct traveller *t, int next, struct err *err)
{
	struct run *r = &t->run;

	r->last_step = r->step;
	r->last_done_at = e->now;
	r->steps_done++;
	r->status = RUN_RUNNING;
	if (run_unqueue(e, r, err) < 0)
		return -1;
	return run_plan(e, t, next, e->now, err);
}

int run_pass_on(struct engine *e, struct traveller *t, int next, struct err *err)
{
	if (run_pass(e, t, next, err) < 0)
		return -1;
	return next == STEP_NONE ? run_requeue(e, t, e->now, err) : 0;
}

/* Executes a data step. 1 go on, 0 the run is not where it was, -1. */
static int act(struct engine *e, struct traveller *t, const struct decision *d, struct err *err)
{
	const char *problem = NULL;
	int done = effect_execute(e, t, d->step, &problem, err);

	if (done < 0)
		return -1;
	if (done == 0)
		return run_block(e, t, BLOCK_TEMPLATE, problem, err);
	return run_reload(e, t, err) < 0 ? -1 : run_state_active(t->run.status);
}

void decide_or_block(const struct traveller *t, const struct standing *at, const struct facts *f,
                     const struct surroundings *s, struct decision *ret)
{
	struct err why = ERR_INIT;

	if (decide(t->pipeline, at, f, s, ret, &why) == 0)
		return;
	ret->kind = DECIDE_BLOCK;
	ret->block = BLOCK_TEMPLATE;
	ret->text = arena_strdup(t->arena, why.text);
}

int run_decide(struct engine *e, const struct traveller *t, struct decision *ret, struct err *err)
{
	struct surroundings s = world_surroundings_in(t->world, t->pipeline, &t->contact);
	struct standing at = {
		.step = pipeline_step_index(t->pipeline, t->run.step),
		.started_at = t->run.started_at,
		.due_at = t->run.due_at,
		.awaiting = strcmp(t->run.reason, RUN_REASON_AWAIT) == 0,
	};
	const struct step *st = pipeline_step(t->pipeline, at.step);
	struct facts f;

	if (traveller_facts(e, t, st ? st->cond : NULL, &f, err) < 0)
		return -1;
	decide_or_block(t, &at, &f, &s, ret);
	return 0;
}

/* A mail goes to its mailbox's lane, as planned. */
static int hand_over(struct engine *e, struct traveller *t, int step, struct err *err)
{
	struct hurdle h;

	if (!sender_of_step(t, &t->pipeline->steps[step], &h))
		return run_block(e, t, h.reason, h.text, err);
	return enqueue(e, t, step, t->run.due_at, err);
}

static const char *awaited(const struct traveller *t, int step)
{
	BUF_AUTO b = BUF_INIT(4096);

	cond_describe(t->pipeline->steps[step].cond, &b);
	return arena_strndup(t->arena, b.s, b.len);
}

static int wait(struct engine *e, struct traveller *t, const struct decision *d, struct err *err)
{
	if (strcmp(d->why, "hours") == 0)
		return run_put_off(e, t, d->until, &(struct put_off){ d->why, "" }, err);
	if (strcmp(d->why, RUN_REASON_AWAIT) == 0)
		return run_put_off(e, t, d->until, &(struct put_off){ d->why, awaited(t, d->step) }, err);
	return run_requeue(e, t, d->until, err);
}

/* Out of the queue until the task is done: that event wakes it. */
static int rest(struct engine *e, struct traveller *t, const struct task *task, struct err *err)
{
	struct run *r = &t->run;
	bool owned = *task->assignee;

	r->reason = RUN_REASON_TASK;
	r->reason_text = arena_printf(t->arena, "task %lld%s%s: %s", (long long)task->id, owned ? " of " : "", task->assignee,
	                              task->title);
	r->held_since = task->created_at;
	return run_unqueue(e, r, err) < 0 ? -1 : run_update(e->db, r->team, r, err);
}

/* Behind a data step: 1 go on, 0 the run stays there until its task is done, -1. */
static int leave(struct engine *e, struct traveller *t, const struct decision *d, struct err *err)
{
	struct task task;
	int got = task_awaited(e, t, d->step, &task, err);

	if (got > 0)
		return rest(e, t, &task, err);
	return got < 0 || run_pass(e, t, d->next, err) < 0 ? -1 : 1;
}

int run_execute(struct engine *e, struct traveller *t, struct err *err)
{
	struct decision d;
	int go = 1;

	while (go > 0) {
		if (!run_state_active(t->run.status))
			return 0;
		if (run_decide(e, t, &d, err) < 0)
			return -1;
		switch (d.kind) {
		case DECIDE_WAIT:
			return wait(e, t, &d, err);
		case DECIDE_BLOCK:
			return run_block(e, t, d.block, d.text, err);
		case DECIDE_COMPLETE:
			if (d.step != STEP_NONE) {
				t->run.last_step = t->run.step;
				t->run.steps_done++;
				t->run.last_done_at = e->now;
			}
			return run_end(e, t, RUN_COMPLETED, d.text, err);
		case DECIDE_PASS:
			go = run_pass(e, t, d.next, err) < 0 ? -1 : 1;
			break;
		case DECIDE_ACT:
			if (t->pipeline->steps[d.step].verb == VERB_EMAIL)
				return hand_over(e, t, d.step, err);
			go = act(e, t, &d, err);
			if (go > 0)
				go = leave(e, t, &d, err);
			break;
		}
	}
	return go;
}

/* At its end or behind it nothing counts any more, whenever the tick comes. */
int run_await(struct engine *e, struct traveller *t, struct err *err)
{
	const struct step *st = pipeline_step_of(t->pipeline, t->run.step);
	struct facts f;

	/* Its reason is cleared as soon as it stands elsewhere. */
	if (!st || strcmp(t->run.reason, RUN_REASON_AWAIT) != 0 || e->now >= t->run.due_at)
		return 0;
	if (traveller_facts(e, t, st->cond, &f, err) < 0)
		return -1;
	if (!cond_true(st->cond, &f))
		return 0;
	return run_pass_on(e, t, step_branch(st, true), err) < 0 ? -1 : 1;
}

int run_await_anew(struct engine *e, struct traveller *t, int step, struct err *err)
{
	const struct surroundings s = world_surroundings_in(t->world, t->pipeline, &t->contact);
	const struct step *st = &t->pipeline->steps[step];
	struct run *r = &t->run;
	struct err why = ERR_INIT;
	int64_t over;

	if (delay_add(&st->within, r->held_since, s.zone, s.business, &over, &why) < 0)
		return run_block(e, t, BLOCK_TEMPLATE, arena_strdup(t->arena, why.text), err);
	r->reason_text = awaited(t, step);
	if (run_requeue(e, t, over > e->now ? over : e->now, err) < 0)
		return -1;
	return err_or_none(run_await(e, t, err));
}

int run_step_done(struct engine *e, struct traveller *t, int next, struct err *err)
{
	if (run_pass(e, t, next, err) < 0)
		return -1;
	if (t->run.step != 0 && t->run.due_at > e->now)
		return 0;
	return run_execute(e, t, err);
}
