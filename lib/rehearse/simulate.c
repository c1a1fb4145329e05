#include "rehearse/simulate.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "engine/effect.h"
#include "engine/event.h"
#include "engine/sender.h"
#include "engine/task.h"
#include "format/html_text.h"
#include "model/fields.h"
#include "model/when.h"

#include <string.h>
#include <strings.h>

#define MINUTE 60
#define TEXT_MAX ((size_t)1024 * 1024)

/* A mail that went, for threads. */
struct sent {
	int step;
	const char *subject;
};

struct rehearsal {
	struct engine *e;
	struct traveller t;
	const struct simulation *how;
	int step;            /* index of what comes next */
	int64_t due, done_at;
	bool held;           /* until the task of the step is done */
	bool awaiting;       /* an `await` has begun: due is its end */
	int64_t task_due;    /* of the task that was made last; 0: it has no date */
	size_t next_event;
	bool mattered;       /* what happened last: somebody may look at it */
	struct fact *facts;
	size_t n_facts, cap_facts;
	struct sent *sent;
	size_t n_sent, cap_sent;
	bool *reached;       /* by index of a step: something was told about it */
	const char **tasks;  /* by index of a step: the title of the open task that it made */
};

static int64_t full_minute(int64_t t)
{
	return (t + MINUTE - 1) / MINUTE * MINUTE;
}

static void tell(struct rehearsal *r, enum sim_kind kind, int64_t at, const char *text, const struct rendered *mail,
                 const char *mailbox)
{
	const struct step *st = pipeline_step(r->t.pipeline, r->step);
	struct sim_line line = { .kind = kind, .at = at, .step = st, .text = text, .mail = mail, .mailbox = mailbox };

	if (st)
		r->reached[r->step] = true;
	r->how->each(&line, r->how->ctx);
}

/* What the event of a task says of it; nobody knows what will have come of it. */
static void describe_task(struct rehearsal *r, const struct sim_event *ev, struct fact *f)
{
	int i = ev->step && strcmp(ev->type, "task.done") == 0 ? pipeline_find_step(r->t.pipeline, ev->step) : STEP_NONE;
	struct fact_value *type = ARENA_NEW(r->t.arena, struct fact_value);

	if (i == STEP_NONE || r->t.pipeline->steps[i].verb != VERB_TASK)
		return;
	*type = (struct fact_value){ "type", task_type_text(r->t.pipeline->steps[i].task->type) };
	f->values = type;
	f->n_values = 1;
}

static void add_fact(struct rehearsal *r, const struct sim_event *ev)
{
	struct fact f = { .type = ev->type, .at = ev->at, .step = ev->step ? ev->step : "", .here = true };

	describe_task(r, ev, &f);
	if (f.n_values)
		r->tasks[pipeline_find_step(r->t.pipeline, ev->step)] = NULL;
	ARENA_GROW(r->t.arena, &r->facts, &r->cap_facts, r->n_facts);
	r->facts[r->n_facts++] = f;
}

static struct facts facts_now(struct rehearsal *r)
{
	return (struct facts){ .contact = &r->t.contact,
		                   .happened = r->facts,
		                   .n_happened = r->n_facts,
		                   .now = r->e->now,
		                   .zone = world_surroundings(r->t.world, &r->t.contact).zone };
}

/* Nobody has to do any more what the run has left open. */
static void call_off(struct rehearsal *r, int64_t at)
{
	int keep = r->step;

	for (size_t i = 0; i < r->t.pipeline->n_steps; i++) {
		r->step = (int)i;
		if (r->tasks[i])
			tell(r, SIM_CANCELLED, at, r->tasks[i], NULL, NULL);
	}
	r->step = keep;
}

/* An event, with the stop rules that follow it: 1 the run goes on, 0 it ended (told). */
static int happen(struct rehearsal *r, const struct sim_event *ev, bool changes)
{
	const struct change *implied = change_of_event(ev->type, &r->t.contact);
	struct facts f;
	const char *reason;

	if (implied)
		change_view(implied, &r->t.contact, r->t.arena);
	add_fact(r, ev);
	r->mattered = event_matters(r->t.world, ev->type, changes || implied);
	if (!r->mattered)
		return 1;
	f = facts_now(r);
	reason = decide_stop(r->t.pipeline, ev->type, &f);
	if (!reason)
		return 1;
	call_off(r, ev->at);
	tell(r, SIM_STOPPED, ev->at, reason, NULL, NULL);
	return 0;
}

