#include "engine/facts.h"

#include "format/json.h"
#include "model/public_domain.h"
#include "store/company_store.h"
#include "store/event_store.h"

#include <string.h>

#define DATA_MAX ((size_t)64 * 1024)

static void read_data(const char *json, struct fact *f, struct arena *a)
{
	struct err ignored = ERR_INIT; /* what the feed has was written by us: something else has no values */
	struct fact_value *values;
	struct value v;

	if (json_parse(a, json, strlen(json), DATA_MAX, &v, &ignored) < 0 || v.kind != VALUE_MAP)
		return;
	values = arena_array(a, v.map->n, sizeof *values);
	f->values = values;
	for (size_t i = 0; i < v.map->n; i++) {
		const struct value_entry *entry = &v.map->entries[i];

		if (entry->value.kind == VALUE_STRING)
			values[f->n_values++] = (struct fact_value){ arena_strndup(a, entry->key, entry->len),
				                                         arena_strndup(a, entry->value.text, entry->value.len) };
	}
}

static const char *own_step(const struct event *ev, const struct traveller *t)
{
	const struct step *st = ev->run == t->run.id ? pipeline_step_of(t->pipeline, ev->step) : NULL;

	return st ? st->name : "";
}

/* Did it come from a run of the same pipeline, this one or an earlier one? 1, 0, -1. */
static int came_from_here(struct engine *e, const struct event *ev, const struct traveller *t, struct arena *a,
                          struct err *err)
{
	struct run run;
	int got;

	if (ev->run == 0 || ev->run == t->run.id)
		return ev->run != 0;
	got = run_load(e->db, ev->team, ev->run, a, &run, err);
	return got <= 0 ? got : run.pipeline == t->run.pipeline;
}

struct fact fact_by_itself(const struct event *ev, struct arena *a)
{
	struct fact f = { .type = ev->type, .at = ev->at, .step = "" };

	if (cond_needs_details(ev->type) && strcmp(ev->data, "{}") != 0)
		read_data(ev->data, &f, a);
	return f;
}

static int fact_for(struct engine *e, const struct event *ev, const struct traveller *t, struct fact *ret, struct err *err)
{
	int here = came_from_here(e, ev, t, t->arena, err);

	*ret = fact_by_itself(ev, t->arena);
	ret->step = own_step(ev, t);
	ret->here = here > 0;
	return err_or_none(here);
}

struct fact_list {
	struct engine *e;
	const struct traveller *t;
	struct fact *list;
	size_t n, cap;
	struct err *err;
	bool failed;
};

static void append(struct fact_list *l, struct fact f)
{
	ARENA_GROW(l->t->arena, &l->list, &l->cap, l->n);
	l->list[l->n++] = f;
}

static int add_each(struct fact_list *l, const char *type)
{
	const struct run *r = &l->t->run;
	struct event *events;
	int n = event_list_of_type(l->e->db, r->team, r->contact, type, r->since_event, l->t->arena, &events, l->err);

	for (int i = 0; i < n; i++) {
		struct fact f;

		if (fact_for(l->e, &events[i], l->t, &f, l->err) < 0)
			return -1;
		append(l, f);
	}
	return err_or_none(n);
}

static int add_company(struct fact_list *l)
{
	const char *domain = company_domain(l->t->contact.folded);
	int got = domain ? company_replied(l->e->db, l->t->run.team, domain, l->t->run.since_event, l->err) : 0;

	if (got > 0)
		append(l, (struct fact){ .type = COMPANY_REPLIED, .at = l->e->now, .step = "" });
	return err_or_none(got);
}

static int add_last(struct fact_list *l, const char *type)
{
	const struct run *r = &l->t->run;
	int64_t at;
	int got = event_last_at(l->e->db, r->team, r->contact, type, r->since_event, &at, l->err);

	if (got > 0)
		append(l, (struct fact){ .type = type, .at = at, .step = "" });
	return err_or_none(got);
}

static void add_fact(const char *type, void *ctx)
{
	struct fact_list *l = ctx;

	if (l->failed)
		return;
	if (strcmp(type, COMPANY_REPLIED) == 0)
		l->failed = add_company(l) < 0;
	else
		l->failed = (cond_needs_details(type) ? add_each(l, type) : add_last(l, type)) < 0;
}

int traveller_facts(struct engine *e, const struct traveller *t, const struct cond *c, struct facts *ret,
                    struct err *err)
{
	struct fact_list l = { .e = e, .t = t, .err = err };

	if (c)
		cond_event_types(c, add_fact, &l);
	if (l.failed)
		return -1;
	*ret = (struct facts){
		.contact = &t->contact,
		.happened = l.list,
		.n_happened = l.n,
		.now = e->now,
		.zone = world_surroundings(t->world, &t->contact).zone,
	};
	return 0;
}
