#include "contactctl.h"

#include "cli/table.h"
#include "columns.h"
#include "selection.h"

struct list_opts {
	const char *columns;
};

static const struct opt list_opts[] = {
	OPT_STR(struct list_opts, columns, 'o', "columns", "FIELDS",
	        "these columns, divided by commas: any field, and those in the manual"),
	OPT_END,
};

static int run(struct cli *cli, struct err *err)
{
	const struct list_opts *o = cli->opts;
	SESSION_AUTO s = { 0 };
	PEOPLE_WALK_AUTO walk = { 0 };
	struct filter filter = { 0 };
	struct columns columns;
	struct cli_table table;
	struct contact c;
	int got;

	if (session_open(&s, cli, err) < 0 || read_filter(&s, &cli->args, &filter, err) < 0 ||
	    columns_parse(&columns, &s, o->columns, err) < 0)
		return -1;
	people_walk_begin(&walk, &s.engine, cli->team, &filter);
	cli_table_begin(&table, cli, columns.table);
	while ((got = people_walk_next(&walk, &c, err)) > 0) {
		got = columns_print(&columns, &table, &s, &c, err);
		if (got < 0)
			break;
	}
	cli_table_end(&table);
	return got;
}

const struct cli_cmd list_cmd = {
	.name = "list",
	.args = "[FILTER]...",
	.about = "list contacts, and what they get",
	.max_args = -1,
	.opts = list_opts,
	.opts_size = sizeof(struct list_opts),
	.examples = "contactctl list\n"
	            "contactctl list tag=fair kind=lead never-enrolled\n"
	            "contactctl list blocked\n"
	            "contactctl list schmidt -o email,first_name,plan,next_email,next_at\n"
	            "contactctl list created=2026-07-01..2026-07-31 --json\n",
	.needs = CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM,
	.run = run,
};
