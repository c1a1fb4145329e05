#include "pipectl.h"

#include "cli/context.h"
#include "operate/safekeeping.h"
#include "outcome.h"

#include <unistd.h>

struct backup_opts {
	bool final, dry_run;
};

static const struct opt backup_opts[] = {
	OPT_FLAG(struct backup_opts, final, 0, "final", "hand the database over: nothing is sent from this one any more"),
	OPT_DRY_RUN(struct backup_opts, dry_run),
	OPT_END,
};

static int run(struct cli *cli, struct err *err)
{
	const struct backup_opts *o = cli->opts;
	const char *target = cli->args.v[0];
	ENGINE_AUTO e = { 0 };
	struct outcomes out;

	if (o->dry_run && access(target, F_OK) == 0)
		return err_set(err, ERR_CREATE, "%s exists already", target);
	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	if (!o->dry_run && safekeep_backup(&e, target, o->final, err) < 0)
		return -1;
	outcomes_begin(&out, cli);
	outcome_file(&out, "backup", target, "written", o->final ? "nothing is sent from this database any more" : NULL);
	return outcomes_end(&out, 0);
}

const struct cli_cmd backup_cmd = {
	.name = "backup",
	.args = "FILE",
	.about = "copy the database into a new file, while everything goes on",
	.min_args = 1,
	.max_args = 1,
	.opts = backup_opts,
	.opts_size = sizeof(struct backup_opts),
	.examples = "pipectl backup /var/backups/pipewright.$(date +%F)\n"
	            "pipectl backup --final moving.db\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_OWNER,
	.run = run,
};
