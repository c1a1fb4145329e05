#include "operate/stats.h"

#include "people/census.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_AT_ONCE 500

static void add_reason(struct stats_reasons *r, const char *reason, int64_t runs, struct arena *a)
{
	for (size_t i = 0; i < r->n; i++) {
		if (strcmp(r->list[i].reason, reason) == 0) {
			r->list[i].runs += runs;
			return;
		}
	}
	ARENA_GROW(a, &r->list, &r->cap, r->n);
	r->list[r->n++] = (struct stats_reason){ arena_strdup(a, reason), runs };
}

static int most_first(const void *a, const void *b)
{
	const struct stats_reason *x = a, *y = b;

	return x->runs != y->runs ? (x->runs < y->runs) - (x->runs > y->runs) : strcmp(x->reason, y->reason);
}

static void sort_reasons(struct pipeline_stats *p)
{
	struct stats_reasons *all[] = { &p->blocked_for, &p->stopped_for, &p->completed_for };

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (all[i]->n)
			qsort(all[i]->list, all[i]->n, sizeof *all[i]->list, most_first);
}

static void add_tally(struct pipeline_stats *p, const struct reason_tally *t, struct arena *a)
{
	p->entered += t->runs;
	p->mails += t->mails;
	switch (t->status) {
	case RUN_PENDING:
	case RUN_RUNNING:
		p->active += t->runs;
		return;
	case RUN_BLOCKED:
		p->blocked += t->runs;
		add_reason(&p->blocked_for, t->reason, t->runs, a);
		return;
	case RUN_COMPLETED:
		p->completed += t->runs;
		if (*t->reason)
			add_reason(&p->completed_for, t->reason, t->runs, a);
		return;
	case RUN_STOPPED:
		p->stopped += t->runs;
		add_reason(&p->stopped_for, t->reason, t->runs, a);
		return;
	}
}

/* Of a team, while its runs are counted. */
struct counting {
	struct arena *arena;
	struct pipeline_stats *list;
	size_t n;
};

static struct pipeline_stats *find(struct counting *c, int64_t pipeline)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->list[i].pipeline->id == pipeline)
			return &c->list[i];
	return NULL;
}

/* The row says that it waits, and it is blocked as of now. */
static int move_to_blocked(const struct run *r, const struct run_standing *now, void *ctx, struct err *err)
{
	struct counting *c = ctx;
	struct pipeline_stats *p = r->status == RUN_BLOCKED ? NULL : find(c, r->pipeline);

	(void)err;
	if (p) {
		p->active--;
		p->blocked++;
		add_reason(&p->blocked_for, now->reason, 1, c->arena);
	}
	return 0;
}

static int count(struct standings *s, int64_t pipeline, struct counting *c, struct err *err)
{
	struct reason_tally *tallies;
	int n = reason_tallies(s->e->db, s->team, pipeline, c->arena, &tallies, err);

	for (int i = 0; i < n; i++) {
		struct pipeline_stats *p = find(c, tallies[i].pipeline);

		if (p)
			add_tally(p, &tallies[i], c->arena);
	}
	if (n < 0 || census_blocked(s, move_to_blocked, c, err) < 0)
		return -1;
	for (size_t i = 0; i < c->n; i++)
		sort_reasons(&c->list[i]);
	return 0;
}

int stats_of_team(struct standings *s, struct arena *a, struct pipeline_stats **ret, struct err *err)
{
	struct counting c = { .arena = a };
	const struct pipeline *const *list;
	struct world *w;

	if (engine_world(s->e, s->team, &w, err) < 0)
		return -1;
	list = world_pipelines(w, &c.n);
	c.list = arena_array(a, c.n + 1, sizeof *c.list);
	for (size_t i = 0; i < c.n; i++)
		c.list[i].pipeline = list[i];
	*ret = c.list;
	return count(s, 0, &c, err) < 0 ? -1 : (int)c.n;
}

static struct stats_step *step_of(struct pipeline_stats *p, int number, struct arena *a)
{
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].number == number)
			return &p->steps[i];
	ARENA_GROW(a, &p->steps, &p->cap_steps, p->n_steps);
	p->steps[p->n_steps] = (struct stats_step){ .number = number };
	return &p->steps[p->n_steps++];
}

struct stats_step stats_step_of(const struct pipeline_stats *p, int number)
{
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].number == number)
			return p->steps[i];
	return (struct stats_step){ .number = number };
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a == 0 || (b && b < a) ? b : a;
}

static void place(struct pipeline_stats *p, const struct run *r, const struct run_standing *now, struct arena *a)
{
	struct stats_step *st = step_of(p, r->step, a);

	if (now->status == RUN_BLOCKED)
		st->blocked++;
	else
		st->waiting++;
	st->next = earlier(st->next, now->next);
	p->next = earlier(p->next, now->next);
	if (now->next > p->last)
		p->last = now->next;
}

/* Who stands where, each as of now. */
static int place_open(struct standings *s, struct pipeline_stats *p, struct arena *a, struct err *err)
{
	ARENA_AUTO rows = { 0 };
	struct run_standing now;
	struct run *list;
	int64_t after = 0;
	int n;

	do {
		arena_clear(&rows);
		n = run_list_open(s->e->db, s->team, p->pipeline->id, after, ROWS_AT_ONCE, &rows, &list, err);
		for (int i = 0; i < n; i++) {
			if (run_standing(s, &list[i], &rows, &now, err) < 0)
				return -1;
			place(p, &list[i], &now, a);
			after = list[i].contact;
		}
	} while (n == ROWS_AT_ONCE);
	return err_or_none(n);
}

static int add_mails(struct standings *s, struct pipeline_stats *p, struct arena *a, struct err *err)
{
	struct mail_tally *list;
	int n = mail_tallies(s->e->db, s->team, p->pipeline->id, a, &list, err);

	for (int i = 0; i < n; i++) {
		struct stats_step *st = step_of(p, list[i].step, a);
		int64_t mails = list[i].mails;

		st->sent += list[i].state == MESSAGE_SENT || list[i].state == MESSAGE_BOUNCED ? mails : 0;
		st->bounced += list[i].state == MESSAGE_BOUNCED ? mails : 0;
		st->refused += list[i].state == MESSAGE_REFUSED ? mails : 0;
		st->dropped += list[i].state == MESSAGE_DROPPED ? mails : 0;
	}
	return err_or_none(n);
}

int stats_of_pipeline(struct standings *s, const struct pipeline *p, struct arena *a, struct pipeline_stats *ret,
                      struct err *err)
{
	struct counting c = { .arena = a, .list = ret, .n = 1 };

	*ret = (struct pipeline_stats){ .pipeline = p };
	if (count(s, p->id, &c, err) < 0 || place_open(s, ret, a, err) < 0)
		return -1;
	return add_mails(s, ret, a, err);
}

const char *stats_reasons_text(const struct stats_reasons *r, struct arena *a)
{
	const char *text = "";

	for (size_t i = 0; i < r->n; i++)
		text = arena_printf(a, "%s%s%s %lld", text, i ? ", " : "", r->list[i].reason, (long long)r->list[i].runs);
	return text;
}
