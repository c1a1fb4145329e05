#include "operate/why_private.h"

#include "model/step_text.h"

#include <string.h>

/* How a way through steps ends: at an instant, at one that nobody can tell, or (by `exit`) nowhere. */
#define UNKNOWN 0
#define EXITED  (-1)

static void describe(const struct step *st, const char *missing, struct buf *b)
{
	if (missing)
		buf_addf(b, "blocks unless %s is set by then", missing);
	else if (step_branches(st))
		step_describe(st, b);
	else if (st->verb == VERB_EXIT && st->text)
		buf_adds(b, st->text);
}

struct way {
	int first, stop; /* indexes: up to, without */
	int depth;
	const char *branch;
	int64_t from;
};

/* missing: the field that it waits for and that is not set; NULL: none. */
static void add_step(struct inquiry *q, const struct step *st, const struct way *way, int64_t at, const char *missing)
{
	BUF_AUTO text = BUF_INIT(4096);

	describe(st, missing, &text);
	ARENA_GROW(q->arena, &q->why->steps, &q->why->cap_steps, q->why->n_steps);
	q->why->steps[q->why->n_steps++] = (struct why_step){
		.step = st->name,
		.verb = verb_text(st->verb),
		.depth = way->depth,
		.branch = way->branch,
		.text = arena_strdup(q->arena, text.s),
		.at = at,
	};
}

/* When a step is done whose predecessor is done at `from`; UNKNOWN too when there is no such instant. ret_missing as add_step() has it. */
static int64_t done_at(struct inquiry *q, int step, int64_t from, const char **ret_missing)
{
	const struct pipeline *p = q->t.pipeline;
	struct err never = ERR_INIT;
	int64_t at, open;
	int got;

	*ret_missing = NULL;
	got = decide_due(p, step, q->t.run.started_at, from == UNKNOWN ? q->e->now : from, &q->t.contact, &q->around, &at,
	                 ret_missing, &never);
	if (from == UNKNOWN || got <= 0 || decide_open(p, step, at, &q->around, &open, &never) < 0)
		return UNKNOWN;
	return open;
}

/* When an `await` that begins then has waited long enough. */
static int64_t await_over(const struct inquiry *q, const struct step *st, int64_t begins)
{
	struct err never = ERR_INIT;
	int64_t over;

	if (st->verb != VERB_AWAIT || begins == UNKNOWN)
		return begins;
	return delay_add(&st->within, begins, q->around.zone, q->around.business, &over, &never) < 0 ? UNKNOWN : over;
}

static bool awaits(const struct inquiry *q)
{
	return strcmp(q->t.run.reason, RUN_REASON_AWAIT) == 0;
}

static int64_t join(int64_t a, int64_t b)
{
	if (a == EXITED)
		return b;
	return b == EXITED || a == b ? a : UNKNOWN;
}

static int64_t walk(struct inquiry *q, const struct way *all);

/* Both branches of an `if`, where it is done at `at`; of an `await` that is over then. */
static int64_t walk_branches(struct inquiry *q, const struct step *st, int depth, int64_t at)
{
	struct way then = { st->then_first, st->next, depth + 1, "then", st->verb == VERB_AWAIT ? UNKNOWN : at };
	struct way or_else = { st->else_first, st->next, depth + 1, "else", at };
	int64_t a = walk(q, &then);

	return join(a, walk(q, &or_else));
}

/* Adds its steps. Returns how it ends. */
static int64_t walk(struct inquiry *q, const struct way *all)
{
	struct way way = *all;
	const char *missing;
	int64_t at = way.from;

	for (int i = way.first; i != way.stop && i != STEP_NONE; i = q->t.pipeline->steps[i].next) {
		const struct step *st = &q->t.pipeline->steps[i];

		at = done_at(q, i, at, &missing);
		add_step(q, st, &way, at, missing);
		way.branch = NULL;
		if (step_holds(st))
			at = UNKNOWN; /* nobody can tell when its task is done */
		if (step_branches(st))
			at = walk_branches(q, st, way.depth, await_over(q, st, at));
		if (st->verb == VERB_EXIT || at == EXITED)
			return EXITED;
	}
	return at;
}

/* When the next step is done, as things stand. */
static int64_t next_done(const struct inquiry *q)
{
	int64_t next = q->why->run.now.next;

	if (step_holds(q->st))
		return UNKNOWN;
	return next == UNKNOWN || next > q->e->now ? next : q->e->now;
}

void why_steps(struct inquiry *q)
{
	struct way way = { .stop = STEP_NONE };

	if (!q->st || q->st->verb == VERB_EXIT)
		return;
	way.from = next_done(q);
	if (step_branches(q->st))
		way.from = walk_branches(q, q->st, 0, awaits(q) ? way.from : await_over(q, q->st, way.from));
	if (way.from == EXITED)
		return;
	way.first = q->st->next;
	walk(q, &way);
}
