#include "taskctl.h"

#include "desk.h"

struct snooze_opts {
	bool dry_run;
};

static const struct opt snooze_opts[] = {
	OPT_DRY_RUN(struct snooze_opts, dry_run),
	OPT_END,
};

static int put_off(struct desk *d, struct task *t, int64_t due, struct outcomes *out, struct err *err)
{
	if (t->done_at)
		return err_set(err, ERR_REFUSED, "task %lld is %s", (long long)t->id, desk_state(d, t));
	if (t->due_at == due) {
		outcome_id(out, "task", t->id, "unchanged", desk_text(d, t));
		return 0;
	}
	t->due_at = due;
	if (task_put_off(d->cli->db, d->cli->team, t->id, due, err) < 0)
		return -1;
	outcome_id(out, "task", t->id, "snoozed", desk_text(d, t));
	return 0;
}

static int run(struct cli *cli, struct err *err)
{
	const struct snooze_opts *o = cli->opts;
	DESK_AUTO d = { 0 };
	struct outcomes out;
	struct task task;
	int64_t due;
	int got;
	TXN_AUTO txn = TXN_INIT;

	if (desk_open(&d, cli, err) < 0 || txn_begin(&txn, cli->db, err) < 0 ||
	    desk_task(&d, cli->args.v[0], &task, err) < 0 || cli_read_time(cli, "TIME", cli->args.v[1], &due, err) < 0)
		return -1;
	outcomes_begin(&out, cli);
	got = put_off(&d, &task, due, &out, err);
	if (got == 0)
		got = outcomes_commit(&out, &txn, o->dry_run, err);
	return outcomes_end(&out, got);
}

const struct cli_cmd snooze_cmd = {
	.name = "snooze",
	.args = "TASK TIME",
	.about = "put a task off",
	.min_args = 2,
	.max_args = 2,
	.opts = snooze_opts,
	.opts_size = sizeof(struct snooze_opts),
	.examples = "taskctl snooze 12 +1d\n"
	            "taskctl snooze 12 '2026-12-01 09:00'\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
