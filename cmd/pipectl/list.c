#include "pipectl.h"

#include "cli/context.h"
#include "cli/notice.h"
#include "cli/table.h"
#include "engine/absent.h"
#include "engine/pause.h"
#include "model/step_text.h"
#include "people/census.h"
#include "store/document_store.h"

#include <string.h>
#include <strings.h>

static const struct cli_column document_columns[] = {
	{ "name", CLI_TEXT },       { "version", CLI_INT }, { "source", CLI_TEXT },
	{ "changed_at", CLI_TIME }, { "kind", CLI_TEXT | CLI_ONLY_JSON }, { 0 },
};
static const struct cli_column pipeline_columns[] = {
	{ "name", CLI_TEXT }, { "state", CLI_STATE }, { "version", CLI_INT },   { "steps", CLI_INT },
	{ "open", CLI_INT },  { "blocked", CLI_INT }, { "completed", CLI_INT }, { 0 },
};

static const struct cli_column mailbox_columns[] = {
	{ "name", CLI_TEXT },    { "state", CLI_STATE },  { "from", CLI_TEXT },
	{ "since", CLI_TIME },   { "until", CLI_TIME },   { "text", CLI_TEXT },
	{ "version", CLI_INT | CLI_ONLY_JSON }, { "source", CLI_TEXT | CLI_ONLY_JSON },
	{ "changed_at", CLI_TIME | CLI_ONLY_JSON }, { "kind", CLI_TEXT | CLI_ONLY_JSON }, { 0 },
};

/* What is listed: documents of one kind or of all, whose name has the text in it. */
struct wanted {
	bool one_kind;
	enum doc_kind kind;
	const char *text;
};

static int read_wanted(struct cli *cli, struct wanted *ret, struct err *err)
{
	size_t at = 0;

	*ret = (struct wanted){ .text = "" };
	if (cli->args.n > 0 && doc_kind_parse(cli->args.v[0], &ret->kind)) {
		ret->one_kind = true;
		at = 1;
	}
	if (cli->args.n > at + 1)
		return err_set(err, ERR_USAGE, "there is no kind '%s'", cli->args.v[0]);
	if (cli->args.n > at)
		ret->text = cli->args.v[at];
	return 0;
}

static bool has_text(const char *name, const char *text)
{
	return strcasestr(name, text) != NULL;
}

static void print_documents(struct cli *cli, const struct wanted *want, const struct document_row *rows, int n)
{
	struct cli_table t;

	cli_table_begin(&t, cli, document_columns);
	for (int i = 0; i < n; i++) {
		enum doc_kind kind;

		if (!has_text(rows[i].name, want->text) || !doc_kind_parse(rows[i].kind, &kind))
			continue;
		cli_text(&t, want->one_kind || cli->json ? rows[i].name
		                                         : arena_printf(&cli->arena, "%s/%s", doc_kind_word(kind), rows[i].name));
		cli_int(&t, rows[i].version);
		cli_text(&t, rows[i].source);
		cli_time(&t, rows[i].updated_at);
		cli_text(&t, rows[i].kind);
		cli_row_end(&t);
	}
	cli_table_end(&t);
}

static int64_t tally(const struct run_tally *all, int n, int64_t pipeline, enum run_state status)
{
	for (int i = 0; i < n; i++)
		if (all[i].pipeline == pipeline && all[i].status == status)
			return all[i].runs;
	return 0;
}

static void print_pipeline(struct cli_table *t, const struct pipeline *p, const struct run_tally *all, int n)
{
	int64_t blocked = tally(all, n, p->id, RUN_BLOCKED);

	cli_text(t, p->name);
	cli_text(t, pipeline_state(p));
	cli_int(t, p->version);
	cli_int(t, (int64_t)p->n_steps);
	cli_int(t, tally(all, n, p->id, RUN_PENDING) + tally(all, n, p->id, RUN_RUNNING) + blocked);
	cli_int(t, blocked);
	cli_int(t, tally(all, n, p->id, RUN_COMPLETED));
	cli_row_end(t);
}

