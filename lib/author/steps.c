#include "author/steps.h"
#include "author/tables.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define SIGNATURE_MAX (YAML_SIZE_MAX * 2)

static int reserve(struct step_list *list)
{
	GROW(&list->v, &list->cap, list->n);
	GROW(&list->sources, &list->cap_sources, list->n);
	return (int)list->n++;
}

static int read_one(struct reader *rd, struct yaml *node, const struct step *frame, int before)
{
	int index = reserve(rd->steps), r;
	struct step_draft d = { 0 };

	d.source.before = before;
	r = step_read(rd, node, &d);
	d.step.depth = frame->depth;
	d.step.parent = frame->parent;
	d.step.in_else = frame->in_else;
	d.step.line = node->line;
	d.step.column = node->column;
	d.step.next = d.step.then_first = d.step.else_first = STEP_NONE;
	d.step.number = index + 1;
	if (d.id) {
		d.step.name = d.id->text;
		d.source.name_node = d.id;
	} else {
		d.step.name = d.step.template;
	}
	d.step.named = d.step.name != NULL;
	rd->steps->v[index] = d.step;
	rd->steps->sources[index] = d.source;
	if (d.then_steps && steps_read(rd, d.then_steps, index, false) < 0)
		r = -1;
	if (d.else_steps && steps_read(rd, d.else_steps, index, true) < 0)
		r = -1;
	return r;
}

int steps_read(struct reader *rd, struct yaml *node, int parent, bool in_else)
{
	struct step frame = { .parent = parent, .in_else = in_else };
	int before = STEP_NONE, r = 0;

	if (parent != STEP_NONE)
		frame.depth = rd->steps->v[parent].depth + 1;
	for (size_t i = 0; i < node->n; i++) {
		int index = (int)rd->steps->n;

		if (read_one(rd, node->items[i], &frame, before) < 0)
			r = -1;
		if (before != STEP_NONE)
			rd->steps->v[before].next = index;
		before = index;
	}
	return r;
}

/* The last step of a branch goes on where its `if` does; parents come first, so theirs is known. */
static void link_flow(struct pipeline *p, const struct step_list *list)
{
	for (size_t i = 0; i < p->n_steps; i++) {
		struct step *s = &p->steps[i];

		if (s->parent != STEP_NONE && list->sources[i].before == STEP_NONE) {
			struct step *parent = &p->steps[s->parent];

			if (s->in_else)
				parent->else_first = (int)i;
			else
				parent->then_first = (int)i;
		}
		if (s->next == STEP_NONE && s->parent != STEP_NONE)
			s->next = p->steps[s->parent].next;
	}
	for (size_t i = 0; i < p->n_steps; i++) {
		struct step *s = &p->steps[i];

		if (step_branches(s) && s->then_first == STEP_NONE)
			s->then_first = s->next;
		if (step_branches(s) && s->else_first == STEP_NONE)
			s->else_first = s->next;
	}
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].verb == VERB_EXIT)
			p->steps[i].next = STEP_NONE;
}

static int by_name(const void *a, const void *b)
{
	const struct step *x = *(const struct step *const *)a, *y = *(const struct step *const *)b;
	int cmp = strcmp(x->name, y->name);

	if (cmp != 0)
		return cmp;
	return x < y ? -1 : x > y;
}

static int check_names(struct reader *rd, const struct pipeline *p)
{
	const struct step **named = arena_array(rd->arena, p->n_steps, sizeof *named);
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].named)
			named[n++] = &p->steps[i];
	if (n > 1)
		qsort(named, n, sizeof *named, by_name);
	for (size_t i = 1; i < n; i++) {
		const struct yaml *node = rd->steps->sources[named[i] - p->steps].name_node;

		if (strcmp(named[i]->name, named[i - 1]->name) != 0)
			continue;
		if (named[i]->template == named[i]->name)
			r = reader_error(rd, node, "a step named '%s' is in line %d already; give this one an 'id'", named[i]->name,
			                 named[i - 1]->line);
		else
			r = reader_error(rd, node, "a step named '%s' is in line %d already", named[i]->name, named[i - 1]->line);
	}
	return r;
}

static int check_thread(struct reader *rd, const struct pipeline *p, size_t i)
{
	const struct step *s = &p->steps[i];
	const struct yaml *node = rd->steps->sources[i].thread_node;
	const char **names;
	int found;

	if (!s->thread || strcmp(s->thread, "previous") == 0)
		return 0;
	found = pipeline_find_step(p, s->thread);
	if (found == (int)i)
		return reader_error(rd, node, "'thread' names this step itself");
	if (found != STEP_NONE && p->steps[found].verb != VERB_EMAIL)
		return reader_error(rd, node, "'thread': the step '%s' sends no mail", s->thread);
	if (found != STEP_NONE)
		return (size_t)found < i ? 0 : reader_error(rd, node, "'thread': the step '%s' comes later", s->thread);
	names = arena_array(rd->arena, i + 1, sizeof *names);
	for (size_t k = 0; k < i; k++)
		names[k] = p->steps[k].verb == VERB_EMAIL && p->steps[k].named ? p->steps[k].name : NULL;
	return reader_error(rd, node, "'thread': no step is named '%s'%s", s->thread, reader_near(rd, s->thread, names, i));
}

