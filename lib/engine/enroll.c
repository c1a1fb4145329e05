#include "engine/enroll.h"

#include "base/zone.h"
#include "engine/event.h"
#include "engine/facts.h"
#include "engine/message.h"
#include "engine/progress.h"
#include "engine/sender.h"
#include "store/contact_store.h"
#include "store/entry_store.h"

#include <string.h>

const char *enrolled_text(enum enrolled how)
{
	switch (how) {
	case ENROLL_STARTED:
		return "enrolled";
	case ENROLL_BLOCKED:
		return "enrolled, but blocked: something is missing";
	case ENROLL_ACTIVE:
		return "already active in this pipeline";
	case ENROLL_QUEUED:
		return "already active; begins again when that run ends";
	case ENROLL_UPDATED:
		return "already active; the open run follows the new event";
	case ENROLL_AGAIN:
		return "was in this pipeline before";
	case ENROLL_IF:
		return "does not meet `enroll.if`";
	case ENROLL_SUPPRESSED:
		return "must not be written to (unsubscribed, bounced or complained)";
	case ENROLL_INACTIVE:
		return "the pipeline is not active";
	case ENROLL_HOLE:
		return "a placeholder has no value, and it is no field of the contact";
	case ENROLL_NO_MAILBOX:
		return "no mailbox to send from: give the pipeline or the team a `mailbox`";
	case ENROLL_UNKNOWN:
		return "no such contact";
	}
	BUG("enrolled %d", (int)how);
}

bool enrolled_ok(enum enrolled how)
{
	static const unsigned ok = 1u << ENROLL_STARTED | 1u << ENROLL_BLOCKED | 1u << ENROLL_UPDATED | 1u << ENROLL_QUEUED;

	return ok >> how & 1;
}

/* A pipeline whose every mail names its own mailbox needs none of its own. */
static bool needs_mailbox(const struct pipeline *p)
{
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].verb == VERB_EMAIL && !p->steps[i].mailbox)
			return true;
	return false;
}

/* 1: `again` allows it, 0 not, -1. */
static int may_again(struct engine *e, const struct pipeline *p, const struct contact *c,
                     const struct enrollment *how, struct err *err)
{
	int64_t last, earliest;
	int got;

	if (how->by_hand || how->fresh || how->again == AGAIN_ALWAYS || c->id == 0)
		return 1;
	got = run_last_start(e->db, c->team, p->id, c->id, &last, err);
	if (got <= 0)
		return got < 0 ? -1 : 1;
	if (how->again == AGAIN_NEVER)
		return 0;
	if (delay_add(&how->again_after, last, zone_utc(), NULL, &earliest, err) < 0)
		return -1;
	return e->now >= earliest;
}

/* In `enroll.if` an event test means ever. */
static int passes_if(struct engine *e, struct traveller *t, struct err *err)
{
	const struct cond *c = t->pipeline->enroll.only_if;
	struct facts f;

	if (!c)
		return 1;
	if (traveller_facts(e, t, c, &f, err) < 0)
		return -1;
	return cond_true(c, &f);
}

static int refuse(struct enroll_result *ret, enum enrolled how)
{
	ret->how = how;
	return 0;
}

/* An automatic entry meets an open run: what `while_active` says. 1: that run has to make room, 0 refused, -1. */
static int meet_open_run(struct engine *e, struct traveller *t, const struct enrollment *how,
                         struct enroll_result *ret, struct err *err)
{
	enum while_active rule = how->by_hand || !how->event ? ACTIVE_IGNORE : t->pipeline->enroll.while_active;
	struct run *r = &t->run;

	ret->run = r->id;
	switch (rule) {
	case ACTIVE_IGNORE:
		return refuse(ret, ENROLL_ACTIVE);
	case ACTIVE_UPDATE:
		r->event = how->event->id;
		if (run_update(e->db, r->team, r, err) < 0)
			return -1;
		return refuse(ret, ENROLL_UPDATED);
	case ACTIVE_QUEUE:
		if (entry_insert(e->db, r->team, r->pipeline, r->contact, how->event->id, err) < 0)
			return -1;
		return refuse(ret, ENROLL_QUEUED);
	case ACTIVE_RESTART:
		return 1;
	}
	BUG("while_active %d", (int)rule);
}

/*
 * 1: nothing stands in the way; 0: ret->how says what does; -1. An open run that has to make room for the new one is
 * left in `open`, else its id is 0: it ends only when it is certain that a new one begins.
 */
static int check(struct engine *e, struct traveller *t, const struct enrollment *how, struct traveller *open,
                 struct enroll_result *ret, struct err *err)
{
	const struct pipeline *p = t->pipeline;
	int got;

	if (!p->active)
		return refuse(ret, ENROLL_INACTIVE);
	if (decide_suppressed(p, &t->contact))
		return refuse(ret, ENROLL_SUPPRESSED);
	got = passes_if(e, t, err);
	if (got <= 0)
		return got < 0 ? -1 : refuse(ret, ENROLL_IF);
	got = t->contact.id == 0 || how->fresh ? 0 : run_find_open(e->db, t->contact.team, p->id, t->contact.id, t->arena, &open->run, err);
	if (got > 0)
		got = meet_open_run(e, open, how, ret, err);
	else if (got == 0)
		got = 1;
	if (got <= 0)
		return got;
	got = may_again(e, p, &t->contact, how, err);
	if (got <= 0)
		return got < 0 ? -1 : refuse(ret, ENROLL_AGAIN);
	ret->mailbox = sender_of_pipeline(t->world, p, &t->contact, how->enroller);
	if (!ret->mailbox && needs_mailbox(p))
		return refuse(ret, ENROLL_NO_MAILBOX);
	return 1;
}

