#include "pipectl.h"

#include "cli/context.h"
#include "cli/notice.h"
#include "cli/table.h"
#include "operand.h"
#include "operate/runs.h"

#include <string.h>

struct runs_opts {
	const char *pipeline, *contact, *status, *reason;
	int64_t limit;
};

static const struct opt runs_opts[] = {
	OPT_STR(struct runs_opts, pipeline, 0, "pipeline", "PIPELINE", "only runs of this pipeline"),
	OPT_STR(struct runs_opts, contact, 0, "contact", "ADDR", "only runs of this contact"),
	OPT_WORDS(struct runs_opts, status, 0, "status", "STATUS", "pending|running|blocked|completed|stopped|active|open",
	          "pending, running, blocked, completed, stopped; active: the first two, open: the first three"),
	OPT_WORDS(struct runs_opts, reason, 0, "reason", "REASON", RUN_REASONS, "why it is blocked, held or stopped: missing, quota, replied"),
	OPT_INT(struct runs_opts, limit, 0, "limit", "N", 1, INT32_MAX, "at most N runs"),
	OPT_END,
};

static const struct cli_column columns[] = {
	{ "id", CLI_INT },
	{ "contact", CLI_TEXT },
	{ "pipeline", CLI_TEXT },
	{ "version", CLI_INT | CLI_SPARE },
	{ "status", CLI_STATE },
	{ "reason", CLI_TEXT },
	{ "step", CLI_TEXT },
	{ "next", CLI_TIME },
	{ "last_step", CLI_TEXT | CLI_SPARE },
	{ "steps_done", CLI_INT | CLI_SPARE },
	{ "started", CLI_TIME | CLI_SPARE },
	{ "ended", CLI_TIME | CLI_SPARE },
	{ "mailbox", CLI_TEXT | CLI_SPARE },
	{ "text", CLI_TEXT | CLI_ONLY_JSON },
	{ "since", CLI_TIME | CLI_ONLY_JSON },
	{ "moved", CLI_TEXT | CLI_ONLY_JSON },
	{ "due", CLI_TIME | CLI_ONLY_JSON },
	{ "last_done", CLI_TIME | CLI_ONLY_JSON },
	{ "mails_sent", CLI_INT | CLI_ONLY_JSON },
	{ "enroller", CLI_TEXT | CLI_ONLY_JSON },
	{ 0 },
};

struct listing {
	struct cli_table table;
	int64_t left; /* 0: no limit */
	int64_t n;
};

static const char *or_null(const char *text)
{
	return text && *text ? text : NULL;
}

/* One that waits for a person is not planned for any time. */
static bool is_planned(const struct run_shown *run)
{
	return run->run.status == RUN_PENDING || run->run.status == RUN_RUNNING;
}

static int show(const struct run_shown *run, void *ctx, struct err *err)
{
	struct listing *l = ctx;
	struct cli_table *t = &l->table;
	const struct run *r = &run->run;

	(void)err;
	cli_int(t, r->id);
	cli_text(t, or_null(run->contact));
	cli_text(t, run->pipeline);
	cli_int(t, r->version);
	cli_text(t, run_state_text(run->now.status));
	cli_text(t, or_null(run->now.reason));
	cli_text(t, run->step);
	cli_time_or_null(t, run->now.next);
	cli_text(t, run->last_step);
	cli_int(t, r->steps_done);
	cli_time(t, r->started_at);
	cli_time_or_null(t, r->ended_at);
	cli_text(t, or_null(run->mailbox));
	cli_text(t, or_null(run->now.text));
	cli_time_or_null(t, run->now.since);
	cli_text(t, or_null(run->now.moved));
	cli_time_or_null(t, is_planned(run) ? r->due_at : 0);
	cli_time_or_null(t, r->last_step ? r->last_done_at : 0);
	cli_int(t, r->mails_sent);
	cli_text(t, or_null(r->enroller));
	cli_row_end(t);
	l->n++;
	return l->left && --l->left == 0;
}

static int read_query(struct cli *cli, struct engine *e, struct run_query *ret, struct err *err)
{
	const struct runs_opts *o = cli->opts;
	const struct pipeline *p;
	struct contact c;

	*ret = (struct run_query){ .reason = o->reason };
	if (o->status && run_states_parse(o->status, &ret->states, err) < 0)
		return -1;
	if (o->reason && run_reason_check(o->reason, err) < 0)
		return -1;
	if (o->pipeline) {
		if (operand_pipeline(cli, e, o->pipeline, &p, err) < 0)
			return -1;
		ret->pipeline = p->id;
	}
	if (o->contact) {
		if (operand_contact(cli, o->contact, &c, err) < 0)
			return -1;
		ret->contact = c.id;
	}
	return 0;
}

static int run(struct cli *cli, struct err *err)
{
	const struct runs_opts *o = cli->opts;
	struct listing l = { .left = o->limit };
	ENGINE_AUTO e = { 0 };
	struct run_query query;
	int got;

	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	if (read_query(cli, &e, &query, err) < 0)
		return -1;
	cli_table_begin(&l.table, cli, columns);
	got = runs_each(&e, cli->team, &query, show, &l, err);
	cli_table_end(&l.table);
	if (got >= 0 && l.n == 0 && cli->out_terminal)
		cli_notice(cli, "there are no such runs");
	return got < 0 ? -1 : 0;
}

const struct cli_cmd runs_cmd = {
	.name = "runs",
	.group = "Runs",
	.about = "list runs, open or not, latest first",
	.opts = runs_opts,
	.opts_size = sizeof(struct runs_opts),
	.examples = "pipectl runs\n"
	            "pipectl runs --status blocked\n"
	            "pipectl runs --pipeline welcome --status active\n"
	            "pipectl runs --contact anna@example.com --json\n",
	.needs = CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM,
	.run = run,
};
