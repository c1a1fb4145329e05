#include "pipectl.h"

#include "cli/context.h"
#include "cli/table.h"
#include "operand.h"
#include "store/document_store.h"
#include "store/tally_store.h"

#include <string.h>

static const struct cli_column columns[] = {
	{ "version", CLI_INT }, { "applied", CLI_TIME }, { "by", CLI_TEXT },
	{ "steps", CLI_INT },   { "runs", CLI_INT },     { 0 },
};

/* Numbers divided by blanks. */
static int64_t count_steps(const char *numbers)
{
	int64_t n = 0;

	for (const char *at = numbers; *at;) {
		at += strspn(at, " ");
		n += *at != '\0';
		at += strcspn(at, " ");
	}
	return n;
}

static int64_t open_runs(const struct run_stand *stands, int n, int version)
{
	int64_t runs = 0;

	for (int i = 0; i < n; i++)
		if (stands[i].version == version)
			runs += stands[i].runs;
	return runs;
}

static int run(struct cli *cli, struct err *err)
{
	ENGINE_AUTO e = { 0 };
	const struct pipeline *p;
	struct document_version *list;
	struct run_stand *stands;
	struct cli_table t;
	int n, n_stands;

	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	if (operand_pipeline(cli, &e, cli->args.v[0], &p, err) < 0)
		return -1;
	n = version_list(cli->db, cli->team, p->id, &cli->arena, &list, err);
	n_stands = n < 0 ? -1 : run_stands(cli->db, cli->team, p->id, &cli->arena, &stands, err);
	if (n_stands < 0)
		return -1;
	cli_table_begin(&t, cli, columns);
	for (int i = 0; i < n; i++) {
		cli_int(&t, list[i].version);
		cli_time(&t, list[i].created_at);
		cli_text(&t, *list[i].actor ? list[i].actor : NULL);
		cli_int(&t, count_steps(list[i].steps));
		cli_int(&t, open_runs(stands, n_stands, list[i].version));
		cli_row_end(&t);
	}
	cli_table_end(&t);
	return 0;
}

const struct cli_cmd history_cmd = {
	.name = "history",
	.args = "PIPELINE",
	.about = "list the versions of a pipeline, newest first, and who still follows each",
	.min_args = 1,
	.max_args = 1,
	.examples = "pipectl history welcome\n"
	            "pipectl show pipeline/welcome@2\n",
	.needs = CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM,
	.run = run,
};