/* What the step at hand records. */
static int happen_here(struct rehearsal *r, const char *type, bool changes)
{
	return happen(r, &(struct sim_event){ type, r->e->now, r->t.pipeline->steps[r->step].name }, changes);
}

/* 1 planned, 0 blocked (told). */
static int plan(struct rehearsal *r, int step)
{
	struct surroundings s = world_surroundings_in(r->t.world, r->t.pipeline, &r->t.contact);
	struct err never = ERR_INIT;
	const char *missing = NULL;
	int64_t open;
	int got;

	r->step = step;
	r->awaiting = false;
	r->t.run.step = step == STEP_NONE ? 0 : r->t.pipeline->steps[step].number;
	r->due = r->done_at;
	if (step == STEP_NONE)
		return 1;
	got = decide_due(r->t.pipeline, step, r->how->from, r->done_at, &r->t.contact, &s, &r->due, &missing, &never);
	if (got > 0)
		got = decide_open(r->t.pipeline, step, r->due, &s, &open, &never) < 0 ? -1 : 1;
	if (got > 0)
		r->due = open;
	else
		tell(r, SIM_BLOCKED, r->done_at,
		     got == 0 ? arena_printf(r->t.arena, "missing: contact.%s", missing) : arena_strdup(r->t.arena, never.text),
		     NULL, NULL);
	return got > 0;
}

static const char *thread_subject(struct rehearsal *r, const struct step *st, const char *own)
{
	for (size_t i = r->n_sent; st->thread && i-- > 0;) {
		const struct sent *s = &r->sent[i];

		if (strcmp(st->thread, "previous") != 0 && s->step != pipeline_find_step(r->t.pipeline, st->thread))
			continue;
		return strncasecmp(s->subject, "Re: ", 4) == 0 ? s->subject
		                                               : arena_printf(r->t.arena, "Re: %s", s->subject);
	}
	return own;
}

static const char *hurdle_text(struct rehearsal *r, const struct hurdle *h)
{
	return h->reason == BLOCK_MISSING ? arena_printf(r->t.arena, "missing: %s", h->text) : h->text;
}

/* As if somebody had set what can be set. Was there any such? */
static bool mend_view(struct rehearsal *r, const char *missing)
{
	struct arena *a = r->t.arena;
	bool mended = false;

	for (const char *at = missing; *at; at += strspn(at, ", ")) {
		size_t n = strcspn(at, ",");
		const char *name = arena_strndup(a, at, n);

		at += n;
		if (strncmp(name, "contact.", 8) != 0)
			continue;
		contact_put(&r->t.contact, a, name + 8, arena_printf(a, "[%s]", name + 8));
		mended = true;
	}
	return mended;
}

/* Renders the mail of the step: 1, 0 it blocks there (told), -1. */
static int render_mail(struct rehearsal *r, struct rendered *mail, struct err *err)
{
	const char *problem = NULL;
	int got = message_render(r->e, &r->t, r->step, mail, &problem, err);

	if (got < 0)
		return -1;
	if (got == 0)
		tell(r, SIM_BLOCKED, r->e->now, problem, NULL, NULL);
	else if (*mail->missing)
		tell(r, SIM_BLOCKED, r->e->now, arena_printf(r->t.arena, "may be missing: %s", mail->missing), mail, NULL);
	return got > 0 && !*mail->missing;
}

/* 1 sent, 0 blocked, 2 that ended the run, -1. */
static int rehearse_mail(struct rehearsal *r, struct err *err)
{
	const struct step *st = &r->t.pipeline->steps[r->step];
	struct rendered *mail = ARENA_NEW(r->t.arena, struct rendered);
	const char *mailbox;
	struct hurdle h;
	int got;

	mail->missing = "";
	mailbox = sender_of_step(&r->t, st, &h);
	if (!mailbox) {
		tell(r, SIM_BLOCKED, r->e->now, hurdle_text(r, &h), NULL, NULL);
		return 0;
	}
	got = render_mail(r, mail, err);
	if (got == 0 && r->how->mended && mend_view(r, mail->missing))
		got = render_mail(r, mail, err);
	if (got <= 0)
		return got;
	mail->subject = thread_subject(r, st, mail->subject);
	ARENA_GROW(r->t.arena, &r->sent, &r->cap_sent, r->n_sent);
	r->sent[r->n_sent++] = (struct sent){ r->step, mail->subject };
	tell(r, SIM_MAIL, r->e->now, mail->subject, mail, mailbox);
	r->t.run.mails_sent++;
	return happen_here(r, "email.sent", false) ? 1 : 2;
}

