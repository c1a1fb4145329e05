#include "engine/message.h"

#include "base/random.h"
#include "engine/sender.h"
#include "engine/view.h"
#include "format/liquid.h"
#include "format/mime.h"
#include "model/message_id.h"

#include <string.h>

#define MAX_MAIL ((size_t)24 << 20)
#define MAX_PART ((size_t)1 << 20)

/* Fields that have a value when a mail is made, whatever they have now: steps before it set them. */
struct filled {
	struct names set; /* on every way to the mail */
	struct names may; /* only in a branch before it */
	size_t cap_set, cap_may;
	bool only_may;    /* holes are those that `may` fills; else those that nothing fills */
};

/* Rendering several texts with the same values: what is missing adds up. */
struct rendering {
	struct engine *engine;
	struct world *world;
	const struct view *view;
	struct value root;       /* what the texts so far may look at */
	struct liquid_options options;
	struct arena *arena;
	bool check_event;        /* a hole in event.* counts */
	bool no_sender;          /* who it is shows later: holes of the sender do not count */
	const struct filled *filled; /* NULL: nothing */
	const char *missing;     /* what `contactctl set` cannot mend stands first */
	const char *problem;
};

static void rendering_init(struct rendering *r, struct engine *e, struct world *w, const struct view *v,
                           struct arena *a)
{
	struct surroundings s = world_surroundings(w, v->contact);

	*r = (struct rendering){ .engine = e, .world = w, .view = v, .arena = a, .root = value_map(a), .missing = "" };
	r->check_event = v->run && v->run->event;
	r->options = (struct liquid_options){ .strict = true, .now = e->now, .zone = s.zone };
}

static bool is_listed(const char *list, const char *name)
{
	BUF_AUTO all = BUF_INIT(MAX_PART), one = BUF_INIT(MAX_PART);

	buf_addf(&all, ", %s,", list);
	buf_addf(&one, ", %s,", name);
	return strstr(all.s, one.s) != NULL;
}

static bool is_filled(const struct filled *f, const char *name)
{
	if (!f)
		return false;
	if (strncmp(name, "contact.", 8) != 0)
		return f->only_may;
	return names_have(&f->set, name + 8) || names_have(&f->may, name + 8) != f->only_may;
}

static bool is_of_sender(const char *name)
{
	return strncmp(name, "sender.", 7) == 0 || strcmp(name, "unsubscribe_url") == 0;
}

static void note_hole(struct rendering *r, const char *name)
{
	if (strncmp(name, "event.", 6) == 0 && !r->check_event)
		return;
	if (is_filled(r->filled, name) || is_listed(r->missing, name) || (r->no_sender && is_of_sender(name)))
		return;
	if (!*r->missing)
		r->missing = arena_strdup(r->arena, name);
	else if (strncmp(name, "contact.", 8) == 0)
		r->missing = arena_printf(r->arena, "%s, %s", r->missing, name);
	else
		r->missing = arena_printf(r->arena, "%s, %s", name, r->missing);
}

/* 1 with *ret; 0 with r->problem; -1. NULL text gives "". */
static int render(struct rendering *r, const char *text, bool html, const char **ret, struct err *err)
{
	BUF_AUTO out = BUF_INIT(MAX_PART);
	const struct liquid *compiled;
	struct liquid_report report;

	*ret = "";
	if (!text)
		return 1;
	compiled = world_liquid(r->world, text, err);
	if (!compiled || view_provide(r->engine, r->world, r->view, compiled, &r->root, err) < 0)
		return -1;
	r->options.html = html;
	if (liquid_render(compiled, &r->root, &r->options, r->arena, &out, &report) < 0) {
		r->problem = arena_printf(r->arena, "line %u: %s", report.problem.line, report.problem.message);
		return 0;
	}
	for (size_t i = 0; i < report.n_holes; i++)
		note_hole(r, report.holes[i].name);
	*ret = arena_strndup(r->arena, out.s, out.len);
	return 1;
}

static int render_parts(struct rendering *r, const struct template *tpl, const char *language, struct rendered *ret,
                        struct err *err)
{
	struct template_text parts = template_for(tpl, language);
	int got = render(r, parts.subject, false, &ret->subject, err);

	if (got > 0)
		got = render(r, parts.text, false, &ret->text, err);
	if (got > 0)
		got = render(r, parts.html, true, &ret->html, err);
	ret->template = tpl->name ? tpl->name : "";
	ret->source = parts;
	ret->missing = r->missing;
	return got;
}

