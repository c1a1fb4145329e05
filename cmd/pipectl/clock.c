#include "pipectl.h"

#include "cli/context.h"
#include "cli/table.h"
#include "engine/guard.h"
#include "engine/hold.h"
#include "operate/safekeeping.h"
#include "outcome.h"

#include <string.h>

struct clock_opts {
	bool dry_run;
};

static const struct opt clock_opts[] = {
	OPT_DRY_RUN(struct clock_opts, dry_run),
	OPT_END,
};

static const struct cli_column columns[] = {
	{ "now", CLI_TIME }, { "last_tick", CLI_TIME }, { "doubt", CLI_TEXT }, { "held", CLI_BOOL }, { 0 }
};

/* What there is against the clock: NULL nothing. */
static int find_doubt(struct cli *cli, struct guard *g, const char **ret, bool *ret_held, struct err *err)
{
	int got = guard_look(cli->db_path, g, err);

	if (got < 0)
		return -1;
	*ret = got ? guard_jump(g, cli->now) : NULL;
	got = meta_get(cli->db, HOLD_CLOCK, &cli->arena, ret, err);
	*ret_held = got > 0;
	return got < 0 ? -1 : 0;
}

static int show(struct cli *cli, struct err *err)
{
	const char *doubt;
	struct cli_table t;
	struct guard g;
	bool held;

	if (find_doubt(cli, &g, &doubt, &held, err) < 0)
		return -1;
	cli_record_begin(&t, cli, columns);
	cli_time(&t, cli->now);
	cli_time_or_null(&t, g.last);
	cli_text(&t, doubt);
	cli_bool(&t, held);
	cli_row_end(&t);
	cli_table_end(&t);
	return doubt ? 1 : 0;
}

static int accept_clock(struct cli *cli, struct err *err)
{
	const struct clock_opts *o = cli->opts;
	ENGINE_AUTO e = { 0 };
	struct outcomes out;
	const char *doubt;
	struct guard g;
	bool held;
	int got;

	if (cli->rehearsal)
		return err_set(err, ERR_USAGE, "'--now' does not go with this: it is the machine's clock that is accepted");
	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	if (find_doubt(cli, &g, &doubt, &held, err) < 0)
		return -1;
	got = o->dry_run ? doubt != NULL : safekeep_accept_clock(&e, err);
	if (got < 0)
		return -1;
	outcomes_begin(&out, cli);
	outcome(&out, "clock", "machine", got ? "accepted" : "unchanged", got ? doubt : "nothing was wrong with it");
	return outcomes_end(&out, 0);
}

static int run(struct cli *cli, struct err *err)
{
	if (cli->args.n == 0)
		return show(cli, err);
	if (strcmp(cli->args.v[0], "accept") != 0)
		return err_set(err, ERR_USAGE, "'%s': the clock can only be shown, or: pipectl clock accept", cli->args.v[0]);
	return accept_clock(cli, err);
}

const struct cli_cmd clock_cmd = {
	.name = "clock",
	.args = "[accept]",
	.about = "show what the last tick thinks of the machine's clock, or accept one that jumped",
	.max_args = 1,
	.opts = clock_opts,
	.opts_size = sizeof(struct clock_opts),
	.examples = "pipectl clock\n"
	            "pipectl clock accept\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_OWNER,
	.run = run,
};
