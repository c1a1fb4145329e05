#include "contactctl.h"

#include "bulk.h"

struct stop_opts {
	struct names where;
	bool all, dry_run;
};

static const struct opt stop_opts[] = {
	OPT_FLAG(struct stop_opts, all, 0, "all", "every pipeline that they are in"),
	OPT_LIST(struct stop_opts, where, 'w', "where", "FILTER", "everybody whom 'contactctl list FILTER' lists"),
	OPT_DRY_RUN(struct stop_opts, dry_run),
	OPT_END,
};

static int act(struct session *s, struct contact *c, const void *ctx, const char **ret_note, struct err *err)
{
	const struct pipeline *const *p = ctx;

	(void)ret_note;
	return people_stop(&s->engine, c, *p ? (*p)->id : 0, s->arena, err);
}

static int run(struct cli *cli, struct err *err)
{
	const struct stop_opts *o = cli->opts;
	const struct pipeline *p = NULL;
	SESSION_AUTO s = { 0 };
	SELECTION_AUTO sel = { 0 };
	const struct wanted wanted = { .first = o->all ? 0 : 1, .where = &o->where };
	const struct bulk stop = {
		.act = act,
		.ctx = &p,
		.done = "stopped",
		.already = "not enrolled",
		.dry_run = o->dry_run,
	};

	if (!o->all && cli->args.n == 0)
		return err_set(err, ERR_USAGE, "which pipeline? Name it, or say --all");
	if (session_open(&s, cli, err) < 0 ||
	    (!o->all && enroll_pipeline(&s.engine, s.world, cli->args.v[0], &p, err) < 0) ||
	    selection_open(&sel, &s, &wanted, err) < 0)
		return -1;
	return bulk_run(&stop, &s, &sel, err);
}

const struct cli_cmd stop_cmd = {
	.name = "stop",
	.args = "PIPELINE|--all [ADDR]...|-",
	.about = "end a pipeline for people, at once",
	.min_args = 0,
	.max_args = -1,
	.opts = stop_opts,
	.opts_size = sizeof(struct stop_opts),
	.examples = "contactctl stop nurture anna@example.com\n"
	            "contactctl stop --all anna@example.com bob@example.com\n"
	            "contactctl stop nurture --where tag=customer\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
