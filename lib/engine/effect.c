#include "engine/effect.h"

#include "engine/event.h"
#include "engine/message.h"
#include "engine/person.h"
#include "engine/task.h"
#include "model/fields.h"

#include <stdbool.h>
#include <string.h>

/* One event, and what changes with it. */
struct part {
	const char *type, *data;
	struct change *changes;
	size_t n;
	struct task *made, *finished; /* NULL: none; the data follows from it */
};

/* What a step does: nothing when there are no parts. */
struct effect {
	struct part parts[EFFECT_EVENTS];
	size_t n;
	const char *note; /* NULL: it is none */
	const struct task *task;
};

static const char *joined(struct arena *a, const struct names *list)
{
	const char *text = list->n ? list->v[0] : "";

	for (size_t i = 1; i < list->n; i++)
		text = arena_printf(a, "%s, %s", text, list->v[i]);
	return text;
}

static void add_part(struct effect *f, struct part part)
{
	BUG_ON(f->n == EFFECT_EVENTS);
	f->parts[f->n++] = part;
}

static int tag_effect(struct traveller *t, const struct step *st, struct effect *ret)
{
	bool add = st->verb == VERB_TAG;
	struct part p = { .type = add ? "contact.tagged" : "contact.untagged",
		              .data = event_data(t->arena, "tag", joined(t->arena, &st->tags), NULL),
		              .changes = arena_array(t->arena, st->tags.n, sizeof *p.changes) };

	for (size_t i = 0; i < st->tags.n; i++)
		if (contact_has_tag(&t->contact, st->tags.v[i]) != add)
			p.changes[p.n++] = (struct change){ .kind = add ? CHANGE_TAG : CHANGE_UNTAG, .name = st->tags.v[i] };
	if (p.n > 0)
		add_part(ret, p);
	return 1;
}

/* What `set` says, rendered and fit for its fields; of a field that is not declared any more as it is. 1, 0, -1. */
static int read_settings(struct engine *e, struct traveller *t, const struct step *st, struct person *ret,
                         const char **ret_problem, struct err *err)
{
	for (size_t i = 0; i < st->n_set; i++) {
		const struct assignment *as = &st->set[i];
		const struct field *f = fields_find(world_fields(t->world), as->field);
		struct field loose = { .name = as->field, .type = FIELD_TEXT };
		struct err why = ERR_INIT;
		const char *text;
		int got = message_render_text(e, t, as->value, &text, ret_problem, err);

		if (got <= 0)
			return got;
		if (person_set(ret, t->world, f ? f : &loose, text, t->arena, &why) < 0) {
			*ret_problem = arena_printf(t->arena, "set %s: %s", as->field, why.text);
			return 0;
		}
	}
	return 1;
}

/* A lead becomes a contact with an event of its own, as by hand. */
static void set_kind(struct traveller *t, const char *kind, struct effect *ret)
{
	bool converts = t->contact.kind == CONTACT_LEAD;
	struct part p = { .type = converts ? "contact.converted" : "contact.updated",
		              .data = converts ? "{}" : event_data(t->arena, "fields", "kind", NULL),
		              .changes = ARENA_NEW(t->arena, struct change),
		              .n = 1 };

	if (strcmp(kind, contact_kind_text(t->contact.kind)) == 0)
		return;
	*p.changes = (struct change){ .kind = CHANGE_KIND, .name = "kind", .value = kind };
	add_part(ret, p);
}

static void set_values(struct traveller *t, const struct person *want, struct effect *ret)
{
	struct part p = { .type = "contact.updated", .changes = arena_array(t->arena, want->n_values, sizeof *p.changes) };
	const char *names = "", *stage = NULL;

	for (size_t i = 0; i < want->n_values; i++) {
		const struct contact_value *v = &want->values[i];
		const char *old = contact_get(&t->contact, v->name);

		if (strcmp(v->name, "kind") == 0 || strcmp(old ? old : "", v->value) == 0)
			continue;
		p.changes[p.n++] = (struct change){ .kind = CHANGE_VALUE, .name = v->name, .value = v->value };
		names = *names ? arena_printf(t->arena, "%s, %s", names, v->name) : v->name;
		if (strcmp(v->name, "lifecycle") == 0)
			stage = v->value;
	}
	if (p.n == 0)
		return;
	p.data = event_data(t->arena, "fields", names, NULL);
	add_part(ret, p);
	if (stage)
		add_part(ret, (struct part){ .type = "contact.lifecycle",
		                             .data = event_data(t->arena, "lifecycle", stage, NULL) });
}

static int set_effect(struct engine *e, struct traveller *t, const struct step *st, struct effect *ret,
                      const char **ret_problem, struct err *err)
{
	struct person want = { 0 };
	int got = read_settings(e, t, st, &want, ret_problem, err);

	if (got <= 0)
		return got;
	set_values(t, &want, ret);
	for (size_t i = 0; i < want.n_values; i++)
		if (strcmp(want.values[i].name, "kind") == 0)
			set_kind(t, want.values[i].value, ret);
	return 1;
}

