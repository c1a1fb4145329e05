#include "engine/event.h"

#include "base/buf.h"
#include "engine/bounce_guard.h"
#include "engine/enroll.h"
#include "engine/facts.h"
#include "engine/progress.h"
#include "engine/sender.h"
#include "format/json.h"
#include "model/public_domain.h"
#include "store/company_store.h"
#include "store/contact_store.h"
#include "store/queue_store.h"
#include "store/run_store.h"

#include <stdarg.h>
#include <string.h>

#define MAX_DEPTH    16   /* causes that are less than an hour apart */
#define DEPTH_WINDOW 3600

const char *event_data(struct arena *a, ...)
{
	BUF_AUTO b = BUF_INIT(1 << 20);
	struct json_writer w = { .buf = &b };
	const char *name, *value;
	va_list ap;

	json_begin_object(&w);
	va_start(ap, a);
	while ((name = va_arg(ap, const char *)) != NULL) {
		value = va_arg(ap, const char *);
		if (value && *value)
			json_key_string(&w, name, value);
	}
	va_end(ap);
	json_end_object(&w);
	return arena_strndup(a, b.s, b.len);
}

bool event_matters(const struct world *w, const char *type, bool changes)
{
	return changes || strcmp(type, "task.done") == 0 || world_cares(w, type);
}

/* May anything follow from it: a change, a new person, or somebody looks at events of this type? */
static bool matters(const struct world *w, const struct happening *h)
{
	return h->created || event_matters(w, h->ev.type, h->n_changes > 0);
}

/* How many causes in a row led here: one more than the event that started or updated the run. */
static int find_depth(struct engine *e, struct event *ev, int64_t cause_id, struct arena *a, struct err *err)
{
	struct event cause;
	int got = cause_id == 0 ? 0 : event_load(e->db, ev->team, cause_id, a, &cause, err);

	if (got <= 0 || ev->at - cause.at >= DEPTH_WINDOW)
		return err_or_none(got);
	ev->depth = cause.depth + 1;
	return 0;
}

static void fill_in(const struct engine *e, int64_t team, struct event *ev)
{
	ev->team = team;
	if (ev->at == 0)
		ev->at = e->now;
	if (!ev->actor)
		ev->actor = e->actor;
	if (!ev->source)
		ev->source = e->source;
	if (!ev->data)
		ev->data = "{}";
}

/* Only what starts something has a depth that counts. What has a number already is stored: a row is the event. */
static int store_event(struct engine *e, const struct world *w, int64_t team, struct happening *h, struct err *err)
{
	struct event *ev = &h->ev;
	struct run run;
	int got = 0;

	if (ev->id)
		return 0;
	if (ev->run && strcmp(ev->source, "pipeline") == 0 && matters(w, h))
		got = run_load(e->db, team, ev->run, h->arena, &run, err);
	if (got < 0 || (got > 0 && find_depth(e, ev, run.event, h->arena, err) < 0))
		return -1;
	return event_insert(e->db, team, ev, err);
}

int event_of_run(struct engine *e, const struct world *w, struct run *r, struct arena *a, struct event *ret, struct err *err)
{
	*ret = (struct event){ .contact = r->contact, .type = "run.started" };
	fill_in(e, r->team, ret);
	if (strcmp(ret->source, "pipeline") == 0 && world_cares(w, ret->type) &&
	    find_depth(e, ret, r->event, a, err) < 0)
		return -1;
	return event_occasion(e->db, ret, &r->began, err);
}

/* The row of a new contact is its event. */
static int create(struct engine *e, int64_t team, struct happening *h, struct err *err)
{
	BUG_ON(strcmp(h->ev.data, "{}") != 0 || h->ev.run || h->ev.at != h->contact->created_at);
	if (event_occasion(e->db, &h->ev, &h->contact->began, err) < 0 ||
	    contact_insert(e->db, team, h->contact, err) < 0)
		return -1;
	h->ev.id = h->ev.contact = h->contact->id;
	return 0;
}

/*
 * Consequence 1: runs that it ends.
 */
