#include "model/pipeline.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdlib.h>
#include <string.h>

static const char *const verbs[] = {
#define X(verb, text) text,
	VERBS(X)
#undef X
};

const char *verb_text(enum verb v)
{
	return verbs[v];
}

bool step_branches(const struct step *st)
{
	return st->verb == VERB_IF || st->verb == VERB_AWAIT;
}

int step_branch(const struct step *st, bool yes)
{
	int first = yes ? st->then_first : st->else_first;

	return first == STEP_NONE ? st->next : first;
}

bool step_holds(const struct step *st)
{
	return st->verb == VERB_TASK && st->task->hold;
}

static bool asks_for_reply(const struct cond *c)
{
	for (size_t i = 0; i < c->n_kids; i++)
		if (asks_for_reply(c->kids[i]))
			return true;
	return c->kind == COND_REPLIED;
}

bool pipeline_stops_on_reply(const struct pipeline *p)
{
	if (pipeline_sends(p) && !p->ignore_replied)
		return true;
	for (size_t i = 0; i < p->n_stop; i++)
		if (asks_for_reply(p->stop[i]))
			return true;
	return false;
}

bool pipeline_sends(const struct pipeline *p)
{
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].verb == VERB_EMAIL)
			return true;
	return false;
}

int pipeline_step_index(const struct pipeline *p, int number)
{
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].number == number)
			return (int)i;
	return STEP_NONE;
}

const struct step *pipeline_step(const struct pipeline *p, int index)
{
	return index == STEP_NONE ? NULL : &p->steps[index];
}

const struct step *pipeline_step_of(const struct pipeline *p, int number)
{
	return pipeline_step(p, pipeline_step_index(p, number));
}

int pipeline_find_step(const struct pipeline *p, const char *name)
{
	for (size_t i = 0; i < p->n_steps; i++)
		if (strcmp(p->steps[i].name, name) == 0)
			return (int)i;
	return STEP_NONE;
}

int pipeline_first(const struct pipeline *p)
{
	return p->n_steps > 0 ? 0 : STEP_NONE;
}

/* An exit in a branch before it also keeps some runs from it. */
bool pipeline_step_certain(const struct pipeline *p, int index)
{
	if (p->steps[index].parent != STEP_NONE)
		return false;
	for (int i = 0; i < index; i++)
		if (p->steps[i].verb == VERB_EXIT)
			return false;
	return true;
}

bool pipeline_step_passed(const struct pipeline *p, int earlier, int index)
{
	const struct step *e = &p->steps[earlier];

	for (int i = index; i != STEP_NONE; i = p->steps[i].parent)
		if (p->steps[i].parent == e->parent && (e->parent == STEP_NONE || p->steps[i].in_else == e->in_else))
			return earlier < i;
	return false;
}

void pipeline_name_steps(struct pipeline *p, struct arena *a)
{
	for (size_t i = 0; i < p->n_steps; i++)
		if (!p->steps[i].named)
			p->steps[i].name = arena_printf(a, "%s %d", verb_text(p->steps[i].verb), p->steps[i].number);
}

int pipeline_number(struct pipeline *p, struct arena *a, const char *numbers, struct err *err)
{
	const char *s = numbers;
	char *end;

	for (size_t i = 0; i < p->n_steps; i++) {
		long n = strtol(s, &end, 10);

		if (end == s || n < 1 || n > INT32_MAX)
			return err_set(err, ERR_CONFIG, "'%s' has %zu steps, but not as many numbers are stored", p->name, p->n_steps);
		p->steps[i].number = (int)n;
		s = end;
	}
	if (s[strspn(s, " ")])
		return err_set(err, ERR_CONFIG, "'%s' has %zu steps, but more numbers are stored", p->name, p->n_steps);
	pipeline_name_steps(p, a);
	return 0;
}

void pipeline_numbers(const struct pipeline *p, struct buf *out)
{
	for (size_t i = 0; i < p->n_steps; i++)
		buf_addf(out, i > 0 ? " %d" : "%d", p->steps[i].number);
}
