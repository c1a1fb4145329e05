#include "contactctl.h"

#include "bulk.h"

#include "cli/notice.h"
#include "store/db.h"

struct delete_opts {
	bool erase, dry_run;
};

static const struct opt delete_opts[] = {
	OPT_FLAG(struct delete_opts, erase, 0, "erase",
	         "forget what was written to them, too; only that they must not be written to is kept"),
	OPT_DRY_RUN(struct delete_opts, dry_run),
	OPT_END,
};

static int act(struct session *s, struct contact *c, const void *ctx, const char **ret_note, struct err *err)
{
	const struct delete_opts *o = ctx;

	(void)ret_note;
	return people_delete(&s->engine, c, o->erase, s->arena, err) < 0 ? -1 : 1;
}

static int empty_log(struct cli *cli, struct err *err)
{
	int got = db_empty_log(cli->db, err);

	if (got == 0)
		cli_notice(cli, "another program is reading: until the next tick, copies of what was erased are in %s-wal",
		           cli->db_path);
	return got;
}

static int run(struct cli *cli, struct err *err)
{
	const struct delete_opts *o = cli->opts;
	const struct bulk b = {
		.act = act,
		.ctx = o,
		.done = o->erase ? "erased" : "deleted",
		.already = "unchanged",
		.dry_run = o->dry_run,
	};

	int got = bulk_named(&b, cli, err);

	if (got >= 0 && o->erase && !o->dry_run && empty_log(cli, err) < 0)
		return -1;
	return got;
}

const struct cli_cmd delete_cmd = {
	.name = "delete",
	.args = "ADDR...",
	.about = "remove contacts, which ends every pipeline they are in",
	.min_args = 1,
	.max_args = -1,
	.opts = delete_opts,
	.opts_size = sizeof(struct delete_opts),
	.examples = "contactctl delete anna@example.com\n"
	            "contactctl delete --erase anna@example.com\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