static int facts_for_stop(struct engine *e, const struct traveller *t, struct facts *ret, struct err *err)
{
	struct cond any = {
		.kind = COND_ANY,
		.n_kids = t->pipeline->n_stop,
		.kids = arena_array(t->arena, t->pipeline->n_stop + 1, sizeof(struct cond *)),
	};

	if (t->pipeline->n_stop)
		memcpy(any.kids, t->pipeline->stop, t->pipeline->n_stop * sizeof(struct cond *));
	return traveller_facts(e, t, &any, ret, err);
}

static bool changes_value(const struct happening *h, const char *name)
{
	for (size_t n = 0; n < h->n_changes; n++)
		if (h->changes[n].kind == CHANGE_VALUE && strcmp(h->changes[n].name, name) == 0)
			return true;
	return false;
}

static bool wakes(const struct traveller *t, const struct happening *h)
{
	const struct step *st = pipeline_step_of(t->pipeline, t->run.step);

	if (!st || st->verb != VERB_WAIT || !st->until || st->until->kind != UNTIL_FIELD)
		return false;
	return changes_value(h, st->until->date.field);
}

/* It waits to send from the owner's mailbox, and there is another owner. */
static bool changes_sender(const struct traveller *t, const struct happening *h)
{
	const struct step *st = pipeline_step_of(t->pipeline, t->run.step);

	return st && sender_is_owner(st) && changes_value(h, "owner");
}

/* One that is claimed, held or set aside has no place in the queue: whoever gives it one looks for its sender then. */
static int follow_owner(struct engine *e, struct traveller *t, struct err *err)
{
	struct run *r = &t->run;
	struct queue_row q = { r->lane, r->class, r->queued_at, r->id };
	int got = queue_remove(e->db, &q, err);

	if (got <= 0)
		return got;
	r->lane = 0;
	return run_requeue(e, t, r->due_at, err);
}

/* It rests at the step whose task this event says is done: the step; NULL. */
static const struct step *waited_for(const struct traveller *t, const struct happening *h)
{
	bool rests = t->run.lane == 0 && strcmp(t->run.reason, RUN_REASON_TASK) == 0;

	if (!rests || strcmp(h->ev.type, "task.done") != 0 || h->ev.run != t->run.id || h->ev.step != t->run.step)
		return NULL;
	return pipeline_step_of(t->pipeline, t->run.step);
}

/*
 * Consequence 2: an `await` whose condition is true now goes on; what waits for a field is planned anew; what was blocked
 * for want of one tries again.
 */
static int wake(struct engine *e, struct traveller *t, const struct happening *h, struct err *err)
{
	bool changed = h->n_changes > 0 && h->changes[0].kind == CHANGE_VALUE;
	const struct step *task = waited_for(t, h);
	int awaited;

	if (t->run.status == RUN_BLOCKED) {
		if (!changed || strcmp(t->run.reason, block_reason_text(BLOCK_MISSING)) != 0)
			return 0;
		return enroll_retry_missing(e, t, err);
	}
	if (task)
		return run_pass_on(e, t, task->next, err);
	awaited = run_await(e, t, err);
	if (awaited != 0)
		return err_or_none(awaited);
	if (changed && changes_sender(t, h))
		return follow_owner(e, t, err);
	if (changed && wakes(t, h))
		return run_plan(e, t, pipeline_step_index(t->pipeline, t->run.step), t->run.last_done_at, err);
	return 0;
}

static int touch_run(struct engine *e, struct traveller *t, const struct happening *h, struct err *err)
{
	struct facts f;
	const char *reason;

	if (facts_for_stop(e, t, &f, err) < 0)
		return -1;
	reason = decide_stop(t->pipeline, h->ev.type, &f);
	if (reason)
		return run_end(e, t, RUN_STOPPED, reason, err);
	return wake(e, t, h, err);
}

static int touch_runs(struct engine *e, const struct happening *h, const struct contact *c, struct err *err)
{
	struct run *runs;
	int n = run_list_of_contact(e->db, c->team, c->id, true, h->arena, &runs, err);

	for (int i = 0; i < n; i++) {
		struct traveller t;
		int got = traveller_of_rows(e, &runs[i], c, h->arena, &t, err);

		if (got < 0 || (got > 0 && touch_run(e, &t, h, err) < 0))
			return -1;
	}
	return err_or_none(n);
}

