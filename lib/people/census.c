#include "people/census.h"

#include <stdlib.h>

#define ROWS_AT_ONCE 500

int census_blocked(struct standings *s,
                   int (*each)(const struct run *r, const struct run_standing *now, void *ctx, struct err *err),
                   void *ctx, struct err *err)
{
	struct run_filter f = { .status = run_state_text(RUN_BLOCKED), .held_at = s->e->now, .max = ROWS_AT_ONCE };
	ARENA_AUTO a = { 0 };
	struct run_standing now;
	struct run *rows;
	int n;

	do {
		arena_clear(&a);
		n = run_list(s->e->db, s->team, &f, &a, &rows, err);
		for (int i = 0; i < n; i++) {
			int got = run_standing(s, &rows[i], &a, &now, err);

			if (got == 0 && now.status == RUN_BLOCKED)
				got = each(&rows[i], &now, ctx, err);
			if (got != 0)
				return got;
		}
		f.before = n > 0 ? rows[n - 1].id : 0;
	} while (n == ROWS_AT_ONCE);
	return err_or_none(n);
}

struct crowd {
	struct arena *arena;
	int64_t *ids;
	size_t n, cap;
};

static int note_contact(const struct run *r, const struct run_standing *now, void *ctx, struct err *err)
{
	struct crowd *c = ctx;

	(void)now;
	(void)err;
	ARENA_GROW(c->arena, &c->ids, &c->cap, c->n);
	c->ids[c->n++] = r->contact;
	return 0;
}

static int by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int census_blocked_people(struct standings *s, struct arena *a, int64_t **ret, size_t *ret_n, struct err *err)
{
	struct crowd c = { .arena = a };
	size_t kept = 0;

	if (census_blocked(s, note_contact, &c, err) < 0)
		return -1;
	if (c.n)
		qsort(c.ids, c.n, sizeof *c.ids, by_id);
	for (size_t i = 0; i < c.n; i++)
		if (i == 0 || c.ids[i] != c.ids[kept - 1])
			c.ids[kept++] = c.ids[i];
	*ret = c.ids;
	*ret_n = kept;
	return 0;
}

struct tallying {
	struct arena *arena;
	struct run_tally *list;
	size_t n, cap;
};

static struct run_tally *tally_of(struct tallying *t, int64_t pipeline, enum run_state status)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->list[i].pipeline == pipeline && t->list[i].status == status)
			return &t->list[i];
	ARENA_GROW(t->arena, &t->list, &t->cap, t->n);
	t->list[t->n] = (struct run_tally){ .pipeline = pipeline, .status = status };
	return &t->list[t->n++];
}

static int recount(const struct run *r, const struct run_standing *now, void *ctx, struct err *err)
{
	struct tallying *t = ctx;

	(void)err;
	if (r->status == now->status)
		return 0;
	tally_of(t, r->pipeline, r->status)->runs--;
	tally_of(t, r->pipeline, now->status)->runs++;
	return 0;
}

int census_tallies(struct standings *s, struct arena *a, struct run_tally **ret, struct err *err)
{
	struct tallying t = { .arena = a };
	int n = run_tallies(s->e->db, s->team, a, &t.list, err);

	if (n < 0)
		return -1;
	t.n = t.cap = (size_t)n;
	if (census_blocked(s, recount, &t, err) < 0)
		return -1;
	*ret = t.list;
	return (int)t.n;
}