static bool makes(const struct step *s, enum verb verb)
{
	return s->verb == verb && (verb != VERB_TASK || (s->task && s->task->title));
}

/* The step whose task or mail a condition asks for, or whose task another step completes. */
static int check_ref(struct reader *rd, const struct pipeline *p, const struct yaml *node, enum verb verb)
{
	int found = pipeline_find_step(p, node->text);
	const char **names;

	if (found != STEP_NONE && makes(&p->steps[found], verb))
		return 0;
	if (found != STEP_NONE)
		return reader_error(rd, node, verb == VERB_TASK ? "the step '%s' makes no task" : "the step '%s' sends no mail",
		                    node->text);
	names = arena_array(rd->arena, p->n_steps + 1, sizeof *names);
	for (size_t i = 0; i < p->n_steps; i++)
		names[i] = makes(&p->steps[i], verb) ? p->steps[i].name : NULL;
	return reader_error(rd, node, "no step is named '%s'%s", node->text, reader_near(rd, node->text, names, p->n_steps));
}

static int check_refs(struct reader *rd, const struct pipeline *p)
{
	int r = 0;

	for (size_t i = 0; i < rd->steps->n_refs; i++)
		if (check_ref(rd, p, rd->steps->refs[i].node, rd->steps->refs[i].verb) < 0)
			r = -1;
	for (size_t i = 0; i < p->n_steps; i++)
		if (rd->steps->sources[i].done_node && p->steps[i].task && p->steps[i].task->done &&
		    check_ref(rd, p, rd->steps->sources[i].done_node, VERB_TASK) < 0)
			r = -1;
	return r;
}

static void warn_unreachable(struct reader *rd, const struct pipeline *p)
{
	bool *reached = arena_array(rd->arena, p->n_steps + 1, sizeof *reached);

	reached[0] = true;
	for (size_t i = 0; i < p->n_steps; i++) {
		const struct step *s = &p->steps[i];
		int before = rd->steps->sources[i].before;

		if (!reached[i]) {
			if (before != STEP_NONE && reached[before])
				reader_warning(rd, rd->steps->sources[i].node, "this step is never reached: all ways before it end with 'exit'");
			continue;
		}
		if (step_branches(s)) {
			reached[s->then_first == STEP_NONE ? (int)p->n_steps : s->then_first] = true;
			reached[s->else_first == STEP_NONE ? (int)p->n_steps : s->else_first] = true;
		} else if (s->next != STEP_NONE) {
			reached[s->next] = true;
		}
	}
}

int steps_link(struct reader *rd, struct pipeline *p)
{
	int r = 0;

	p->n_steps = rd->steps->n;
	p->steps = arena_array(rd->arena, p->n_steps, sizeof *p->steps);
	if (p->n_steps > 0)
		memcpy(p->steps, rd->steps->v, p->n_steps * sizeof *p->steps);
	link_flow(p, rd->steps);
	pipeline_name_steps(p, rd->arena);
	if (p->n_steps > STEPS_MAX)
		return reader_error(rd, rd->steps->sources[STEPS_MAX].node, "a pipeline has at most %d steps", STEPS_MAX);
	if (rd->stored)
		return 0;
	r = check_names(rd, p);
	for (size_t i = 0; i < p->n_steps; i++)
		if (check_thread(rd, p, i) < 0)
			r = -1;
	if (check_refs(rd, p) < 0)
		r = -1;
	warn_unreachable(rd, p);
	return r;
}

static bool is_part(const char *key, const char *const *left_out)
{
	for (; *left_out; left_out++)
		if (strcmp(key, *left_out) == 0)
			return false;
	return true;
}

/* The canonical text of a step's map without some keys. */
static const char *text_without(struct arena *a, const struct yaml *node, const char *const *left_out, struct buf *b)
{
	struct yaml part = *node;
	struct yaml_pair pairs[8];

	part.n = 0;
	part.pairs = pairs;
	for (size_t i = 0; i < node->n && part.n < ARRAY_LEN(pairs); i++)
		if (is_part(node->pairs[i].key->text, left_out))
			pairs[part.n++] = node->pairs[i];
	buf_clear(b);
	yaml_write(&part, b);
	return arena_strndup(a, b->s, b->len);
}

struct signing {
	struct arena *arena;
	struct pipeline *pipeline;
	struct buf *text;
	size_t next;
};

static void sign_list(struct signing *g, const struct yaml *list)
{
	static const char *const not_body[] = { "comment", "then", "else", NULL };
	static const char *const not_signature[] = { "id", "comment", "then", "else", "after", NULL };

	for (size_t i = 0; list && i < list->n && g->next < g->pipeline->n_steps; i++) {
		const struct yaml *node = list->items[i];
		struct step *s = &g->pipeline->steps[g->next++];

		s->signature = text_without(g->arena, node, not_signature, g->text);
		s->body = text_without(g->arena, node, not_body, g->text);
		sign_list(g, yaml_get(node, "then"));
		sign_list(g, yaml_get(node, "else"));
	}
}

void steps_sign(struct arena *a, struct pipeline *p, const struct yaml *tree)
{
	BUF_AUTO text = BUF_INIT(SIGNATURE_MAX);
	struct signing g = { .arena = a, .pipeline = p, .text = &text };

	sign_list(&g, yaml_get(tree, "steps"));
}
