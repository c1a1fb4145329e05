#include "engine/effect.h"

#include "engine/event.h"
#include "engine/message.h"
#include "model/fields.h"

#include <stdbool.h>

/* What a step changes and how the feed calls it. */
struct effect {
	const char *type;
	const char *data;
	const char *note; /* NULL: it is none */
	struct change *changes;
	size_t n_changes;
};

static const char *joined(struct arena *a, const struct names *list)
{
	const char *text = list->n ? list->v[0] : "";

	for (size_t i = 1; i < list->n; i++)
		text = arena_printf(a, "%s, %s", text, list->v[i]);
	return text;
}

static int tag_effect(struct traveller *t, const struct step *st, struct effect *ret)
{
	bool add = st->verb == VERB_TAG;

	ret->type = add ? "contact.tagged" : "contact.untagged";
	ret->changes = arena_array(t->arena, st->tags.n, sizeof *ret->changes);
	for (size_t i = 0; i < st->tags.n; i++) {
		if (contact_has_tag(&t->contact, st->tags.v[i]) == add)
			continue;
		ret->changes[ret->n_changes].kind = add ? CHANGE_TAG : CHANGE_UNTAG;
		ret->changes[ret->n_changes++].name = st->tags.v[i];
	}
	ret->data = event_data(t->arena, "tag", joined(t->arena, &st->tags), NULL);
	return 1;
}

static int set_effect(struct engine *e, struct traveller *t, const struct step *st, struct effect *ret,
                      const char **ret_problem, struct err *err)
{
	struct err why = ERR_INIT;
	const char *names = "";

	ret->type = "contact.updated";
	ret->changes = arena_array(t->arena, st->n_set, sizeof *ret->changes);
	for (size_t i = 0; i < st->n_set; i++) {
		const struct assignment *as = &st->set[i];
		const struct field *f = fields_find(world_fields(t->world), as->field);
		struct change *c = &ret->changes[ret->n_changes++];
		const char *text;
		int got = message_render_text(e, t, as->value, &text, ret_problem, err);

		if (got <= 0)
			return got;
		c->kind = CHANGE_VALUE;
		c->name = as->field;
		c->value = "";
		if (*text && f && field_normalize(f, text, t->arena, &c->value, &why) < 0) {
			*ret_problem = arena_printf(t->arena, "set %s: %s", as->field, why.text);
			return 0;
		}
		if (*text && !f)
			c->value = text;
		names = *names ? arena_printf(t->arena, "%s, %s", names, as->field) : as->field;
	}
	ret->data = event_data(t->arena, "fields", names, NULL);
	return 1;
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
		ret->type = "note.added";
		ret->data = event_data(t->arena, "text", ret->note, NULL);
		return 1;
	case VERB_EMAIL:
	case VERB_WAIT:
	case VERB_IF:
	case VERB_EXIT:
		break;
	}
	BUG("step %s is no data step", st->name);
}

static bool is_nothing(const struct effect *f)
{
	return f->n_changes == 0 && !f->note;
}

int effect_execute(struct engine *e, struct traveller *t, int step, const char **ret_problem, struct err *err)
{
	struct effect f;
	struct happening h = { .contact = &t->contact, .arena = t->arena };
	int got = effect_of(e, t, step, &f, ret_problem, err);

	if (got <= 0)
		return got;
	if (is_nothing(&f))
		return 1;
	h.ev = (struct event){
		.contact = t->run.contact,
		.run = t->run.id,
		.step = t->run.step,
		.type = f.type,
		.data = f.data,
		.source = "pipeline",
		.actor = arena_printf(t->arena, "pipeline %s", t->pipeline->name),
	};
	h.changes = f.changes;
	h.n_changes = f.n_changes;
	return event_record(e, t->run.team, &h, err) < 0 ? -1 : 1;
}

int effect_rehearse(struct engine *e, struct traveller *t, int step, struct rehearsed *ret, struct err *err)
{
	struct effect f;
	int got;

	*ret = (struct rehearsed){ .note = "" };
	got = effect_of(e, t, step, &f, &ret->problem, err);
	if (got <= 0)
		return got;
	for (size_t i = 0; i < f.n_changes; i++)
		event_apply_to_view(&f.changes[i], &t->contact, t->arena);
	ret->type = is_nothing(&f) ? NULL : f.type;
	ret->note = f.note ? f.note : "";
	return 1;
}
