#include "taskctl.h"

#include "desk.h"

#include <string.h>

struct done_opts {
	const char *outcome;
	bool dry_run;
};

static const struct opt done_opts[] = {
	OPT_STR(struct done_opts, outcome, 'o', "outcome", "TEXT", "what came of it, as connected or 'no answer'"),
	OPT_DRY_RUN(struct done_opts, dry_run),
	OPT_END,
};

/* Nothing waits for it. What was done all the same belongs into the feed. */
static int is_cancelled(struct desk *d, const struct task *t, struct outcomes *out)
{
	outcome_id(out, "task", t->id, "refused",
	           arena_printf(&d->cli->arena, "it was cancelled: %s; 'contactctl record' notes what was done", t->outcome));
	return 1;
}

/* 0; 1 it was done before, and with another outcome: events tell of that one, and conditions have looked at it; -1. */
static int finish(struct desk *d, struct task *t, const char *outcome_text, struct outcomes *out, struct err *err)
{
	const char *before = t->outcome;
	bool other;
	int got;

	if (t->cancelled)
		return is_cancelled(d, t, out);
	got = task_finish(&d->engine, d->world, t, outcome_text, &d->cli->arena, err);
	other = got == 0 && *outcome_text && strcmp(before, outcome_text) != 0;
	if (got < 0)
		return -1;
	if (other)
		outcome_id(out, "task", t->id, "refused",
		           arena_printf(&d->cli->arena, "it is done, %s%s", *before ? "with the outcome " : "without an outcome", before));
	else
		outcome_id(out, "task", t->id, got ? "done" : "unchanged", got ? t->title : "it is done");
	return other;
}

/* All or none: a number that is no task's is a slip, and what was meant is not known. */
static int finish_all(struct desk *d, const struct done_opts *o, struct outcomes *out, struct err *err)
{
	const struct names *ids = &d->cli->args;
	struct task task;
	int refused = 0;
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, d->cli->db, err) < 0)
		return -1;
	for (size_t i = 0; i < ids->n; i++)
		if (desk_task(d, ids->v[i], &task, err) < 0)
			return -1;
	for (size_t i = 0; i < ids->n; i++) {
		/* Read anew: the one before may have ended the run, and cancelled this one. */
		int got = desk_task(d, ids->v[i], &task, err);

		if (got == 0)
			got = finish(d, &task, o->outcome ? o->outcome : "", out, err);

		if (got < 0)
			return -1;
		refused |= got;
	}
	return outcomes_commit(out, &txn, o->dry_run, err) < 0 ? -1 : refused;
}

static int run(struct cli *cli, struct err *err)
{
	DESK_AUTO d = { 0 };
	struct outcomes out;
	int got;

	if (desk_open(&d, cli, err) < 0)
		return -1;
	outcomes_begin(&out, cli);
	got = finish_all(&d, cli->opts, &out, err);
	if (outcomes_end(&out, got) >= 0)
		desk_tell_entries(&d);
	return got;
}

const struct cli_cmd done_cmd = {
	.name = "done",
	.args = "TASK...",
	.about = "mark tasks as done; a run that waits for one goes on",
	.min_args = 1,
	.max_args = -1,
	.opts = done_opts,
	.opts_size = sizeof(struct done_opts),
	.examples = "taskctl done 12\n"
	            "taskctl done 12 --outcome connected\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
