#include "contactctl.h"

#include "bulk.h"

struct tag_opts {
	struct names where;
	bool all, dry_run;
};

static const struct opt tag_opts[] = {
	OPT_LIST(struct tag_opts, where, 'w', "where", "FILTER", "everybody whom 'contactctl list FILTER' lists"),
	OPT_FLAG(struct tag_opts, all, 0, "all", "everybody"),
	OPT_DRY_RUN(struct tag_opts, dry_run),
	OPT_END,
};

static int tag(struct session *s, struct contact *c, const void *ctx, const char **ret_note, struct err *err)
{
	(void)ret_note;
	return people_tag(&s->engine, c, ctx, s->arena, err);
}

static int untag(struct session *s, struct contact *c, const void *ctx, const char **ret_note, struct err *err)
{
	(void)ret_note;
	return people_untag(&s->engine, c, ctx, s->arena, err);
}

static int run_bulk(struct cli *cli, struct bulk *b, struct err *err)
{
	const struct tag_opts *o = cli->opts;
	SESSION_AUTO s = { 0 };
	SELECTION_AUTO sel = { 0 };

	b->ctx = cli->args.v[0];
	b->dry_run = o->dry_run;
	if (tag_check(cli->args.v[0], err) < 0 || session_open(&s, cli, err) < 0 ||
	    selection_open(&sel, &s, &(struct wanted){ .first = 1, .where = &o->where, .all = o->all }, err) < 0)
		return -1;
	return bulk_run(b, &s, &sel, err);
}

static int run_tag(struct cli *cli, struct err *err)
{
	return run_bulk(cli, &(struct bulk){ .act = tag, .done = "tagged" }, err);
}

static int run_untag(struct cli *cli, struct err *err)
{
	return run_bulk(cli, &(struct bulk){ .act = untag, .done = "untagged" }, err);
}

const struct cli_cmd tag_cmd = {
	.name = "tag",
	.args = "TAG [ADDR]...|-",
	.about = "give people a tag",
	.min_args = 1,
	.max_args = -1,
	.opts = tag_opts,
	.opts_size = sizeof(struct tag_opts),
	.examples = "contactctl tag vip anna@example.com bob@example.com\n"
	            "contactctl tag dach --where lang=de\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run_tag,
};

const struct cli_cmd untag_cmd = {
	.name = "untag",
	.args = "TAG [ADDR]...|-",
	.about = "take a tag away",
	.min_args = 1,
	.max_args = -1,
	.opts = tag_opts,
	.opts_size = sizeof(struct tag_opts),
	.examples = "contactctl untag vip bob@example.com\n"
	            "contactctl untag fair --where tag=fair\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run_untag,
};
