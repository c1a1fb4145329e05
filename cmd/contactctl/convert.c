#include "contactctl.h"

#include "bulk.h"

struct convert_opts {
	bool dry_run;
};

static const struct opt convert_opts[] = {
	OPT_DRY_RUN(struct convert_opts, dry_run),
	OPT_END,
};

static int act(struct session *s, struct contact *c, const void *ctx, const char **ret_note, struct err *err)
{
	(void)ctx;
	(void)ret_note;
	return people_convert(&s->engine, c, s->arena, err);
}

static int run(struct cli *cli, struct err *err)
{
	const struct convert_opts *o = cli->opts;
	const struct bulk convert = {
		.act = act,
		.done = "converted",
		.already = "a contact already",
		.dry_run = o->dry_run,
	};

	return bulk_named(&convert, cli, err);
}

const struct cli_cmd convert_cmd = {
	.name = "convert",
	.args = "ADDR...",
	.about = "make contacts of leads; pipelines that stop on it end",
	.min_args = 1,
	.max_args = -1,
	.opts = convert_opts,
	.opts_size = sizeof(struct convert_opts),
	.examples = "contactctl convert anna@example.com\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
