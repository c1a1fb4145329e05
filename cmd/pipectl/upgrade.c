#include "pipectl.h"

#include "cli/context.h"
#include "cli/open.h"
#include "operate/safekeeping.h"
#include "outcome.h"

#include <errno.h>
#include <unistd.h>

struct upgrade_opts {
	bool dry_run;
};

static const struct opt upgrade_opts[] = {
	OPT_DRY_RUN(struct upgrade_opts, dry_run),
	OPT_END,
};

/* It cannot be opened in the usual way while its schema is old. */
static int find_database(struct cli *cli, struct err *err)
{
	if (cli_find_own_database(cli, err) < 0)
		return -1;
	if (access(cli->db_path, F_OK) == 0)
		return 0;
	return errno == ENOENT ? err_set(err, ERR_NOINPUT, "no database '%s'; 'pipectl init' makes one", cli->db_path)
	                       : err_errno(err, ERR_DENIED, "'%s'", cli->db_path);
}

static int run(struct cli *cli, struct err *err)
{
	const struct upgrade_opts *o = cli->opts;
	struct upgrade what;
	struct outcomes out;
	int got;

	if (find_database(cli, err) < 0)
		return -1;
	got = safekeep_upgrade(cli->db_path, o->dry_run, &cli->arena, &what, err);
	if (got < 0)
		return -1;
	outcomes_begin(&out, cli);
	outcome_file(&out, "database", cli->db_path, got ? "upgraded" : "unchanged",
	        got ? arena_printf(&cli->arena, "schema %d to %d; what it was is kept as %s", what.from, what.to, what.backup)
	            : arena_printf(&cli->arena, "schema %d is the newest", what.to));
	return outcomes_end(&out, 0);
}

const struct cli_cmd upgrade_cmd = {
	.name = "upgrade",
	.about = "bring the database of an older pipewright up to date, after a backup",
	.opts = upgrade_opts,
	.opts_size = sizeof(struct upgrade_opts),
	.examples = "pipectl upgrade -n\n"
	            "pipectl upgrade\n",
	.needs = CLI_NEEDS_CALLER,
	.run = run,
};