static int make_task(struct engine *e, struct traveller *t, const struct step *st, struct effect *ret,
                     const char **ret_problem, struct err *err)
{
	struct task *task = ARENA_NEW(t->arena, struct task), there;
	int got = task_plan(e, t, st, task, ret_problem, err);

	if (got <= 0)
		return got;
	ret->task = task;
	/* Who comes back to the step, having been moved aside, finds it made. */
	got = t->run.id ? task_of_step(e->db, t->run.team, t->run.id, st->number, t->run.visit, t->arena, &there, err) : 0;
	if (got > 0 && there.cancelled)
		task->id = there.id;
	if (got == 0 || (got > 0 && there.cancelled))
		add_part(ret, (struct part){ .type = "task.created", .made = task });
	return got < 0 ? -1 : 1;
}

/* The open task of an earlier step; nothing when there is none. */
static int finish_task(struct engine *e, struct traveller *t, const struct step *st, struct effect *ret, struct err *err)
{
	int i = pipeline_find_step(t->pipeline, st->task->done), got = 0;
	struct task *task = ARENA_NEW(t->arena, struct task);

	if (i != STEP_NONE && t->run.id)
		got = task_of_step(e->db, t->run.team, t->run.id, t->pipeline->steps[i].number, 0, t->arena, task, err);
	if (got > 0 && task->done_at == 0)
		add_part(ret, (struct part){ .type = "task.done", .finished = task });
	return got < 0 ? -1 : 1;
}

static int effect_of(struct engine *e, struct traveller *t, int step, struct effect *ret, const char **ret_problem,
                     struct err *err)
{
	const struct step *st = &t->pipeline->steps[step];
	int got;

	*ret = (struct effect){ 0 };
	switch (st->verb) {
	case VERB_TAG:
	case VERB_UNTAG:
		return tag_effect(t, st, ret);
	case VERB_SET:
		return set_effect(e, t, st, ret, ret_problem, err);
	case VERB_NOTE:
		got = message_render_text(e, t, st->text, &ret->note, ret_problem, err);
		if (got <= 0)
			return got;
		add_part(ret, (struct part){ .type = "note.added",
		                             .data = event_data(t->arena, "text", ret->note, NULL) });
		return 1;
	case VERB_TASK:
		return st->task->done ? finish_task(e, t, st, ret, err) : make_task(e, t, st, ret, ret_problem, err);
	case VERB_EMAIL:
	case VERB_WAIT:
	case VERB_IF:
	case VERB_AWAIT:
	case VERB_EXIT:
		break;
	}
	BUG("step %s is no data step", st->name);
}

/* One that was cancelled, when its run was sent elsewhere, is opened again: the run has come back. */
static int store_made(struct engine *e, const struct traveller *t, struct task *task, struct err *err)
{
	task->team = t->run.team;
	return task->id ? task_reopen(e->db, task, err) : task_insert(e->db, t->run.team, task, err);
}

/* The row of a task, before the event that says of it. */
static int store_task(struct engine *e, struct traveller *t, struct part *p, struct err *err)
{
	struct task *task = p->made ? p->made : p->finished;

	if (!task)
		return 0;
	if (p->made && store_made(e, t, task, err) < 0)
		return -1;
	if (p->finished) {
		task->done_at = e->now;
		task->done_by = arena_printf(t->arena, "pipeline %s", t->pipeline->name);
		if (task_set_done(e->db, t->run.team, task, err) < 0)
			return -1;
	}
	p->data = task_event_data(task, t->arena);
	return 0;
}

/* A task that is finished is that of the step that made it. */
static int record(struct engine *e, struct traveller *t, struct part *p, struct err *err)
{
	if (store_task(e, t, p, err) < 0)
		return -1;
	struct happening h = {
		.ev = {
			.contact = t->run.contact,
			.run = t->run.id,
			.step = p->finished ? p->finished->step : t->run.step,
			.type = p->type,
			.data = p->data,
			.source = "pipeline",
			.actor = arena_printf(t->arena, "pipeline %s", t->pipeline->name),
		},
		.contact = &t->contact,
		.arena = t->arena,
		.changes = p->changes,
		.n_changes = p->n,
	};

	return event_record(e, t->run.team, &h, err) < 0 ? -1 : 1;
}

int effect_execute(struct engine *e, struct traveller *t, int step, const char **ret_problem, struct err *err)
{
	struct effect f;
	int got = effect_of(e, t, step, &f, ret_problem, err);

	for (size_t i = 0; got > 0 && i < f.n; i++)
		got = record(e, t, &f.parts[i], err);
	return got;
}

int effect_rehearse(struct engine *e, struct traveller *t, int step, struct rehearsed *ret, struct err *err)
{
	struct effect f;
	int got;

	*ret = (struct rehearsed){ .note = "" };
	got = effect_of(e, t, step, &f, &ret->problem, err);
	if (got <= 0)
		return got;
	for (size_t i = 0; i < f.n; i++) {
		for (size_t k = 0; k < f.parts[i].n; k++)
			change_view(&f.parts[i].changes[k], &t->contact, t->arena);
		ret->changes[ret->n_types] = f.parts[i].n > 0;
		ret->types[ret->n_types++] = f.parts[i].type;
	}
	ret->note = f.note ? f.note : "";
	ret->task = f.task;
	return 1;
}