const struct template *message_template(const struct world *w, const struct step *st)
{
	return st->inline_template ? st->inline_template : world_template(w, st->template);
}

static const struct template *inline_template(const struct world *w, const char *pipeline, const char *step)
{
	const struct pipeline *p = world_pipeline(w, pipeline);
	const struct step *st = p ? pipeline_step(p, pipeline_find_step(p, step)) : NULL;

	return st ? st->inline_template : NULL;
}

const struct template *template_of_name(const struct world *w, const char *name)
{
	const struct template *found = world_template(w, name);
	const char *slash = strchr(name, '/');
	ARENA_AUTO a = { 0 };

	if (slash)
		found = inline_template(w, arena_strndup(&a, name, (size_t)(slash - name)), slash + 1);
	return found;
}

const char *template_of_step_name(struct arena *a, const struct pipeline *p, const struct step *st)
{
	return arena_printf(a, "%s/%s", p->name, st->name);
}

static const char *sender_of(const struct traveller *t, const struct step *st)
{
	struct hurdle ignored;

	return sender_of_step(t, st, &ignored);
}

static struct view view_of(const struct traveller *t, const char *mailbox)
{
	return (struct view){ .contact = &t->contact,
		              .run = &t->run,
		              .pipeline = t->pipeline->name,
		              .mailbox = mailbox,
		              .token = t->message_id };
}

static const char *language_of(const struct world *w, const struct contact *c)
{
	const char *lang = contact_get(c, "lang");

	return lang ? lang : world_team(w)->language;
}

int message_render(struct engine *e, struct traveller *t, int step, struct rendered *ret, const char **ret_problem,
                   struct err *err)
{
	const struct step *st = &t->pipeline->steps[step];
	const struct template *tpl = message_template(t->world, st);
	struct view v = view_of(t, sender_of(t, st));
	struct rendering r;
	int got;

	if (!tpl) {
		*ret_problem = arena_printf(t->arena, "there is no template '%s' any more", st->template);
		return 0;
	}
	rendering_init(&r, e, t->world, &v, t->arena);
	got = render_parts(&r, tpl, language_of(t->world, &t->contact), ret, err);
	*ret_problem = r.problem;
	return got;
}

int message_render_template(struct engine *e, struct world *w, const struct template *tpl, const struct contact *c,
                            const char *mailbox, struct arena *a, struct rendered *ret, const char **ret_problem,
                            struct err *err)
{
	struct view v = { .contact = c, .mailbox = mailbox };
	struct rendering r;
	int got;

	rendering_init(&r, e, w, &v, a);
	got = render_parts(&r, tpl, language_of(w, c), ret, err);
	*ret_problem = r.problem;
	return got;
}

int message_render_text(struct engine *e, struct traveller *t, const char *text, const char **ret,
                        const char **ret_problem, struct err *err)
{
	struct view v = view_of(t, t->run.mailbox);
	struct rendering r;
	int got;

	if (!strstr(text, "{{") && !strstr(text, "{%")) {
		*ret = text;
		return 1;
	}
	rendering_init(&r, e, t->world, &v, t->arena);
	got = render(&r, text, false, ret, err);
	*ret_problem = r.problem;
	return got;
}

/* Does this run have to pass the step: certain ones that lie ahead, and the one where it stands. */
static bool lies_ahead(const struct traveller *t, int i, int here)
{
	return i == here || pipeline_step_certain(t->pipeline, i);
}

static void note_set(const struct step *st, struct arena *a, struct names *list, size_t *cap)
{
	for (size_t i = 0; i < st->n_set; i++) {
		if (!*st->set[i].value)
			continue;
		ARENA_GROW(a, &list->v, cap, list->n);
		list->v[list->n++] = st->set[i].field;
	}
}

/* 1: no output of the text can be empty, as a look at the variables shows; 0: only rendering can tell; -1. */
static int text_is_whole(struct world *w, const char *text, const struct view *v, struct err *err)
{
	const struct liquid *compiled = text ? world_liquid(w, text, err) : NULL;
	const struct liquid_variable *vars;
	size_t n;

	if (!compiled)
		return text ? -1 : 1;
	vars = liquid_variables(compiled, &n);
	for (size_t i = 0; i < n; i++)
		if (vars[i].output && !vars[i].has_default && !view_surely_has(w, v, vars[i].path))
			return 0;
	return liquid_prints_plainly(compiled);
}

