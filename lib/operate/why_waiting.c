#include "operate/why_private.h"

#include "base/zone.h"
#include "engine/mend.h"
#include "engine/sender.h"
#include "engine/task.h"

#include <string.h>

/* Which delay or time the step waits for, in words: "2 days", "until tue 09:00", "until 3 days before renewal". */
static void describe_wait(const struct step *st, struct buf *b)
{
	if (!delay_is_zero(&st->after))
		delay_format(&st->after, b);
	if (st->verb != VERB_WAIT)
		return;
	buf_adds(b, b->len ? " and then " : "");
	if (!st->until) {
		delay_format(&st->wait, b);
		return;
	}
	buf_adds(b, "until ");
	if (st->until->kind != UNTIL_FIELD) {
		wait_until_format(st->until, b);
		return;
	}
	if (!delay_is_zero(&st->until->date.before)) {
		delay_format(&st->until->date.before, b);
		buf_adds(b, " before ");
	}
	buf_addf(b, "the contact's %s", st->until->date.field);
}

static const char *behind_what(struct inquiry *q)
{
	const struct run *r = &q->t.run;
	int last = pipeline_step_index(q->t.pipeline, r->last_step);

	if (r->last_step == 0)
		return why_printf(q, "the run began, %s", why_moment(q, r->last_done_at));
	return why_printf(q, "step '%s' was done, %s", last == STEP_NONE ? "?" : q->t.pipeline->steps[last].name,
	                  why_moment(q, r->last_done_at));
}

/* What a delay or time counts from: only a weekday and a delay count from the completion before. */
static const char *origin(struct inquiry *q, const char *wait)
{
	const struct step *st = q->st;

	if (st->verb != VERB_WAIT || !st->until || !delay_is_zero(&st->after))
		return why_printf(q, "its delay, %s, counts from when %s", wait, behind_what(q));
	switch (st->until->kind) {
	case UNTIL_WEEKDAY:
		return why_printf(q, "it waits %s, the first one after %s", wait, behind_what(q));
	case UNTIL_DAY:
		return why_printf(q, "it waits %s of the run, which began %s", wait, why_moment(q, q->t.run.started_at));
	case UNTIL_FIELD:
		return why_printf(q, "it waits %s", wait);
	}
	BUG("until %d", (int)st->until->kind);
}

/* From what the instant was computed. Returns what comes out; 0: nobody can tell. */
static int64_t tell_delay(struct inquiry *q)
{
	BUF_AUTO wait = BUF_INIT(4096);
	bool in_days = q->st->after.days || q->st->after.business_days || q->st->verb == VERB_WAIT;
	const struct run *r = &q->t.run;
	struct err never = ERR_INIT;
	const char *missing;
	int64_t due;

	if (decide_due(q->t.pipeline, q->step, r->started_at, r->last_done_at, &q->t.contact, &q->around, &due, &missing, &never) <= 0)
		return 0;
	describe_wait(q->st, &wait);
	if (wait.len == 0)
		why_add(q, "delay", why_printf(q, "it has no delay: it is due as soon as %s", behind_what(q)), NULL);
	else
		why_add(q, "delay",
		        why_printf(q, "%s%s%s", origin(q, wait.s),
		                   in_days ? "; days are those in " : "", in_days ? zone_name(q->around.zone) : ""),
		        NULL);
	return due;
}

static const char *hours_name(const struct inquiry *q)
{
	if (q->st->hours)
		return q->st->hours;
	return q->t.pipeline->hours ? q->t.pipeline->hours : q->around.team_hours;
}

/* The hours that moved it from `due`. */
static void tell_hours(struct inquiry *q, int64_t due)
{
	why_add(q, "hours",
	        why_printf(q, "the calendar '%s' is closed %s; it opens %s", hours_name(q), why_moment(q, due),
	                   why_moment(q, q->t.run.due_at)),
	        NULL);
}

