#include "model/decide.h"

#include "model/calendar.h"

#include <string.h>

int decide_due(const struct pipeline *p, int step, int64_t started_at, int64_t from, const struct contact *c,
               const struct surroundings *s, int64_t *ret, const char **ret_missing, struct err *err)
{
	const struct step *st = &p->steps[step];
	struct until_facts facts = { .run_started = started_at, .zone = s->zone, .business = s->business };
	int got;

	if (delay_add(&st->after, from, s->zone, s->business, ret, err) < 0)
		return -1;
	if (st->verb != VERB_WAIT)
		return 1;
	if (!st->until)
		return delay_add(&st->wait, *ret, s->zone, s->business, ret, err) < 0 ? -1 : 1;
	facts.now = *ret;
	if (st->until->kind == UNTIL_FIELD)
		facts.value = contact_get(c, st->until->date.field);
	got = wait_until_instant(st->until, &facts, ret, err);
	if (got == 0)
		*ret_missing = st->until->date.field;
	return got;
}

static const struct calendar *hours_of(const struct pipeline *p, const struct step *st, const struct surroundings *s)
{
	const char *name = st->hours ? st->hours : p->hours ? p->hours : s->team_hours;

	return name ? s->calendar(s->ctx, name) : NULL;
}

int decide_open(const struct pipeline *p, int step, int64_t due, const struct surroundings *s, int64_t *ret,
                struct err *err)
{
	const struct calendar *hours = p->steps[step].verb == VERB_EMAIL ? hours_of(p, &p->steps[step], s) : NULL;

	if (!hours) {
		*ret = due;
		return 0;
	}
	return calendar_next_open(hours, s->zone, due, ret, err);
}

static int wait_until(struct decision *d, int64_t until, const char *why)
{
	d->kind = DECIDE_WAIT;
	d->until = until;
	d->why = why;
	return 0;
}

/* Is it too late for this mail? 1 yes, 0 no. */
static int too_late(const struct pipeline *p, const struct standing *at, const struct facts *f,
                    const struct surroundings *s, struct err *err)
{
	int64_t limit;

	if (p->late.then == LATE_SEND)
		return 0;
	if (delay_add(&p->late.max, at->due_at, s->zone, s->business, &limit, err) < 0)
		return -1;
	return f->now > limit;
}

static int decide_email(const struct pipeline *p, const struct standing *at, const struct facts *f,
                        const struct surroundings *s, struct decision *d, struct err *err)
{
	int late = too_late(p, at, f, s, err);
	int64_t open;

	if (late < 0)
		return -1;
	if (late && p->late.then == LATE_SKIP) {
		d->kind = DECIDE_PASS;
		d->late = true;
		return 0;
	}
	if (late) {
		d->kind = DECIDE_BLOCK;
		d->block = BLOCK_LATE;
		d->text = "it was due too long ago";
		return 0;
	}
	if (decide_open(p, at->step, f->now, s, &open, err) < 0)
		return -1;
	if (open > f->now)
		return wait_until(d, open, "hours");
	d->kind = DECIDE_ACT;
	return 0;
}

/* True now, or not yet: then it waits. What happens meanwhile wakes it; at the end nothing is looked at any more. */
static int decide_await(const struct step *st, const struct standing *at, const struct facts *f,
                        const struct surroundings *s, struct decision *d, struct err *err)
{
	bool yes = !at->awaiting && cond_true(st->cond, f);
	int64_t until = f->now;

	if (!at->awaiting && !yes && delay_add(&st->within, f->now, s->zone, s->business, &until, err) < 0)
		return -1;
	if (until > f->now)
		return wait_until(d, until, "await");
	d->kind = DECIDE_PASS;
	d->next = step_branch(st, yes);
	return 0;
}

int decide(const struct pipeline *p, const struct standing *at, const struct facts *f, const struct surroundings *s,
           struct decision *ret, struct err *err)
{
	const struct step *st;

	*ret = (struct decision){ .step = at->step, .next = STEP_NONE, .text = "", .why = "" };
	if (at->step == STEP_NONE) {
		ret->kind = DECIDE_COMPLETE;
		return 0;
	}
	st = &p->steps[at->step];
	ret->next = st->next;
	if (at->due_at > f->now)
		return wait_until(ret, at->due_at, "delay");
	switch (st->verb) {
	case VERB_EMAIL:
		return decide_email(p, at, f, s, ret, err);
	case VERB_TAG:
	case VERB_UNTAG:
	case VERB_SET:
	case VERB_NOTE:
	case VERB_TASK:
		ret->kind = DECIDE_ACT;
		return 0;
	case VERB_WAIT:
		ret->kind = DECIDE_PASS;
		return 0;
	case VERB_IF:
		ret->kind = DECIDE_PASS;
		ret->next = step_branch(st, cond_true(st->cond, f));
		return 0;
	case VERB_AWAIT:
		return decide_await(st, at, f, s, ret, err);
	case VERB_EXIT:
		ret->kind = DECIDE_COMPLETE;
		ret->text = st->text ? st->text : "";
		return 0;
	}
	BUG("verb %d", (int)st->verb);
}

const char *decide_suppressed(const struct pipeline *p, const struct contact *c)
{
	if (c->suppressed == 0 || !pipeline_sends(p))
		return NULL;
	if (c->suppressed & SUPPRESS_BOUNCED)
		return "bounced";
	if (c->suppressed & SUPPRESS_COMPLAINED)
		return "complained";
	return p->purpose == PURPOSE_MARKETING ? "unsubscribed" : NULL;
}

const char *decide_stop(const struct pipeline *p, const char *event_type, const struct facts *f)
{
	bool sends = pipeline_sends(p);

	if (strcmp(event_type, "contact.deleted") == 0)
		return "deleted";
	if (strcmp(event_type, "email.bounced") == 0)
		return "bounced";
	if (strcmp(event_type, "email.complained") == 0)
		return "complained";
	if (strcmp(event_type, "contact.unsubscribed") == 0 && p->purpose == PURPOSE_MARKETING && sends)
		return "unsubscribed";
	if (strcmp(event_type, "email.replied") == 0 && sends && !p->ignore_replied)
		return "replied";
	if (strcmp(event_type, "contact.converted") == 0 && sends && !p->ignore_converted)
		return "converted";
	for (size_t i = 0; i < p->n_stop; i++)
		if (cond_true(p->stop[i], f))
			return event_type;
	/* An import says so without an event of its own. */
	return decide_suppressed(p, f->contact);
}