/* A colleague in a pipeline that stops when anybody at the same mail domain answers. */
static int stop_colleague(struct engine *e, const struct happening *h, int64_t run, struct err *err)
{
	struct happening answer = { .ev = h->ev, .arena = h->arena };
	struct traveller t;
	int got = traveller_load(e, h->ev.team, run, h->arena, &t, err);

	if (got <= 0 || t.run.contact == h->ev.contact)
		return err_or_none(got);
	answer.ev.type = COMPANY_REPLIED;
	return touch_run(e, &t, &answer, err);
}

static bool cares_for_company(const struct pipeline *p)
{
	for (size_t i = 0; i < p->n_stop; i++)
		if (cond_asks_company(p->stop[i]))
			return true;
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].verb == VERB_AWAIT && cond_asks_company(p->steps[i].cond))
			return true;
	return false;
}

static int touch_colleagues(struct engine *e, struct world *w, const struct happening *h, const char *domain,
                            struct err *err)
{
	const struct pipeline *const *list;
	int64_t *runs;
	size_t n;

	list = world_pipelines(w, &n);
	for (size_t i = 0; i < n; i++) {
		int found = cares_for_company(list[i])
		                ? run_list_of_domain(e->db, h->ev.team, list[i]->id, domain, h->arena, &runs, err)
		                : 0;

		for (int k = 0; k < found; k++)
			if (stop_colleague(e, h, runs[k], err) < 0)
				return -1;
		if (found < 0)
			return -1;
	}
	return 0;
}

/* An answer is one of the whole company. It is remembered before this person's own stop rules are looked at. */
static int remember_company(struct engine *e, const struct happening *h, const struct contact *c, const char **ret,
                            struct err *err)
{
	*ret = strcmp(h->ev.type, "email.replied") == 0 ? company_domain(c->folded) : NULL;
	return *ret ? company_reply_insert(e->db, h->ev.team, *ret, h->ev.id, err) : 0;
}

/*
 * Consequence 3: pipelines that it starts.
 */
static bool start_fires(const struct start *s, const struct happening *h, const struct facts *before,
                        const struct facts *after)
{
	if (cond_is_event(s->when))
		return cond_true(s->when, after);
	if (h->n_changes == 0 && !h->created)
		return false;
	return (!before->contact || !cond_true(s->when, before)) && cond_true(s->when, after);
}

static const struct start *find_start(const struct pipeline *p, const struct happening *h, const struct facts *before,
                                      const struct facts *after)
{
	for (size_t i = 0; i < p->enroll.n_starts; i++)
		if (start_fires(&p->enroll.starts[i], h, before, after))
			return &p->enroll.starts[i];
	return NULL;
}

/* How the pipeline is entered: by the start that fired, or because the contact is new (NULL). */
static struct enrollment entry_by(const struct pipeline *p, const struct start *s, const struct event *ev)
{
	return (struct enrollment){
		.enroller = "",
		.event = ev,
		.again = s ? s->again : p->enroll.again,
		.again_after = s ? s->again_after : p->enroll.again_after,
	};
}

static int start_one(struct engine *e, struct world *w, const struct pipeline *p, const struct enrollment *how,
                     struct contact *c, struct arena *a, struct err *err)
{
	struct enroll_result result;

	if (enroll_start(e, w, p, c, how, a, &result, err) < 0)
		return -1;
	if (e->on_entry)
		e->on_entry(e->on_entry_ctx, p, c, &result);
	return 0;
}

static int cut(struct engine *e, const struct happening *h, struct err *err)
{
	struct event note = h->ev;

	note.type = "note.added";
	note.data = event_data(h->arena, "text",
	                       "cut: pipelines start each other in a circle, 16 causes within an hour each", NULL);
	return event_insert(e->db, note.team, &note, err);
}