static void tell_next(struct inquiry *q)
{
	const struct run *r = &q->t.run;
	bool mail = *q->mailbox;

	why_add(q, "next",
	        why_printf(q, "next is step '%s' (%s%s%s), %s %s", q->st->name, verb_text(q->st->verb),
	                   mail ? " from mailbox " : "", mail ? q->mailbox : "", r->due_at >= q->e->now ? "due" : "due since",
	                   why_moment(q, r->due_at)),
	        NULL);
}

/* Its mail has no sender as of now. */
static void tell_sender(struct inquiry *q)
{
	struct hurdle h;

	if (q->st->verb != VERB_EMAIL || sender_of_step(&q->t, q->st, &h))
		return;
	why_add(q, "mailbox",
	        why_printf(q, "it has no mailbox to send from: %s%s", h.reason == BLOCK_MISSING ? "no " : "", h.text),
	        h.reason == BLOCK_MISSING ? mend_command(q->t.contact.email, "contact.owner", NULL, q->arena) : NULL);
}

static void tell_planned(struct inquiry *q)
{
	struct err never = ERR_INIT;
	int64_t due, open;

	tell_next(q);
	tell_sender(q);
	due = tell_delay(q);
	if (due == 0 || due == q->t.run.due_at || decide_open(q->t.pipeline, q->step, due, &q->around, &open, &never) < 0)
		return;
	if (open == q->t.run.due_at && open != due)
		tell_hours(q, due);
	else if (strcmp(q->t.run.reason, RUN_REASON_AWAIT) == 0)
		return; /* it is there, and has begun to wait */
	else if (strcmp(q->t.run.reason, "away") == 0)
		why_add(q, "away", why_printf(q, "that was %s; it waits because the contact is away: %s", why_moment(q, due),
		                              q->t.run.reason_text), NULL);
	else
		why_add(q, "moved", why_printf(q, "that was %s; it was planned anew since", why_moment(q, due)), NULL);
}

static void tell_retry(struct inquiry *q)
{
	const struct message *m = &q->message;

	if (m->id == 0 || m->state != MESSAGE_QUEUED || m->attempts == 0 || !*m->reply)
		return;
	why_add(q, "retry",
	        why_printf(q, "message %lld was tried %lld time%s and put off: %s; after 48 hours it counts as undeliverable",
	                   (long long)m->id, (long long)m->attempts, m->attempts == 1 ? "" : "s", m->reply),
	        q->t.run.due_at > q->e->now ? why_printf(q, "pipectl retry %lld", (long long)q->t.run.id) : NULL);
}

/* "400 per day, 60 per hour, 20 seconds between two" */
static void describe_limit(const struct mailbox *mb, struct buf *b)
{
	struct delay gap = { .seconds = mb->limit.gap_s };

	if (mb->limit.per_day)
		buf_addf(b, "%lld per day", (long long)mb->limit.per_day);
	if (mb->limit.per_hour)
		buf_addf(b, "%s%lld per hour", b->len ? ", " : "", (long long)mb->limit.per_hour);
	if (mb->limit.gap_s) {
		buf_adds(b, b->len ? ", " : "");
		delay_format(&gap, b);
		buf_adds(b, " between two");
	}
}

static int tell_limit(struct inquiry *q, const struct lane *l, struct err *err)
{
	const struct mailbox *mb = world_mailbox(q->t.world, l->name);
	BUF_AUTO limit = BUF_INIT(256);
	struct queue_count count;

	if (!mb)
		return 0;
	describe_limit(mb, &limit);
	if (queue_count(q->e->db, l->id, q->e->now, &count, err) < 0)
		return -1;
	if (limit.len)
		why_add(q, "limit",
		        why_printf(q, "mailbox %s sends at most %s; %lld of its mails %s due", l->name, limit.s,
		                   (long long)count.due, count.due == 1 ? "is" : "are"),
		        NULL);
	return 0;
}

