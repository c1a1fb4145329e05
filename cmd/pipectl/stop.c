#include "pipectl.h"

#include "cli/context.h"
#include "cli/notice.h"
#include "operand.h"
#include "operate/runs.h"
#include "outcome.h"

struct stop_opts {
	bool dry_run;
};

static const struct opt stop_opts[] = {
	OPT_DRY_RUN(struct stop_opts, dry_run),
	OPT_END,
};

static int stop_one(struct outcomes *out, struct engine *e, const struct run *r, struct err *err)
{
	struct run_stop how = { 0 };
	int stopped = run_stop(e, out->cli->team, r->id, &how, err);

	if (stopped < 0)
		return -1;
	outcome_id(out, "run", r->id, stopped ? "stopped" : "unchanged",
	           stopped ? NULL : arena_printf(&out->cli->arena, "it is %s", run_state_text(r->status)));
	if (how.under_way)
		cli_notice(out->cli, "run %lld: its mail is with the server at this moment and may still arrive",
		           (long long)r->id);
	return 0;
}

/* All or nothing for runs that do not exist: a slip of the finger stops nobody. */
static int stop_all(struct outcomes *out, struct engine *e, struct err *err)
{
	const struct stop_opts *o = out->cli->opts;
	const struct names *words = &out->cli->args;
	struct run *runs = arena_array(&out->cli->arena, words->n, sizeof *runs);
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, out->cli->db, err) < 0)
		return -1;
	for (size_t i = 0; i < words->n; i++)
		if (operand_run(out->cli, words->v[i], &runs[i], err) < 0)
			return -1;
	for (size_t i = 0; i < words->n; i++)
		if (stop_one(out, e, &runs[i], err) < 0)
			return -1;
	return outcomes_commit(out, &txn, o->dry_run, err);
}

static int run(struct cli *cli, struct err *err)
{
	return outcomes_of(cli, stop_all, err);
}

const struct cli_cmd stop_cmd = {
	.name = "stop",
	.args = "RUN...",
	.about = "end runs at once; nothing planned goes out any more",
	.min_args = 1,
	.max_args = -1,
	.opts = stop_opts,
	.opts_size = sizeof(struct stop_opts),
	.examples = "pipectl stop 12\n"
	            "pipectl stop 12 13 14\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
