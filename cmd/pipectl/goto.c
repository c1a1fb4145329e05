#include "pipectl.h"

#include "base/buf.h"
#include "base/near.h"
#include "cli/context.h"
#include "engine/absent.h"
#include "operand.h"
#include "operate/runs.h"
#include "outcome.h"

#include <string.h>

struct goto_opts {
	bool dry_run;
	const char *at;
};

static const struct opt goto_opts[] = {
	OPT_STR(struct goto_opts, at, 0, "at", "TIME", "when the step is due; else its own delay counts from now"),
	OPT_DRY_RUN(struct goto_opts, dry_run),
	OPT_END,
};

static int find_step(const struct pipeline *p, const char *name, int *ret, struct err *err)
{
	const char *names[256], *near;
	size_t n = p->n_steps < ARRAY_LEN(names) ? p->n_steps : ARRAY_LEN(names);

	*ret = pipeline_find_step(p, name);
	if (*ret != STEP_NONE)
		return 0;
	for (size_t i = 0; i < n; i++)
		names[i] = p->steps[i].name;
	near = near_match(name, names, n);
	if (near)
		return err_set(err, ERR_MISSING, "pipeline '%s' has no step '%s'; did you mean '%s'?", p->name, name, near);
	return err_set(err, ERR_MISSING, "pipeline '%s' has no step '%s' (version %d)", p->name, name, p->version);
}

static const char *where_text(struct cli *cli, const struct traveller *t)
{
	BUF_AUTO b = BUF_INIT(4096);

	buf_addf(&b, "%s, ", t->contact.email);
	if (t->run.status == RUN_BLOCKED) {
		buf_addf(&b, "blocked: %s %s", t->run.reason, t->run.reason_text);
	} else if (!run_state_open(t->run.status)) {
		buf_addf(&b, "%s: %s", run_state_text(t->run.status), t->run.reason);
	} else {
		buf_adds(&b, "due ");
		cli_add_time(cli, t->run.due_at, &b);
	}
	return arena_strdup(&cli->arena, b.s);
}

static void tell(struct outcomes *out, const struct traveller *t, const char *result)
{
	outcome_id(out, "run", t->run.id, result, where_text(out->cli, t));
}

static bool is_there(const struct traveller *t, int step, int64_t at)
{
	bool later = strcmp(t->run.reason, "hours") == 0 && t->run.held_since == at;

	return (t->run.status == RUN_PENDING || t->run.status == RUN_RUNNING) && at && (t->run.due_at == at || later) &&
	       t->run.step == t->pipeline->steps[step].number;
}

static int go(struct outcomes *out, struct engine *e, struct err *err)
{
	struct cli *cli = out->cli;
	const struct goto_opts *o = cli->opts;
	struct traveller t;
	int64_t id, at = 0;
	int step, got;
	TXN_AUTO txn = TXN_INIT;

	if (operand_id(cli->args.v[0], "run", &id, err) < 0 ||
	    (o->at && cli_read_time(cli, "--at", o->at, &at, err) < 0) || txn_begin(&txn, cli->db, err) < 0)
		return -1;
	got = traveller_load(e, cli->team, id, &cli->arena, &t, err);
	if (got <= 0)
		return got < 0 ? -1 : absent_run(cli->db, cli->team, id, err);
	if (find_step(t.pipeline, cli->args.v[1], &step, err) < 0)
		return -1;
	/* What lies in the past is due now: nobody wants it blocked as late at once. */
	if (o->at && at < cli->now)
		at = cli->now;
	if (is_there(&t, step, at)) {
		tell(out, &t, "unchanged");
		return 0;
	}
	got = run_goto(e, &t, step, at, err);
	if (got <= 0)
		return got < 0 ? -1
		               : err_set(err, ERR_REFUSED, "run %lld is %s: enroll the contact again", (long long)id,
		                         run_state_text(t.run.status));
	if (!run_state_open(t.run.status)) {
		tell(out, &t, "ends instead");
		return outcomes_commit(out, &txn, o->dry_run, err) < 0 ? -1 : 1;
	}
	tell(out, &t, arena_printf(&cli->arena, "goes to %s", t.pipeline->steps[step].name));
	return outcomes_commit(out, &txn, o->dry_run, err);
}

static int run(struct cli *cli, struct err *err)
{
	return outcomes_of(cli, go, err);
}

const struct cli_cmd goto_cmd = {
	.name = "goto",
	.args = "RUN STEP",
	.about = "send a run to another step, forward or back",
	.min_args = 2,
	.max_args = 2,
	.opts = goto_opts,
	.opts_size = sizeof(struct goto_opts),
	.examples = "pipectl goto 12 check-in\n"
	            "pipectl goto 12 check-in --at now\n"
	            "pipectl goto 12 check-in --at '2026-07-01 09:00'\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