static int start_pipelines(struct engine *e, struct world *w, const struct happening *h, const struct contact *before,
                           struct contact *after, struct err *err)
{
	struct fact fact = fact_by_itself(&h->ev, h->arena);
	const struct zone *zone = world_surroundings(w, after).zone;
	struct facts f_before = { .contact = before, .now = e->now, .zone = zone };
	struct facts f_after = { .contact = after, .happened = &fact, .n_happened = 1, .now = e->now, .zone = zone };
	const struct pipeline *const *list;
	struct enrollment how;
	bool fresh = h->created;
	size_t n;

	list = world_pipelines(w, &n);
	for (size_t i = 0; i < n; i++) {
		const struct start *s = find_start(list[i], h, &f_before, &f_after);

		if (!list[i]->active || (!s && !(h->created && list[i]->enroll.new_contacts)))
			continue;
		if (h->ev.depth >= MAX_DEPTH)
			return cut(e, h, err);
		how = entry_by(list[i], s, &h->ev);
		how.fresh = fresh;
		fresh = false; /* the first may start others */
		if (start_one(e, w, list[i], &how, after, h->arena, err) < 0)
			return -1;
	}
	return 0;
}

static bool about_a_run(const char *type)
{
	return strncmp(type, "run.", 4) == 0;
}

static int consequences(struct engine *e, struct world *w, struct happening *h, const struct contact *before,
                        struct contact *after, struct err *err)
{
	bool deleted = strcmp(h->ev.type, "contact.deleted") == 0;
	const char *domain;

	if (!matters(w, h))
		return 0;
	e->changes++;
	if (remember_company(e, h, after, &domain, err) < 0 || (!h->created && touch_runs(e, h, after, err) < 0) ||
	    (domain && touch_colleagues(e, w, h, domain, err) < 0))
		return -1;
	if (deleted || e->no_auto_enroll || (about_a_run(h->ev.type) && !world_cares(w, h->ev.type)))
		return 0;
	return start_pipelines(e, w, h, before, after, err);
}

/* The change that an event of this type brings, unless it is so already, or whoever records it says himself what changes. */
static void add_implied(struct happening *h, const struct contact *c)
{
	const struct change *implied = h->n_changes ? NULL : change_of_event(h->ev.type, c);

	if (!implied)
		return;
	h->changes = implied;
	h->n_changes = 1;
}

/* Who is new has no runs; when nothing starts by itself either, no pipeline is asked. */
static int load_world(struct engine *e, int64_t team, const struct happening *h, struct world **ret, struct err *err)
{
	return h->created && e->no_auto_enroll ? engine_people(e, team, ret, err) : engine_world(e, team, ret, err);
}

int event_record(struct engine *e, int64_t team, struct happening *h, struct err *err)
{
	struct contact loaded, before = { 0 };
	struct contact *c = h->contact;
	struct world *w;
	int got = 1;

	BUG_ON(!db_in_txn(e->db) || !h->arena);
	if (h->key && (got = event_key_find(e->db, team, h->key, err)) != 0)
		return err_or_none(got);
	if (load_world(e, team, h, &w, err) < 0)
		return -1;
	fill_in(e, team, &h->ev);
	if (h->created && create(e, team, h, err) < 0)
		return -1;
	if (!c && h->ev.contact) {
		got = contact_load(e->db, team, h->ev.contact, h->arena, &loaded, err);
		if (got < 0)
			return -1;
		c = got ? &loaded : NULL;
	}
	if (c) {
		h->ev.contact = c->id;
		before = *c;
		add_implied(h, c);
	}
	if (c && h->n_changes)
		contact_unshare(c, h->arena);
	if (store_event(e, w, team, h, err) < 0)
		return -1;
	if (h->key && event_key_insert(e->db, team, h->key, h->ev.id, err) < 0)
		return -1;
	if (h->ev.message && bounce_guard_cares(h->ev.type) &&
	    bounce_guard_count(e, w, h->ev.message, h->ev.type, err) < 0)
		return -1;
	if (!c)
		return 1;
	if (h->n_changes && change_store(e, h->changes, h->n_changes, c, h->arena, err) < 0)
		return -1;
	return consequences(e, w, h, h->created ? NULL : &before, c, err) < 0 ? -1 : 1;
}
