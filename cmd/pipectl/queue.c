#include "pipectl.h"

#include "cli/context.h"
#include "cli/notice.h"
#include "cli/table.h"
#include "operand.h"
#include "operate/queued.h"
#include "outcome.h"

#include <string.h>

struct queue_opts {
	const char *mailbox;
	bool all, dry_run;
};

static const struct opt queue_opts[] = {
	OPT_STR(struct queue_opts, mailbox, 0, "mailbox", "MAILBOX", "only what goes from this mailbox"),
	OPT_FLAG(struct queue_opts, all, 'a', "all", "also what is planned for later"),
	OPT_DRY_RUN(struct queue_opts, dry_run),
	OPT_END,
};

static const struct cli_column columns[] = {
	{ "id", CLI_INT },
	{ "mailbox", CLI_TEXT },
	{ "due", CLI_TIME },
	{ "state", CLI_STATE },
	{ "to", CLI_TEXT },
	{ "pipeline", CLI_TEXT },
	{ "step", CLI_TEXT },
	{ "subject", CLI_TEXT | CLI_SPARE },
	{ "reason", CLI_TEXT },
	{ "next", CLI_TIME },
	{ "text", CLI_TEXT | CLI_SPARE },
	{ "run", CLI_INT | CLI_ONLY_JSON },
	{ "message", CLI_INT | CLI_ONLY_JSON },
	{ "attempts", CLI_INT | CLI_ONLY_JSON },
	{ "moved", CLI_TEXT | CLI_ONLY_JSON },
	{ 0 },
};

struct listing {
	struct cli_table table;
	int64_t n;
};

static void text_or_null(struct cli_table *t, const char *text)
{
	cli_text(t, *text ? text : NULL);
}

static void id_or_null(struct cli_table *t, int64_t id)
{
	if (id)
		cli_int(t, id);
	else
		cli_null(t);
}

static int show(const struct queued *m, void *ctx, struct err *err)
{
	struct listing *l = ctx;
	struct cli_table *t = &l->table;

	(void)err;
	cli_int(t, m->id);
	text_or_null(t, m->mailbox);
	cli_time_or_null(t, m->due);
	cli_text(t, m->state);
	text_or_null(t, m->to);
	text_or_null(t, m->pipeline);
	text_or_null(t, m->step);
	text_or_null(t, m->subject);
	text_or_null(t, m->reason);
	cli_time_or_null(t, m->next);
	text_or_null(t, m->text);
	id_or_null(t, m->run);
	id_or_null(t, m->message);
	cli_int(t, m->attempts);
	text_or_null(t, m->moved);
	cli_row_end(t);
	l->n++;
	return 0;
}

static int list(struct cli *cli, struct engine *e, struct err *err)
{
	const struct queue_opts *o = cli->opts;
	struct queued_query query = { .mailbox = o->mailbox, .later = o->all };
	struct listing l = { 0 };
	int got;

	cli_table_begin(&l.table, cli, columns);
	got = queued_each(e, cli->team, &query, show, &l, err);
	cli_table_end(&l.table);
	if (got == 0 && l.n == 0 && cli->out_terminal)
		cli_notice(cli, "no mail waits%s", o->all ? "" : "; --all shows what is planned for later");
	return got;
}

/* What was opened, and how many mails had been put off themselves; what only waited for a mailbox is not among these. */
static const char *flushed_text(struct arena *a, const struct flush_count *count)
{
	const char *lanes = arena_printf(a, "%lld mailbox%s opened", (long long)count->lanes, count->lanes == 1 ? "" : "es");
	const char *mails = arena_printf(a, "%lld mail%s due now", (long long)count->mails, count->mails == 1 ? "" : "s");

	if (count->lanes == 0 || count->mails == 0)
		return count->lanes == 0 ? mails : lanes;
	return arena_printf(a, "%s, %s", lanes, mails);
}

static int flush(struct cli *cli, struct engine *e, struct err *err)
{
	const struct queue_opts *o = cli->opts;
	struct flush_count count;
	struct outcomes out;
	bool changed;
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, cli->db, err) < 0 || queued_flush(e, cli->team, o->mailbox, &count, err) < 0)
		return -1;
	changed = count.lanes > 0 || count.mails > 0;
	outcomes_begin(&out, cli);
	outcome(&out, "queue", o->mailbox ? o->mailbox : cli->team_name, changed ? "flushed" : "unchanged",
	        changed ? flushed_text(&cli->arena, &count) : "no mailbox was closed and no mail put off");
	return outcomes_end(&out, outcomes_commit(&out, &txn, o->dry_run, err));
}

static int run(struct cli *cli, struct err *err)
{
	const struct queue_opts *o = cli->opts;
	bool flushing = cli->args.n > 0;
	ENGINE_AUTO e = { 0 };

	if (flushing && strcmp(cli->args.v[0], "flush") != 0)
		return err_set(err, ERR_USAGE, "'%s': the queue can only be listed, or: pipectl queue flush", cli->args.v[0]);
	if ((flushing && o->all) || (!flushing && o->dry_run))
		return err_set(err, ERR_USAGE, "'%s' does not go with this", flushing ? "--all" : "--dry-run");
	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	if (o->mailbox && operand_mailbox(cli, &e, o->mailbox, err) < 0)
		return -1;
	return flushing ? flush(cli, &e, err) : list(cli, &e, err);
}

const struct cli_cmd queue_cmd = {
	.name = "queue",
	.group = "Mail",
	.args = "[flush]",
	.about = "list the mails that wait, or let those go that trouble has put off",
	.max_args = 1,
	.opts = queue_opts,
	.opts_size = sizeof(struct queue_opts),
	.examples = "pipectl queue\n"
	            "pipectl queue --mailbox anna --all\n"
	            "pipectl queue flush\n"
	            "pipectl queue flush --mailbox anna\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
