#include "store/grouping_private.h"

#include <string.h>

static int compare_numbers(int64_t x, int64_t y)
{
	return (x > y) - (x < y);
}

static int compare(const struct group *x, const struct group *y)
{
	int got = compare_numbers(x->a, y->a);

	if (got == 0)
		got = compare_numbers(x->b, y->b);
	if (got == 0)
		got = strcmp(x->s, y->s);
	return got != 0 ? got : strcmp(x->t, y->t);
}

static size_t place_of(const struct groups *g, const struct group *wanted)
{
	size_t from = 0, to = g->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (compare(&g->list[middle], wanted) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static void count(struct groups *g, const struct group *row)
{
	size_t at = place_of(g, row);
	struct group *found;

	if (at == g->n || compare(&g->list[at], row) != 0) {
		ARENA_GROW(g->arena, &g->list, &g->cap, g->n);
		memmove(&g->list[at + 1], &g->list[at], (g->n++ - at) * sizeof *g->list);
		g->list[at] = (struct group){
			.a = row->a, .b = row->b, .s = arena_strdup(g->arena, row->s), .t = arena_strdup(g->arena, row->t),
		};
	}
	found = &g->list[at];
	found->rows++;
	found->sum += row->sum;
}

static void read_column(struct stmt *st, char column, struct group *row, struct arena *a)
{
	switch (column) {
	case 'a':
		row->a = stmt_int(st);
		break;
	case 'b':
		row->b = stmt_int(st);
		break;
	case 's':
		row->s = stmt_text(st, a);
		break;
	case 't':
		row->t = stmt_text(st, a);
		break;
	case '+':
		row->sum = stmt_int(st);
		break;
	default:
		BUG("column '%c'", column);
	}
}

int groups_count(struct groups *g, struct stmt *st, const char *columns, struct err *err)
{
	ARENA_AUTO a = { 0 };
	int got;

	while ((got = stmt_step(st, err)) > 0) {
		struct group row = { .s = "", .t = "" };

		for (const char *c = columns; *c; c++)
			read_column(st, *c, &row, &a);
		stmt_row_end(st);
		count(g, &row);
		arena_clear(&a);
	}
	return got;
}