static const char *joined(struct rehearsal *r, const struct names *list)
{
	const char *text = "";

	for (size_t i = 0; i < list->n; i++)
		text = arena_printf(r->t.arena, "%s%s%s", text, i ? ", " : "", list->v[i]);
	return text;
}

static const char *assignments(struct rehearsal *r, const struct step *st)
{
	const char *text = "";

	for (size_t i = 0; i < st->n_set; i++) {
		const char *now = contact_get(&r->t.contact, st->set[i].field);

		text = arena_printf(r->t.arena, "%s%s%s = %s", text, i ? ", " : "", st->set[i].field, now ? now : "(empty)");
	}
	return text;
}

/* "Call Ada, for anna, due 2026-12-01T09:00:00Z" */
static const char *task_text(struct rehearsal *r, const struct step *st, const struct task *task)
{
	BUF_AUTO b = BUF_INIT(TEXT_MAX);

	if (!task)
		return arena_printf(r->t.arena, "done: %s", st->task->done);
	buf_adds(&b, task->title);
	if (*task->assignee)
		buf_addf(&b, ", for %s", task->assignee);
	if (task->due_at) {
		buf_adds(&b, ", due ");
		when_format_rfc3339(task->due_at, world_surroundings(r->t.world, &r->t.contact).zone, &b);
	}
	return arena_strndup(r->t.arena, b.s, b.len);
}

static const char *what_was_done(struct rehearsal *r, const struct step *st, const struct rehearsed *what)
{
	switch (st->verb) {
	case VERB_TAG:
	case VERB_UNTAG:
		return joined(r, &st->tags);
	case VERB_SET:
		return assignments(r, st);
	case VERB_NOTE:
		return what->note;
	case VERB_TASK:
		return task_text(r, st, what->task);
	case VERB_EMAIL:
	case VERB_WAIT:
	case VERB_IF:
	case VERB_AWAIT:
	case VERB_EXIT:
		break;
	}
	return "";
}

/* The task of an earlier step is done, if the way led over that step. */
static int finish_task(struct rehearsal *r, const struct step *st)
{
	int made = st->verb == VERB_TASK && st->task->done ? pipeline_find_step(r->t.pipeline, st->task->done) : STEP_NONE;

	if (made == STEP_NONE || !r->reached[made])
		return 1;
	return happen(r, &(struct sim_event){ "task.done", r->e->now, st->task->done }, false) ? 1 : 2;
}

/* As rehearse_mail(). */
static int rehearse_data(struct rehearsal *r, struct err *err)
{
	const struct step *st = &r->t.pipeline->steps[r->step];
	struct rehearsed what;
	int got = effect_rehearse(r->e, &r->t, r->step, &what, err);

	if (got < 0)
		return -1;
	r->task_due = what.task ? what.task->due_at : 0;
	if (got && what.task)
		r->tasks[r->step] = what.task->title;
	tell(r, got ? SIM_STEP : SIM_BLOCKED, r->e->now, got ? what_was_done(r, st, &what) : what.problem, NULL, NULL);
	for (size_t i = 0; i < what.n_types; i++)
		if (!happen_here(r, what.types[i], what.changes[i]))
			return 2;
	return got ? finish_task(r, st) : 0;
}

static const char *branch_text(struct rehearsal *r, const struct step *st, bool yes)
{
	BUF_AUTO b = BUF_INIT(4096);

	cond_describe(st->cond, &b);
	buf_adds(&b, yes ? ": yes" : ": no");
	return arena_strndup(r->t.arena, b.s, b.len);
}

/* What happened ends the wait of an `await`, because its condition is true now. 1 planned, 0 blocked (told), 3 it does not. */
static int end_await(struct rehearsal *r, int64_t at)
{
	const struct step *st = pipeline_step(r->t.pipeline, r->step);
	struct facts f = facts_now(r);
	int next;

	if (!r->awaiting || at >= r->due || !cond_true(st->cond, &f))
		return 3;
	next = step_branch(st, true);
	tell(r, SIM_STEP, at, branch_text(r, st, true), NULL, NULL);
	r->done_at = at;
	return plan(r, next);
}