/* What its mailbox is waiting for. */
static void tell_closed(struct inquiry *q, const struct lane *l)
{
	const char *flush = why_printf(q, "pipectl queue flush --mailbox %s", l->name);
	const char *until = why_moment(q, l->free_at);

	if (strcmp(l->reason, "quota") == 0)
		why_add(q, l->reason, why_printf(q, "%s; the next slot is %s", l->reason_text, until), NULL);
	else if (strcmp(l->reason, "gap") == 0)
		why_add(q, l->reason, why_printf(q, "mailbox %s pauses between two mails until %s", l->name, until), NULL);
	else if (strcmp(l->reason, "backoff") == 0)
		why_add(q, l->reason,
		        why_printf(q, "mailbox %s could not reach its server (%s); it is tried again %s", l->name, l->reason_text,
		                   until),
		        flush);
	else
		why_add(q, l->reason,
		        why_printf(q, "mailbox %s cannot send (%s: %s); it is tried again %s, and at once when that is mended",
		                   l->name, l->reason, l->reason_text, until),
		        why_printf(q, "pipe-tick --login %s", l->name));
}

/* Until when the mail may go as far as `late` is concerned. 1 with *ret, 0 for ever. */
static int late_limit(struct inquiry *q, int64_t *ret)
{
	const struct pipeline *p = q->t.pipeline;
	struct err ignored = ERR_INIT;

	if (!*q->mailbox || p->late.then == LATE_SEND)
		return 0;
	return delay_add(&p->late.max, q->t.run.due_at, q->around.zone, q->around.business, ret, &ignored) == 0;
}

static const char *late_then(const struct inquiry *q)
{
	return q->t.pipeline->late.then == LATE_SKIP ? "it is skipped" : "the run is blocked as late";
}

/* A pause makes late, and `late` decides when it is over. */
static const char *late_text(struct inquiry *q)
{
	int64_t limit;

	return late_limit(q, &limit) ? why_printf(q, "; when it goes on after %s, %s", why_moment(q, limit), late_then(q)) : "";
}

static int tell_lane(struct inquiry *q, struct err *err)
{
	struct lane l;
	int got = *q->mailbox ? lane_find(q->e->db, q->t.run.team, "mailbox", q->mailbox, q->arena, &l, err) : 0;

	if (got <= 0)
		return got;
	if (!world_mailbox(q->t.world, q->mailbox))
		why_add(q, "mailbox", why_printf(q, "there is no mailbox '%s' any more", q->mailbox), NULL);
	if (l.paused)
		why_add(q, "paused", why_printf(q, "mailbox %s is paused since %s%s", l.name, why_moment(q, l.paused_at), late_text(q)),
		        why_printf(q, "pipectl resume mailbox/%s", l.name));
	if (l.free_at > q->e->now)
		tell_closed(q, &l);
	return tell_limit(q, &l, err);
}

/* Nothing holds it, and it is due. */
static void tell_due(struct inquiry *q)
{
	int64_t limit;

	if (late_limit(q, &limit) && limit < q->e->now)
		why_add(q, "late", why_printf(q, "it could go until %s; with the next tick %s", why_moment(q, limit), late_then(q)),
		        NULL);
	else
		why_add(q, "due", q->held ? "nothing of its own holds it" : "nothing holds it: it goes with the next tick", NULL);
}

static void tell_pipeline(struct inquiry *q)
{
	const struct pipeline *p = q->t.pipeline;

	if (p->paused_at)
		why_add(q, "paused", why_printf(q, "pipeline %s is paused since %s%s", p->name, why_moment(q, p->paused_at), late_text(q)),
		        why_printf(q, "pipectl resume %s", p->name));
	if (!p->active)
		why_add(q, "draft",
		        why_printf(q, "pipeline %s is a draft (active: false): nothing goes until it is applied as active%s",
		                   p->name, late_text(q)),
		        NULL);
}