/* The open run that makes room, if there is one. */
static int end_open(struct engine *e, struct traveller *open, struct err *err)
{
	return open->run.id == 0 ? 0 : run_end(e, open, RUN_STOPPED, "restarted", err);
}

/* Creates the run, whose row is the event that *ret_started is. */
static int begin(struct engine *e, struct traveller *t, const struct enrollment *how, struct hurdle *ret,
                 struct event *ret_started, struct err *err)
{
	struct run *r = &t->run;
	int got;

	if (how->event)
		r->since_event = how->event->id;
	else if (event_newest(e->db, t->contact.team, &r->since_event, err) < 0)
		return -1;
	if (event_of_run(e, t->world, r, t->arena, ret_started, err) < 0)
		return -1;
	got = run_begin(e, t, ret, err);
	if (got == 0)
		return err_set(err, ERR_REFUSED, "%s is in %s already", t->contact.email, t->pipeline->name);
	return err_or_none(got);
}

static int record_started(struct engine *e, struct traveller *t, const struct event *started, struct err *err)
{
	struct happening h = { .ev = *started, .contact = &t->contact, .arena = t->arena };

	if (!world_cares(t->world, started->type)) /* the run's row is the event; nothing follows */
		return 0;
	h.ev.id = h.ev.run = t->run.id;
	h.ev.data = event_data(t->arena, "pipeline", t->pipeline->name, NULL);
	return err_or_none(event_record(e, t->contact.team, &h, err));
}

/* Creates the run: planned, or blocked when something is missing. */
static int start(struct engine *e, struct traveller *t, const struct enrollment *how, struct traveller *open,
                 struct enroll_result *ret, struct err *err)
{
	struct event started;
	struct hurdle h;

	if (message_missing_at_entry(e, t, &ret->missing, err) < 0)
		return -1;
	if (*ret->missing)
		ret->how = strncmp(ret->missing, "contact.", 8) == 0 ? ENROLL_BLOCKED : ENROLL_HOLE;
	if (how->dry_run || ret->how == ENROLL_HOLE)
		return 0;
	if (end_open(e, open, err) < 0 || begin(e, t, how, &h, &started, err) < 0 ||
	    record_started(e, t, &started, err) < 0)
		return -1;
	ret->run = t->run.id;
	if (ret->how == ENROLL_BLOCKED)
		h = (struct hurdle){ BLOCK_MISSING, ret->missing };
	if (!h.text)
		return 0;
	ret->how = ENROLL_BLOCKED;
	ret->missing = h.text;
	return run_block(e, t, h.reason, h.text, err);
}

int enroll_start(struct engine *e, struct world *w, const struct pipeline *p, struct contact *c,
                 const struct enrollment *how, struct arena *a, struct enroll_result *ret, struct err *err)
{
	struct traveller t = { .world = w, .pipeline = p, .contact = *c, .arena = a };
	struct traveller open = t;
	int got;

	*ret = (struct enroll_result){ .how = ENROLL_STARTED, .missing = "", .enroller = how->enroller };
	t.run = (struct run){
		.team = c->team,
		.contact = c->id,
		.pipeline = p->id,
		.version = p->version,
		.status = RUN_PENDING,
		.reason = "",
		.reason_text = "",
		.started_at = e->now,
		.last_done_at = e->now,
		.enroller = how->enroller,
		.event = how->event ? how->event->id : 0,
	};
	got = check(e, &t, how, &open, ret, err);
	if (got <= 0)
		return got;
	t.run.mailbox = ret->mailbox ? ret->mailbox : "";
	return start(e, &t, how, &open, ret, err);
}

int enroll_at_event(struct engine *e, struct world *w, const struct attached *what, struct contact *c, struct arena *a,
                    struct err *err)
{
	const struct enrollment how = {
		.enroller = sender_of_member(world_team(w), what->member) ? what->member : "",
		.event = what->event,
		.again = AGAIN_ALWAYS,
	};
	struct enroll_result result;

	if (enroll_start(e, w, what->pipeline, c, &how, a, &result, err) < 0)
		return -1;
	if (e->on_entry)
		e->on_entry(e->on_entry_ctx, what->pipeline, c, &result);
	return 0;
}

int enroll_retry_missing(struct engine *e, struct traveller *t, struct err *err)
{
	const char *missing;

	if (message_missing_at_entry(e, t, &missing, err) < 0)
		return -1;
	if (*missing) {
		t->run.reason_text = missing;
		return run_update(e->db, t->run.team, &t->run, err);
	}
	return run_retry(e, t, err);
}

/* Starts the first that waits. 1 it was one, *ret says what became of it; 0 nothing waits; -1. */
static int start_waiting(struct engine *e, struct world *w, const struct pipeline *p, const struct run *ended,
                         struct enroll_result *ret, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct event event;
	struct contact c;
	int64_t id;
	int got;

	got = entry_take(e->db, ended->team, ended->pipeline, ended->contact, &id, err);
	if (got > 0)
		got = event_load(e->db, ended->team, id, &a, &event, err);
	if (got > 0)
		got = contact_load(e->db, ended->team, ended->contact, &a, &c, err);
	if (got <= 0)
		return got;
	if (enroll_start(e, w, p, &c, &(struct enrollment){ .enroller = "", .event = &event, .again = AGAIN_ALWAYS }, &a,
	                 ret, err) < 0)
		return -1;
	return 1;
}

int enroll_next_waiting(struct engine *e, struct world *w, const struct run *ended, struct err *err)
{
	const struct pipeline *p = world_pipeline_by_id(w, ended->pipeline);
	struct enroll_result result;
	int got;

	do
		got = start_waiting(e, w, p, ended, &result, err);
	while (got > 0 && !enrolled_ok(result.how));
	return err_or_none(got);
}
