#include "model/match.h"

#include "base/arena.h"
#include "base/err.h"

#include <string.h>

#define CELLS_MAX ((size_t)4 * 1024 * 1024) /* a pipeline has at most 2000 steps */

/* Indexes of the steps of one list: the top level, or a branch. */
struct list {
	int *v;
	size_t n;
};

/* partner_of_*: the index on the other side, STEP_NONE: none yet. */
struct matching {
	const struct pipeline *old;
	const struct pipeline *new;
	struct arena *arena;
	int *partner_of_old, *partner_of_new;
};

static void pair(struct matching *m, int i, int k)
{
	m->partner_of_old[i] = k;
	m->partner_of_new[k] = i;
}

static bool free_both(const struct matching *m, int i, int k)
{
	return m->partner_of_old[i] == STEP_NONE && m->partner_of_new[k] == STEP_NONE;
}

static bool is_child(const struct step *s, int parent, bool in_else)
{
	return s->parent == parent && (parent == STEP_NONE || s->in_else == in_else);
}

static struct list children(const struct pipeline *p, int parent, bool in_else, struct arena *a)
{
	struct list l = { 0 };

	for (size_t i = 0; i < p->n_steps; i++)
		l.n += is_child(&p->steps[i], parent, in_else);
	l.v = arena_array(a, l.n, sizeof *l.v);
	l.n = 0;
	for (size_t i = 0; i < p->n_steps; i++)
		if (is_child(&p->steps[i], parent, in_else))
			l.v[l.n++] = (int)i;
	return l;
}

static void match_names(struct matching *m)
{
	for (size_t k = 0; k < m->new->n_steps; k++) {
		const struct step *s = &m->new->steps[k];
		int i = s->named ? pipeline_find_step(m->old, s->name) : STEP_NONE;

		if (i != STEP_NONE && m->old->steps[i].named && free_both(m, i, (int)k))
			pair(m, i, (int)k);
	}
}

static bool alike(const struct matching *m, int i, int k)
{
	if (m->partner_of_old[i] != STEP_NONE || m->partner_of_new[k] != STEP_NONE)
		return m->partner_of_old[i] == k;
	return !(m->old->steps[i].named && m->new->steps[k].named) &&
	       strcmp(m->old->steps[i].signature, m->new->steps[k].signature) == 0;
}

/* The longest common subsequence; lengths[i][k] is that of the rests from i and k on. */
static void match_longest(struct matching *m, struct list a, struct list b)
{
	size_t width = b.n + 1, i, k;
	unsigned *lengths;

	BUG_ON((a.n + 1) * width > CELLS_MAX);
	lengths = arena_array(m->arena, (a.n + 1) * width, sizeof *lengths);
	for (i = a.n; i-- > 0;) {
		for (k = b.n; k-- > 0;) {
			unsigned down = lengths[(i + 1) * width + k], right = lengths[i * width + k + 1];

			if (alike(m, a.v[i], b.v[k]))
				lengths[i * width + k] = lengths[(i + 1) * width + k + 1] + 1;
			else
				lengths[i * width + k] = down > right ? down : right;
		}
	}
	for (i = k = 0; i < a.n && k < b.n;) {
		if (alike(m, a.v[i], b.v[k]) && lengths[i * width + k] == lengths[(i + 1) * width + k + 1] + 1)
			pair(m, a.v[i++], b.v[k++]);
		else if (lengths[(i + 1) * width + k] >= lengths[i * width + k + 1])
			i++;
		else
			k++;
	}
}

static void match_content(struct matching *m, struct list a, struct list b)
{
	while (a.n > 0 && b.n > 0 && alike(m, a.v[0], b.v[0])) {
		pair(m, *a.v++, *b.v++);
		a.n--;
		b.n--;
	}
	while (a.n > 0 && b.n > 0 && alike(m, a.v[a.n - 1], b.v[b.n - 1]))
		pair(m, a.v[--a.n], b.v[--b.n]);
	if (a.n > 0 && b.n > 0)
		match_longest(m, a, b);
}

/* Between two neighbours that are matched: steps of the same verb without two names are the old ones, changed. */
static void match_gap(struct matching *m, struct list a, struct list b)
{
	size_t from = 0;

	for (size_t i = 0; i < a.n; i++) {
		const struct step *s = &m->old->steps[a.v[i]];

		for (size_t k = from; k < b.n && m->partner_of_old[a.v[i]] == STEP_NONE; k++) {
			const struct step *t = &m->new->steps[b.v[k]];

			if (t->verb == s->verb && !(s->named && t->named) && m->partner_of_new[b.v[k]] == STEP_NONE) {
				pair(m, a.v[i], b.v[k]);
				from = k + 1;
			}
		}
	}
}

static size_t next_matched(const struct matching *m, struct list a, size_t i, struct list b, size_t from, size_t *ret_k)
{
	for (; i < a.n; i++) {
		for (size_t k = from; k < b.n; k++) {
			if (m->partner_of_old[a.v[i]] == b.v[k]) {
				*ret_k = k;
				return i;
			}
		}
	}
	*ret_k = b.n;
	return a.n;
}

static void match_gaps(struct matching *m, struct list a, struct list b)
{
	size_t i = 0, k = 0;

	while (i < a.n && k < b.n) {
		size_t stop_k, stop_i = next_matched(m, a, i, b, k, &stop_k);

		match_gap(m, (struct list){ a.v + i, stop_i - i }, (struct list){ b.v + k, stop_k - k });
		i = stop_i + 1;
		k = stop_k + 1;
	}
}

