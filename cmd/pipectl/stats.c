#include "pipectl.h"

#include "cli/context.h"
#include "cli/notice.h"
#include "cli/table.h"
#include "operand.h"
#include "operate/stats.h"

static const struct cli_column team_columns[] = {
	{ "pipeline", CLI_TEXT },    { "entered", CLI_INT }, { "active", CLI_INT },       { "blocked", CLI_INT },
	{ "completed", CLI_INT },    { "stopped", CLI_INT }, { "mails", CLI_INT },        { "blocked_for", CLI_TEXT },
	{ "stopped_for", CLI_TEXT }, { 0 },
};
static const struct cli_column pipeline_columns[] = {
	{ "pipeline", CLI_TEXT },    { "version", CLI_INT },  { "entered", CLI_INT },       { "active", CLI_INT },
	{ "blocked", CLI_INT },      { "completed", CLI_INT }, { "stopped", CLI_INT },      { "mails", CLI_INT },
	{ "blocked_for", CLI_TEXT }, { "stopped_for", CLI_TEXT }, { "completed_for", CLI_TEXT }, { "next", CLI_TIME },
	{ "last", CLI_TIME },        { 0 },
};
static const struct cli_column step_columns[] = {
	{ "number", CLI_INT },  { "step", CLI_TEXT },   { "verb", CLI_TEXT },     { "waiting", CLI_INT },
	{ "blocked", CLI_INT }, { "next", CLI_TIME },   { "sent", CLI_INT },      { "bounced", CLI_INT },
	{ "refused", CLI_INT }, { "dropped", CLI_INT }, { 0 },
};

static void put_reasons(struct cli_table *t, const struct stats_reasons *r)
{
	const char *text = stats_reasons_text(r, &t->cli->arena);

	cli_text(t, *text ? text : NULL);
}

static void put_counts(struct cli_table *t, const struct pipeline_stats *p)
{
	cli_int(t, p->entered);
	cli_int(t, p->active);
	cli_int(t, p->blocked);
	cli_int(t, p->completed);
	cli_int(t, p->stopped);
	cli_int(t, p->mails);
	put_reasons(t, &p->blocked_for);
	put_reasons(t, &p->stopped_for);
}

static int show_team(struct cli *cli, struct standings *s, struct err *err)
{
	struct pipeline_stats *list;
	struct cli_table t;
	int n = stats_of_team(s, &cli->arena, &list, err);

	if (n < 0)
		return -1;
	cli_table_begin(&t, cli, team_columns);
	for (int i = 0; i < n; i++) {
		cli_text(&t, list[i].pipeline->name);
		put_counts(&t, &list[i]);
		cli_row_end(&t);
	}
	cli_table_end(&t);
	return 0;
}

static void show_summary(struct cli *cli, const struct pipeline_stats *p)
{
	struct cli_table t;

	cli_record_begin(&t, cli, pipeline_columns);
	cli_text(&t, p->pipeline->name);
	cli_int(&t, p->pipeline->version);
	put_counts(&t, p);
	put_reasons(&t, &p->completed_for);
	cli_time_or_null(&t, p->next);
	cli_time_or_null(&t, p->last);
	cli_row_end(&t);
	cli_table_end(&t);
}

static void show_steps(struct cli *cli, const struct pipeline_stats *p)
{
	struct cli_table t;

	cli_table_begin(&t, cli, step_columns);
	for (size_t i = 0; i < p->pipeline->n_steps; i++) {
		const struct step *st = &p->pipeline->steps[i];
		struct stats_step n = stats_step_of(p, st->number);

		cli_int(&t, st->number);
		cli_text(&t, st->name);
		cli_text(&t, verb_text(st->verb));
		cli_int(&t, n.waiting);
		cli_int(&t, n.blocked);
		cli_time_or_null(&t, n.next);
		cli_int(&t, n.sent);
		cli_int(&t, n.bounced);
		cli_int(&t, n.refused);
		cli_int(&t, n.dropped);
		cli_row_end(&t);
	}
	cli_table_end(&t);
}

/* People at steps that only older versions have. */
static void tell_others(struct cli *cli, const struct pipeline_stats *p)
{
	int64_t n = 0;

	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].number && pipeline_step_index(p->pipeline, p->steps[i].number) == STEP_NONE)
			n += p->steps[i].waiting + p->steps[i].blocked;
	if (n > 0)
		cli_notice(cli, "%lld more at steps that only older versions have", (long long)n);
}

static int show_pipeline(struct cli *cli, struct standings *s, const struct pipeline *p, struct err *err)
{
	struct pipeline_stats stats;

	if (stats_of_pipeline(s, p, &cli->arena, &stats, err) < 0)
		return -1;
	show_summary(cli, &stats);
	if (cli->out_terminal && !cli->json)
		fputc('\n', cli->out);
	show_steps(cli, &stats);
	tell_others(cli, &stats);
	return 0;
}

static int run(struct cli *cli, struct err *err)
{
	STANDINGS_AUTO standings = { 0 };
	ENGINE_AUTO e = { 0 };
	const struct pipeline *p;

	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	standings_begin(&standings, &e, cli->team);
	if (cli->args.n == 0)
		return show_team(cli, &standings, err);
	if (operand_pipeline(cli, &e, cli->args.v[0], &p, err) < 0)
		return -1;
	return show_pipeline(cli, &standings, p, err);
}

const struct cli_cmd stats_cmd = {
	.name = "stats",
	.args = "[PIPELINE]",
	.about = "count who went through pipelines, who stands where, and why some do not go on",
	.max_args = 1,
	.examples = "pipectl stats\n"
	            "pipectl stats welcome\n"
	            "pipectl stats welcome --json\n",
	.needs = CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM,
	.run = run,
};