static int pass(struct rehearsal *r, const struct decision *d)
{
	const struct step *st = &r->t.pipeline->steps[r->step];

	if (d->late)
		tell(r, SIM_SKIPPED, r->e->now, "too late", NULL, NULL);
	else if (st->verb == VERB_IF)
		tell(r, SIM_STEP, r->e->now, branch_text(r, st, d->next != st->next && d->next == st->then_first), NULL, NULL);
	else if (st->verb == VERB_AWAIT)
		tell(r, SIM_STEP, r->e->now, branch_text(r, st, !r->awaiting), NULL, NULL);
	r->done_at = r->e->now;
	return plan(r, d->next);
}

/* Who is shown all steps wants those behind a task, too: it counts as done when it is due. As rehearse_mail(). */
static int assume_done(struct rehearsal *r, int next)
{
	const struct step *st = &r->t.pipeline->steps[r->step];
	const struct sim_event done = { "task.done", r->task_due > r->e->now ? r->task_due : r->e->now, st->name };

	tell(r, SIM_OPEN, done.at, "until the task is done; what follows as if it were then", NULL, NULL);
	r->held = false;
	r->e->now = r->done_at = done.at;
	return happen(r, &done, false) ? plan(r, next) : 2;
}

static int act(struct rehearsal *r, const struct decision *d, struct err *err)
{
	const struct step *st = &r->t.pipeline->steps[r->step];
	int got = st->verb == VERB_EMAIL ? rehearse_mail(r, err) : rehearse_data(r, err);

	if (got != 1)
		return got;
	r->done_at = r->e->now;
	r->held = step_holds(st);
	if (!r->held)
		return plan(r, d->next);
	if (r->how->mended)
		return assume_done(r, d->next);
	r->due = r->how->until + MINUTE;
	return 1;
}

/* The step at the virtual clock. 1 go on, 0 over (told), 2 ended, -1. */
static int step_at(struct rehearsal *r, struct err *err)
{
	struct surroundings s = world_surroundings_in(r->t.world, r->t.pipeline, &r->t.contact);
	struct standing at = { .step = r->step, .started_at = r->how->from, .due_at = r->due, .awaiting = r->awaiting };
	struct facts f = facts_now(r);
	struct decision d;

	decide_or_block(&r->t, &at, &f, &s, &d);
	switch (d.kind) {
	case DECIDE_WAIT:
		r->due = d.until;
		r->awaiting |= strcmp(d.why, RUN_REASON_AWAIT) == 0;
		return 1;
	case DECIDE_ACT:
		return act(r, &d, err);
	case DECIDE_PASS:
		return pass(r, &d);
	case DECIDE_BLOCK:
		tell(r, SIM_BLOCKED, r->e->now, d.text, NULL, NULL);
		return 0;
	case DECIDE_COMPLETE:
		tell(r, SIM_COMPLETED, r->e->now, d.text, NULL, NULL);
		return 2;
	}
	return -1;
}

/* It waits for the task of its step, and that is done. */
static bool releases(const struct rehearsal *r, const struct sim_event *ev)
{
	return r->held && strcmp(ev->type, "task.done") == 0 &&
	       ev->step && strcmp(ev->step, r->t.pipeline->steps[r->step].name) == 0;
}

static int release(struct rehearsal *r, int64_t at)
{
	r->held = false;
	r->done_at = at;
	return plan(r, r->t.pipeline->steps[r->step].next);
}

/* Assumed events up to an instant. 1 the run goes on as it was, 3 it is planned anew, 0 blocked (told), 2 ended. */
static int pass_events(struct rehearsal *r, int64_t until)
{
	while (r->next_event < r->how->n_events && r->how->events[r->next_event].at <= until) {
		const struct sim_event *ev = &r->how->events[r->next_event++];
		int keep = r->step, ended;

		r->e->now = ev->at;
		r->step = STEP_NONE;
		tell(r, SIM_EVENT, ev->at, ev->step ? arena_printf(r->t.arena, "%s: %s", ev->type, ev->step) : ev->type, NULL, NULL);
		if (!happen(r, ev, false))
			return 2;
		r->step = keep;
		if (releases(r, ev))
			return release(r, ev->at) ? 3 : 0;
		ended = r->mattered ? end_await(r, ev->at) : 3;
		if (ended != 3)
			return ended ? 3 : 0;
	}
	return 1;
}

