#include "contactctl.h"

#include "bulk.h"

struct unsubscribe_opts {
	bool dry_run;
};

static const struct opt unsubscribe_opts[] = {
	OPT_DRY_RUN(struct unsubscribe_opts, dry_run),
	OPT_END,
};

struct resubscribe_opts {
	const char *source;
	bool dry_run;
};

static const struct opt resubscribe_opts[] = {
	OPT_STR(struct resubscribe_opts, source, 0, "source", "TEXT", "who asked for it, and how; needed"),
	OPT_DRY_RUN(struct resubscribe_opts, dry_run),
	OPT_END,
};

static int unsubscribe(struct session *s, struct contact *c, const void *ctx, const char **ret_note, struct err *err)
{
	(void)ctx;
	(void)ret_note;
	return people_unsubscribe(&s->engine, c, s->arena, err);
}

static int resubscribe(struct session *s, struct contact *c, const void *ctx, const char **ret_note, struct err *err)
{
	if (c->suppressed)
		*ret_note = arena_printf(s->arena, "was: %s", suppression_text(c->suppressed, s->arena));
	return people_resubscribe(&s->engine, c, ctx, s->arena, err);
}

static int run_unsubscribe(struct cli *cli, struct err *err)
{
	const struct unsubscribe_opts *o = cli->opts;
	const struct bulk b = {
		.act = unsubscribe,
		.done = "unsubscribed",
		.dry_run = o->dry_run,
	};

	return bulk_named(&b, cli, err);
}

static int run_resubscribe(struct cli *cli, struct err *err)
{
	const struct resubscribe_opts *o = cli->opts;
	const struct bulk b = {
		.act = resubscribe,
		.ctx = o->source,
		.done = "resubscribed",
		.dry_run = o->dry_run,
	};

	if (!o->source || !*o->source)
		return err_set(err, ERR_USAGE, "say with --source who asked for it, and how: it is kept as the proof");
	return bulk_named(&b, cli, err);
}

const struct cli_cmd unsubscribe_cmd = {
	.name = "unsubscribe",
	.args = "ADDR...",
	.about = "send people no more marketing mail",
	.min_args = 1,
	.max_args = -1,
	.opts = unsubscribe_opts,
	.opts_size = sizeof(struct unsubscribe_opts),
	.examples = "contactctl unsubscribe anna@example.com\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run_unsubscribe,
};

const struct cli_cmd resubscribe_cmd = {
	.name = "resubscribe",
	.args = "ADDR...",
	.about = "let mail go to people again who were suppressed",
	.min_args = 1,
	.max_args = -1,
	.opts = resubscribe_opts,
	.opts_size = sizeof(struct resubscribe_opts),
	.examples = "contactctl resubscribe anna@example.com --source 'her call on 2 March'\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run_resubscribe,
};
