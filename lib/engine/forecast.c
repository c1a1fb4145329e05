#include "engine/forecast.h"

#include "engine/lanes.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_AT_ONCE 1000

/* The mails of one class, in order; those before `at` have their slots. */
struct column {
	size_t at, end;
};

struct flow {
	const struct lane *lane;
	const struct mailbox *mailbox;
	struct queue_row *rows; /* by class, due, item */
	size_t n_rows, cap_rows;
	struct column columns[CLASS_MAX + 1];
	int64_t *used;          /* slots, oldest first */
	size_t n_used, cap_used;
	int64_t open_at;        /* nothing goes before */
	const char *closed;     /* why not */
};

bool forecast_needed(const struct mailbox *mb)
{
	return mb->limit.per_day || mb->limit.per_hour || mb->limit.gap_s;
}

static int load_rows(struct engine *e, struct flow *f, struct arena *a, struct err *err)
{
	struct queue_row page[ROWS_AT_ONCE], last = { .class = -1 };
	int n;

	do {
		n = queue_list(e->db, f->lane->id, &last, page, ROWS_AT_ONCE, err);
		for (int i = 0; i < n; i++) {
			ARENA_GROW(a, &f->rows, &f->cap_rows, f->n_rows);
			f->rows[f->n_rows++] = last = page[i];
		}
	} while (n == ROWS_AT_ONCE && f->n_rows < FORECAST_MAX);
	return err_or_none(n);
}

static void find_columns(struct flow *f)
{
	for (size_t i = 0; i < f->n_rows; i++) {
		struct column *c = &f->columns[f->rows[i].class];

		if (c->end == 0)
			c->at = i;
		c->end = i + 1;
	}
}

/* A slot frees one behind it after `window`. */
static void wait_for_window(const struct flow *f, int64_t limit, int64_t window, int64_t *at, const char **rule)
{
	int64_t free_at;

	if (limit == 0 || f->n_used < (size_t)limit)
		return;
	free_at = f->used[f->n_used - (size_t)limit] + window;
	if (free_at > *at) {
		*at = free_at;
		*rule = "limit";
	}
}

/* From when on the next mail may go, whichever it is. */
static int64_t next_open(const struct flow *f, const char **rule)
{
	int64_t at = f->open_at, gap_end;

	*rule = f->closed;
	wait_for_window(f, f->mailbox->limit.per_day, LANE_DAY_S, &at, rule);
	wait_for_window(f, f->mailbox->limit.per_hour, LANE_HOUR_S, &at, rule);
	if (f->n_used == 0 || f->mailbox->limit.gap_s == 0)
		return at;
	gap_end = f->used[f->n_used - 1] + lane_gap_after(f->lane, f->mailbox, f->used[f->n_used - 1]);
	if (gap_end > at) {
		at = gap_end;
		*rule = "gap";
	}
	return at;
}

static int64_t first_due(const struct flow *f)
{
	int64_t first = INT64_MAX;

	for (int c = 0; c <= CLASS_MAX; c++) {
		const struct column *col = &f->columns[c];

		if (col->at < col->end && f->rows[col->at].due < first)
			first = f->rows[col->at].due;
	}
	return first;
}

/* The mail that goes at an instant at which one is due. */
static const struct queue_row *take(struct flow *f, int64_t at)
{
	for (int c = 0; c <= CLASS_MAX; c++) {
		struct column *col = &f->columns[c];

		if (col->at < col->end && f->rows[col->at].due <= at)
			return &f->rows[col->at++];
	}
	BUG("no mail is due at %lld", (long long)at);
}

static void fill_slot(struct flow *f, struct arena *a, int64_t ahead, struct forecast_slot *ret)
{
	int64_t open, at, due = first_due(f);
	const struct queue_row *row;
	const char *rule;

	open = next_open(f, &rule);
	at = open > due ? open : due;
	row = take(f, at);
	*ret = (struct forecast_slot){ row->item, at, ahead, row->due < at ? rule : "" };
	ARENA_GROW(a, &f->used, &f->cap_used, f->n_used);
	f->used[f->n_used++] = at;
}

static int by_item(const void *a, const void *b)
{
	int64_t x = ((const struct forecast_slot *)a)->item, y = ((const struct forecast_slot *)b)->item;

	return (x > y) - (x < y);
}

static void open_lane(struct flow *f, int64_t now)
{
	const struct lane *l = f->lane;
	bool closed = l->free_at > now;

	f->open_at = closed ? l->free_at : now;
	f->closed = !closed ? "" : strcmp(l->reason, "quota") == 0 ? "limit" : l->reason;
}

int forecast_lane(struct engine *e, const struct lane *l, const struct mailbox *mb, struct arena *a,
                  struct forecast *ret, struct err *err)
{
	struct flow f = { .lane = l, .mailbox = mb };
	ARENA_AUTO scratch = { 0 };
	int n;

	open_lane(&f, e->now);
	n = quota_list(e->db, l->id, e->now - lane_memory(mb), &scratch, &f.used, err);
	if (n < 0 || load_rows(e, &f, &scratch, err) < 0)
		return -1;
	f.n_used = f.cap_used = (size_t)n;
	find_columns(&f);
	ret->n = f.n_rows;
	ret->slots = arena_array(a, ret->n + 1, sizeof *ret->slots);
	for (size_t i = 0; i < ret->n; i++)
		fill_slot(&f, &scratch, (int64_t)i, &ret->slots[i]);
	if (ret->n)
		qsort(ret->slots, ret->n, sizeof *ret->slots, by_item);
	return 0;
}

const struct forecast_slot *forecast_find(const struct forecast *f, int64_t item)
{
	struct forecast_slot key = { .item = item };

	return f->n ? bsearch(&key, f->slots, f->n, sizeof key, by_item) : NULL;
}