static int parts_are_whole(struct world *w, const struct template_text *parts, const struct view *v, struct err *err)
{
	int whole = text_is_whole(w, parts->subject, v, err);

	if (whole > 0)
		whole = text_is_whole(w, parts->text, v, err);
	if (whole > 0)
		whole = text_is_whole(w, parts->html, v, err);
	return whole;
}

/* Adds to *missing what this mail lacks. */
static int find_missing(struct engine *e, struct traveller *t, const struct step *st, const struct filled *filled,
                        const char **missing, struct err *err)
{
	const struct template *tpl = message_template(t->world, st);
	const char *language = language_of(t->world, &t->contact);
	struct view v = view_of(t, sender_of(t, st));
	struct rendered ignored;
	struct rendering r;
	struct template_text parts;
	int whole;

	if (!tpl)
		return 0;
	parts = template_for(tpl, language);
	whole = parts_are_whole(t->world, &parts, &v, err);
	if (whole != 0)
		return err_or_none(whole);
	rendering_init(&r, e, t->world, &v, t->arena);
	r.filled = filled;
	r.missing = *missing;
	r.no_sender = st->mailbox && !v.mailbox;
	if (render_parts(&r, tpl, language, &ignored, err) < 0)
		return -1;
	*missing = r.missing;
	return 0;
}

/* Its mail goes from the owner's mailbox, and there is no owner. */
static bool lacks_owner(const struct traveller *t, const struct step *st, const struct filled *filled)
{
	return sender_is_owner(st) && !contact_get(&t->contact, "owner") && !is_filled(filled, "contact.owner");
}

static int add_missing(struct engine *e, struct traveller *t, const struct step *st, const struct filled *filled,
                       const char **missing, struct err *err)
{
	if (st->verb != VERB_EMAIL)
		return 0;
	if (find_missing(e, t, st, filled, missing, err) < 0)
		return -1;
	if (lacks_owner(t, st, filled) && !is_listed(*missing, "contact.owner"))
		*missing = **missing ? arena_printf(t->arena, "%s, contact.owner", *missing) : "contact.owner";
	return 0;
}

int message_missing_at_entry(struct engine *e, struct traveller *t, const char **ret, struct err *err)
{
	int here = t->run.step ? pipeline_step_index(t->pipeline, t->run.step) : 0;
	struct filled filled = { 0 };
	const char *missing = "";

	for (int i = here; i != STEP_NONE && i < (int)t->pipeline->n_steps; i++) {
		const struct step *st = &t->pipeline->steps[i];

		if (!lies_ahead(t, i, here)) {
			note_set(st, t->arena, &filled.may, &filled.cap_may);
			continue;
		}
		note_set(st, t->arena, &filled.set, &filled.cap_set);
		if (add_missing(e, t, st, &filled, &missing, err) < 0)
			return -1;
	}
	*ret = missing;
	return 0;
}

int message_may_miss(struct engine *e, struct traveller *t, int step, const char **ret, struct err *err)
{
	const struct pipeline *p = t->pipeline;
	struct filled filled = { .only_may = pipeline_step_certain(p, step) };

	*ret = "";
	for (int i = 0; i < step; i++) {
		const struct step *st = &p->steps[i];

		if (pipeline_step_passed(p, i, step))
			note_set(st, t->arena, &filled.set, &filled.cap_set);
		else if (filled.only_may)
			note_set(st, t->arena, &filled.may, &filled.cap_may);
	}
	return add_missing(e, t, &p->steps[step], &filled, ret, err);
}

void message_share(const struct mailbox *mb, const struct template_text *source, struct arena *a, struct message *m)
{
	const char *texts[] = { mime_header_words, mb->from_name, mb->from_address, source->subject, source->text, source->html };
	const char **list = arena_array(a, ARRAY_LEN(texts), sizeof *list);

	m->n_shared = 0;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (texts[i])
			list[m->n_shared++] = texts[i];
	m->shared = list;
}

int message_new_id(struct engine *e, const char *from_address, struct arena *a, struct message *m, struct err *err)
{
	unsigned char secret[MESSAGE_ID_SECRET];

	if (db_new_id(e->db, "item", &m->id, err) < 0)
		return -1;
	random_bytes(secret, sizeof secret);
	m->message_id = message_id_make(a, m->id, secret, from_address);
	return 0;
}
