#include "people/outlook.h"

#include "engine/facts.h"

#include <string.h>

/* Where the walk over the steps to come is. */
struct walk {
	struct engine *e;
	struct traveller *t;
	struct surroundings around;
	int step;         /* index */
	int64_t due;      /* 0: nobody can tell */
	bool branched;
	bool awaiting;    /* its `await` has begun already: due is the end of it */
};

static int take_branch(struct walk *w, int64_t *from, struct err *err)
{
	const struct step *st = &w->t->pipeline->steps[w->step];
	struct err never = ERR_INIT;
	struct facts f;
	bool yes;

	if (traveller_facts(w->e, w->t, st->cond, &f, err) < 0)
		return -1;
	yes = cond_true(st->cond, &f);
	if (st->verb == VERB_AWAIT && !yes && !w->awaiting && *from &&
	    delay_add(&st->within, *from, w->around.zone, w->around.business, from, &never) < 0)
		*from = 0;
	w->awaiting = false;
	w->step = step_branch(st, yes);
	w->branched = true;
	return 0;
}

/* Goes on to the step behind this one, as if it had been executed when due. */
static int go_on(struct walk *w, struct err *err)
{
	const struct step *st = &w->t->pipeline->steps[w->step];
	struct err never = ERR_INIT;
	const char *missing;
	int64_t from = w->due;

	if (step_holds(st))
		from = w->due = 0; /* nobody can tell when its task is done */
	if (st->verb == VERB_EXIT)
		w->step = STEP_NONE;
	else if (!step_branches(st))
		w->step = st->next;
	else if (take_branch(w, &from, err) < 0)
		return -1;
	if (w->step == STEP_NONE || from == 0)
		return 0;
	if (decide_due(w->t->pipeline, w->step, w->t->run.started_at, from, &w->t->contact, &w->around, &w->due, &missing, &never) <= 0)
		w->due = 0;
	return 0;
}

/* Mails wait for the hours in which they may go. */
static void mail_at(struct walk *w, struct planned_mail *ret)
{
	struct err never = ERR_INIT;

	ret->step = w->t->pipeline->steps[w->step].name;
	ret->may_change = w->branched;
	ret->at = 0;
	if (w->due && decide_open(w->t->pipeline, w->step, w->due, &w->around, &ret->at, &never) < 0)
		ret->at = 0;
	w->due = ret->at;
}

int outlook_mails(struct engine *e, struct traveller *t, int64_t next, struct planned_mail *ret, int max,
                  struct err *err)
{
	struct walk w = {
		.e = e,
		.t = t,
		.around = world_surroundings_in(t->world, t->pipeline, &t->contact),
		.step = pipeline_step_index(t->pipeline, t->run.step),
		.due = next,
		.awaiting = strcmp(t->run.reason, RUN_REASON_AWAIT) == 0,
	};
	int n = 0;

	if (!run_state_open(t->run.status))
		return 0;
	while (w.step != STEP_NONE && n < max) {
		if (t->pipeline->steps[w.step].verb == VERB_EMAIL)
			mail_at(&w, &ret[n++]);
		if (go_on(&w, err) < 0)
			return -1;
	}
	return n;
}

static const char *step_name(const struct pipeline *p, int number)
{
	const struct step *st = pipeline_step_of(p, number);

	return st ? st->name : NULL;
}

static int fill_card(struct standings *s, const struct contact *c, const struct run *run, struct arena *a,
                     struct run_card *ret, struct err *err)
{
	struct planned_mail mails[CARD_MAILS];
	struct traveller t;
	int got = traveller_of_rows(s->e, run, c, a, &t, err);

	*ret = (struct run_card){ .run = *run };
	if (got < 0 || run_standing(s, run, a, &ret->now, err) < 0)
		return -1;
	if (got == 0)
		return pipeline_label(s->e, run->team, run->pipeline, a, &ret->pipeline, err);
	ret->pipeline = t.pipeline->name;
	ret->step = run_state_open(run->status) ? step_name(t.pipeline, run->step) : NULL;
	ret->last_step = step_name(t.pipeline, run->last_step);
	ret->n_steps = (int64_t)t.pipeline->n_steps;
	ret->n_mails = outlook_mails(s->e, &t, ret->now.next, mails, CARD_MAILS, err);
	if (ret->n_mails < 0)
		return -1;
	ret->mails = arena_array(a, (size_t)ret->n_mails + 1, sizeof *mails);
	if (ret->n_mails)
		memcpy(ret->mails, mails, (size_t)ret->n_mails * sizeof *mails);
	return 0;
}

int run_cards(struct standings *s, const struct contact *c, struct arena *a, struct run_card **ret, struct err *err)
{
	struct run *runs;
	int n = run_list_of_contact(s->e->db, c->team, c->id, false, a, &runs, err);

	if (n < 0)
		return -1;
	*ret = arena_array(a, (size_t)n + 1, sizeof **ret);
	for (int i = 0; i < n; i++)
		if (fill_card(s, c, &runs[i], a, &(*ret)[i], err) < 0)
			return -1;
	return n;
}

static int add_next(struct engine *e, struct traveller *t, int64_t next, struct run_summary *sum, struct err *err)
{
	struct planned_mail mail = { 0 };
	int got = outlook_mails(e, t, next, &mail, 1, err);

	if (got <= 0 || mail.at == 0 || (sum->next_pipeline && sum->next.at <= mail.at))
		return err_or_none(got);
	sum->next = mail;
	sum->next_pipeline = t->pipeline->name;
	return 0;
}

static void add_reason(struct run_summary *sum, const char *reason, struct arena *a)
{
	if (!strstr(sum->reasons, reason))
		sum->reasons = *sum->reasons ? arena_printf(a, "%s, %s", sum->reasons, reason) : reason;
}

/* Adds a run to the counts; *ret_next is when its next step goes. */
static int count_run(struct standings *s, const struct run *run, struct arena *a, struct run_summary *sum,
                     int64_t *ret_next, struct err *err)
{
	struct run_standing now;

	if (run_standing(s, run, a, &now, err) < 0)
		return -1;
	*ret_next = now.next;
	switch (now.status) {
	case RUN_PENDING:
	case RUN_RUNNING:
		sum->active++;
		return 0;
	case RUN_BLOCKED:
		sum->blocked++;
		add_reason(sum, now.reason, a);
		return 0;
	case RUN_COMPLETED:
		sum->completed++;
		return 0;
	case RUN_STOPPED:
		sum->stopped++;
		return 0;
	}
	BUG("run state %d", (int)now.status);
}

int run_summary(struct standings *s, const struct contact *c, struct arena *a, struct run_summary *ret, struct err *err)
{
	struct run *runs;
	int n = run_list_of_contact(s->e->db, c->team, c->id, false, a, &runs, err);

	*ret = (struct run_summary){ .reasons = "" };
	for (int i = 0; i < n; i++) {
		struct traveller t;
		int64_t next;
		int got = count_run(s, &runs[i], a, ret, &next, err);

		if (got == 0 && next)
			got = traveller_of_rows(s->e, &runs[i], c, a, &t, err);
		if (got > 0)
			got = add_next(s->e, &t, next, ret, err);
		if (got < 0)
			return -1;
	}
	return err_or_none(n);
}