/* What the check at entry finds is told at once; no mail goes out then. 1 nothing, 0 told, -1. */
static int enter(struct rehearsal *r, struct err *err)
{
	const char *missing;

	if (message_missing_at_entry(r->e, &r->t, &missing, err) < 0)
		return -1;
	if (!*missing)
		return 1;
	r->step = pipeline_first(r->t.pipeline);
	tell(r, SIM_BLOCKED, r->e->now, arena_printf(r->t.arena, "missing: %s", missing), NULL, NULL);
	if (r->how->mended)
		mend_view(r, missing);
	return r->how->mended;
}

static int run(struct rehearsal *r, struct err *err)
{
	int got = enter(r, err);

	if (got > 0)
		got = plan(r, pipeline_first(r->t.pipeline));

	while (got == 1 || got == 3) {
		int64_t tick = full_minute(r->due > r->done_at ? r->due : r->done_at);

		got = pass_events(r, tick < r->how->until ? tick : r->how->until);
		if (got != 1)
			continue;
		if (tick > r->how->until) {
			tell(r, SIM_OPEN, r->held ? 0 : r->due, r->held ? "until the task is done" : "", NULL, NULL);
			return 0;
		}
		r->e->now = tick;
		got = step_at(r, err);
	}
	/* What is blocked can still be ended. */
	if (got == 0)
		got = pass_events(r, r->how->until);
	return got == 2 ? 1 : got < 0 ? -1 : 0;
}

/* Mails on ways that were not taken, with the contact as it is at entry: what it lacks for them can be told before. */
static int tell_maybe(struct rehearsal *r, const struct traveller *entry, struct err *err)
{
	struct traveller t = *entry;
	const char *missing;

	for (size_t i = 0; i < t.pipeline->n_steps; i++) {
		if (r->reached[i])
			continue;
		if (message_may_miss(r->e, &t, (int)i, &missing, err) < 0)
			return -1;
		r->step = (int)i;
		if (*missing)
			tell(r, SIM_MAYBE, 0, arena_printf(t.arena, "may be missing: %s", missing), NULL, NULL);
	}
	return 0;
}

int simulate(struct engine *e, struct world *w, const struct pipeline *p, const struct contact *c,
             const struct simulation *how, struct arena *a, struct err *err)
{
	struct rehearsal r = { .e = e, .how = how, .done_at = how->from };
	const char *mailbox = sender_of_pipeline(w, p, c, how->enroller);
	struct traveller entry;
	int64_t now = e->now;
	int got;

	r.t = (struct traveller){ .world = w, .pipeline = p, .contact = *c, .arena = a };
	contact_unshare(&r.t.contact, a);
	r.t.run = (struct run){ .team = c->team, .contact = c->id, .pipeline = p->id, .reason = "", .reason_text = "",
		                    .visit = 1, .started_at = how->from, .last_done_at = how->from,
		                    .enroller = how->enroller, .mailbox = mailbox ? mailbox : "" };
	r.reached = arena_array(a, p->n_steps + 1, sizeof *r.reached);
	r.tasks = arena_array(a, p->n_steps + 1, sizeof *r.tasks);
	entry = r.t;
	entry.contact = *c;
	e->now = how->from;
	got = run(&r, err);
	if (got >= 0 && tell_maybe(&r, &entry, err) < 0)
		got = -1;
	e->now = now;
	return got;
}

const char *sim_word(const struct sim_line *l)
{
	switch (l->kind) {
	case SIM_STEP:
		return verb_text(l->step->verb);
	case SIM_MAIL:
		return "email";
	case SIM_SKIPPED:
		return "skipped";
	case SIM_EVENT:
		return "event";
	case SIM_BLOCKED:
	case SIM_MAYBE:
		return "blocked";
	case SIM_COMPLETED:
		return "completed";
	case SIM_CANCELLED:
		return "cancelled";
	case SIM_STOPPED:
		return "stopped";
	case SIM_OPEN:
		return "waits";
	}
	BUG("line %d", (int)l->kind);
}

void sim_write_mail(const struct sim_line *l, const char *to, const char *when, struct buf *out)
{
	const struct rendered *mail = l->mail;
	BUF_AUTO text = BUF_INIT(TEXT_MAX);

	buf_addf(out, "\n%s to %s, %s\nSubject: ", l->step->name, to, when);
	utf8_safe(out, mail->subject, strlen(mail->subject), false);
	buf_adds(out, "\n\n");
	buf_adds(&text, mail->text);
	if (!*mail->text)
		html_text(&text, mail->html, strlen(mail->html));
	utf8_safe(out, text.s, text.len, true);
	if (out->s[out->len - 1] != '\n')
		buf_addc(out, '\n');
}