/* True when a tick has its mail, or somebody holds it: the lane does not matter then. */
static bool tell_message(struct inquiry *q)
{
	const struct message *m = &q->message;

	if (m->id && m->state == MESSAGE_HELD) {
		why_add(q, "held", why_printf(q, "message %lld is held", (long long)m->id),
		        why_printf(q, "pipectl release %lld", (long long)m->id));
		return true;
	}
	if (m->id && (m->state == MESSAGE_SENDING || m->state == MESSAGE_OFFERED)) {
		why_add(q, "sending",
		        why_printf(q, "message %lld is %s", (long long)m->id,
		                   m->state == MESSAGE_SENDING ? "in the hands of a tick" : "with the server; its answer is awaited"),
		        NULL);
		return true;
	}
	return false;
}

static const char *ahead_text(struct inquiry *q)
{
	int64_t n = q->why->run.now.ahead;

	return n > 0 ? why_printf(q, ", and %lld mail%s of it go%s before", (long long)n, n == 1 ? "" : "s", n == 1 ? "es" : "")
	             : "";
}

/* When it goes although it was due before, and what makes it so. */
static void tell_goes(struct inquiry *q)
{
	const struct run_standing *now = &q->why->run.now;
	const char *because = "the hours in which it may go";

	if (!*now->moved || now->next <= q->t.run.due_at || now->next <= q->e->now)
		return;
	if (strcmp(now->moved, "limit") == 0)
		because = why_printf(q, "the limit of mailbox %s", q->mailbox);
	else if (strcmp(now->moved, "gap") == 0)
		because = why_printf(q, "the gap that mailbox %s keeps between two", q->mailbox);
	else if (strcmp(now->moved, "hours") != 0)
		because = why_printf(q, "when mailbox %s is tried again", q->mailbox);
	why_add(q, "goes",
	        why_printf(q, "as things stand it goes %s: that is %s%s", why_moment(q, now->next), because, ahead_text(q)),
	        NULL);
}

/* A member is asked to do something first. */
static int tell_task(struct inquiry *q, struct err *err)
{
	struct task task;
	int got = q->t.run.lane == 0 ? task_awaited(q->e, &q->t, q->step, &task, err) : 0;

	if (got <= 0)
		return got;
	why_add(q, "task",
	        why_printf(q, "it waits until task %lld is done: %s%s%s%s%s", (long long)task.id, task.title,
	                   *task.assignee ? ", for " : "", task.assignee, task.due_at ? ", due " : "",
	                   task.due_at ? why_moment(q, task.due_at) : ""),
	        why_printf(q, "taskctl done %lld", (long long)task.id));
	return 1;
}

/* Nothing was said since then but which limits its mailbox has. */
static bool only_limit(const struct inquiry *q, size_t before)
{
	for (size_t i = before; i < q->why->n_facts; i++)
		if (strcmp(q->why->facts[i].code, "limit") != 0)
			return false;
	return true;
}

int why_waiting(struct inquiry *q, struct err *err)
{
	const struct run_standing *now = &q->why->run.now;
	size_t before;
	int got;

	if (!q->st) {
		why_add(q, "next", "all its steps are done: the next tick completes it", NULL);
		return 0;
	}
	tell_planned(q);
	before = q->why->n_facts;
	tell_pipeline(q);
	got = tell_task(q, err);
	if (got != 0)
		return err_or_none(got);
	if (strcmp(now->reason, block_reason_text(BLOCK_INBOX)) == 0)
		why_add(q, now->reason, why_printf(q, "it waits: %s", now->text), NULL);
	if (strcmp(now->reason, RUN_REASON_AWAIT) == 0)
		why_add(q, now->reason,
		        why_printf(q, "it waits for this: %s; if it has not come by %s, it goes on without", now->text,
		                   why_moment(q, q->t.run.due_at)),
		        NULL);
	if (tell_message(q))
		return 0;
	tell_retry(q);
	if (tell_lane(q, err) < 0)
		return -1;
	tell_goes(q);
	if (q->t.run.due_at <= q->e->now && now->next <= q->e->now && !*now->reason && only_limit(q, before))
		tell_due(q);
	return 0;
}