static int list_pipelines(struct cli *cli, const struct wanted *want, struct err *err)
{
	ENGINE_AUTO e = { 0 };
	const struct pipeline *const *list;
	STANDINGS_AUTO standings = { 0 };
	struct run_tally *tallies;
	struct cli_table t;
	struct world *w;
	size_t n;
	const char *admins;
	int n_tallies;

	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	standings_begin(&standings, &e, cli->team);
	n_tallies = census_tallies(&standings, &cli->arena, &tallies, err);
	if (n_tallies < 0 || engine_world(&e, cli->team, &w, err) < 0)
		return -1;
	list = world_pipelines(w, &n);
	if (n == 0 && admins_text(cli->db, cli->team, &cli->arena, &admins, err) < 0)
		return -1;
	if (n == 0)
		cli_notice(cli, "team '%s' has no pipeline yet: its admins (%s) set them up with 'pipectl apply'", cli->team_name,
		           admins);
	cli_table_begin(&t, cli, pipeline_columns);
	for (size_t i = 0; i < n; i++)
		if (has_text(list[i]->name, want->text))
			print_pipeline(&t, list[i], tallies, n_tallies);
	cli_table_end(&t);
	return 0;
}

static int print_mailbox(struct cli_table *t, struct engine *e, const struct document_row *row, struct err *err)
{
	struct mailbox_standing now;
	const struct mailbox *mb;
	struct world *w;

	if (engine_world(e, row->team, &w, err) < 0 ||
	    mailbox_standing(e, row->team, row->name, &t->cli->arena, &now, err) < 0)
		return -1;
	mb = world_mailbox(w, row->name);
	cli_text(t, row->name);
	cli_text(t, now.state);
	cli_text(t, mb ? mb->from_address : NULL);
	cli_time_or_null(t, now.since);
	cli_time_or_null(t, now.until);
	cli_text(t, now.text);
	cli_int(t, row->version);
	cli_text(t, row->source);
	cli_time(t, row->updated_at);
	cli_text(t, row->kind);
	cli_row_end(t);
	return 0;
}

static int list_mailboxes(struct cli *cli, const struct wanted *want, struct err *err)
{
	ENGINE_AUTO e = { 0 };
	struct document_row *rows;
	struct cli_table t;
	int got = 0, n = document_list(cli->db, cli->team, doc_kind_yaml(DOC_MAILBOX), &cli->arena, &rows, err);

	if (n < 0)
		return -1;
	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	cli_table_begin(&t, cli, mailbox_columns);
	for (int i = 0; i < n && got == 0; i++)
		if (has_text(rows[i].name, want->text))
			got = print_mailbox(&t, &e, &rows[i], err);
	cli_table_end(&t);
	return got;
}

static int list(struct cli *cli, struct err *err)
{
	struct document_row *rows;
	struct wanted want;
	int n;

	if (read_wanted(cli, &want, err) < 0)
		return -1;
	if (want.one_kind && want.kind == DOC_PIPELINE)
		return list_pipelines(cli, &want, err);
	if (want.one_kind && want.kind == DOC_MAILBOX)
		return list_mailboxes(cli, &want, err);
	n = document_list(cli->db, cli->team, want.one_kind ? doc_kind_yaml(want.kind) : NULL, &cli->arena, &rows, err);
	if (n < 0)
		return -1;
	print_documents(cli, &want, rows, n);
	return 0;
}

const struct cli_cmd list_cmd = {
	.name = "list",
	.args = "[KIND] [TEXT]",
	.about = "list documents; of pipelines also how many people are where, of mailboxes whether mail leaves",
	.max_args = 2,
	.examples = "pipectl list pipelines\n"
	            "pipectl list templates welcome\n"
	            "pipectl list mailboxes\n"
	            "pipectl list --json\n",
	.needs = CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM,
	.run = list,
};