static void match_lists(struct matching *m, int old_parent, int new_parent, bool in_else)
{
	struct list a = children(m->old, old_parent, in_else, m->arena);
	struct list b = children(m->new, new_parent, in_else, m->arena);

	match_content(m, a, b);
	match_gaps(m, a, b);
	for (size_t i = 0; i < a.n; i++) {
		int partner = m->partner_of_old[a.v[i]];

		if (partner == STEP_NONE || !step_branches(&m->old->steps[a.v[i]]))
			continue;
		match_lists(m, a.v[i], partner, false);
		match_lists(m, a.v[i], partner, true);
	}
}

/* What was not found in its own list may have moved to another. */
static void match_moved(struct matching *m)
{
	for (size_t i = 0; i < m->old->n_steps; i++)
		for (size_t k = 0; k < m->new->n_steps && m->partner_of_old[i] == STEP_NONE; k++)
			if (free_both(m, (int)i, (int)k) && alike(m, (int)i, (int)k))
				pair(m, (int)i, (int)k);
}

static int *none(struct arena *a, size_t n)
{
	int *v = arena_array(a, n, sizeof *v);

	for (size_t i = 0; i < n; i++)
		v[i] = STEP_NONE;
	return v;
}

static void number(const struct matching *m, struct pipeline *new, int *next_number)
{
	for (size_t k = 0; k < new->n_steps; k++) {
		int i = m->partner_of_new[k];

		new->steps[k].number = i == STEP_NONE ? (*next_number)++ : m->old->steps[i].number;
	}
}

/* The steps of each list that stay in their order; the others have moved. Marks them in `stays` by old index. */
static void mark_order(const struct matching *m, struct list a, bool *stays)
{
	size_t *best = arena_array(m->arena, a.n + 1, sizeof *best), *before = arena_array(m->arena, a.n + 1, sizeof *before);
	size_t last = a.n;

	for (size_t i = 0; i < a.n; i++) {
		int at = m->partner_of_old[a.v[i]];

		before[i] = a.n;
		if (at == STEP_NONE)
			continue;
		best[i] = 1;
		for (size_t k = 0; k < i; k++) {
			if (best[k] > 0 && m->partner_of_old[a.v[k]] < at && best[k] + 1 > best[i]) {
				best[i] = best[k] + 1;
				before[i] = k;
			}
		}
		if (last == a.n || best[i] > best[last])
			last = i;
	}
	for (; last != a.n; last = before[last])
		stays[a.v[last]] = true;
}

static bool same_list(const struct matching *m, int i, int k)
{
	const struct step *s = &m->old->steps[i], *t = &m->new->steps[k];

	if (s->parent == STEP_NONE || t->parent == STEP_NONE)
		return s->parent == t->parent;
	return m->partner_of_old[s->parent] == t->parent && s->in_else == t->in_else;
}

static void mark_list(const struct matching *m, int parent, bool in_else, bool *stays)
{
	struct list all = children(m->old, parent, in_else, m->arena), here = { all.v, 0 };

	for (size_t i = 0; i < all.n; i++) {
		int partner = m->partner_of_old[all.v[i]];

		if (step_branches(&m->old->steps[all.v[i]])) {
			mark_list(m, all.v[i], false, stays);
			mark_list(m, all.v[i], true, stays);
		}
		if (partner != STEP_NONE && same_list(m, all.v[i], partner))
			here.v[here.n++] = all.v[i];
	}
	mark_order(m, here, stays);
}

static struct step_match judge(const struct matching *m, int i, const bool *stays)
{
	struct step_match ret = { STEP_DELETED, m->partner_of_old[i], m->partner_of_old[i] };

	if (ret.now == STEP_NONE) {
		int on = i;

		while (on != STEP_NONE && m->partner_of_old[on] == STEP_NONE)
			on = m->old->steps[on].next;
		ret.go_on = on == STEP_NONE ? STEP_NONE : m->partner_of_old[on];
		return ret;
	}
	if (!stays[i])
		ret.fate = STEP_MOVED;
	else
		ret.fate = strcmp(m->old->steps[i].body, m->new->steps[ret.now].body) == 0 ? STEP_KEPT : STEP_CHANGED;
	return ret;
}

struct step_match *match_steps(const struct pipeline *old, struct pipeline *new, struct arena *a, int *next_number)
{
	static const struct pipeline nothing;
	struct matching m = { .old = old ? old : &nothing, .new = new, .arena = a };
	struct step_match *ret;
	bool *stays;

	m.partner_of_old = none(a, m.old->n_steps);
	m.partner_of_new = none(a, new->n_steps);
	match_names(&m);
	match_lists(&m, STEP_NONE, STEP_NONE, false);
	match_moved(&m);
	number(&m, new, next_number);
	pipeline_name_steps(new, a);
	if (!old)
		return NULL;
	stays = arena_array(a, old->n_steps, sizeof *stays);
	mark_list(&m, STEP_NONE, false, stays);
	ret = arena_array(a, old->n_steps, sizeof *ret);
	for (size_t i = 0; i < old->n_steps; i++)
		ret[i] = judge(&m, (int)i, stays);
	return ret;
}

bool match_same(const struct pipeline *old, const struct pipeline *new)
{
	if (old->n_steps != new->n_steps)
		return false;
	for (size_t i = 0; i < old->n_steps; i++) {
		const struct step *s = &old->steps[i], *t = &new->steps[i];

		if (s->parent != t->parent || s->in_else != t->in_else || strcmp(s->body, t->body) != 0)
			return false;
	}
	return true;
}
