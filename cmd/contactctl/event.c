#include "contactctl.h"

#include "base/buf.h"
#include "bulk.h"
#include "cli/input.h"
#include "engine/report.h"

struct event_opts {
	const char *data, *id;
	bool dry_run;
};

static const struct opt event_opts[] = {
	OPT_STR(struct event_opts, data, 0, "data", "FILE", "the data as a JSON object; - is stdin"),
	OPT_STR(struct event_opts, id, 0, "id", "KEY", "recorded only once with this key, so that it can be sent again"),
	OPT_DRY_RUN(struct event_opts, dry_run),
	OPT_END,
};

struct reported {
	const char *type, *data, *key;
};

static int act(struct session *s, struct contact *c, const void *ctx, const char **ret_note, struct err *err)
{
	const struct reported *r = ctx;

	(void)ret_note;
	return report_event(&s->engine, c, r->type, r->data, r->key, s->arena, err);
}

static int read_event(struct session *s, const struct event_opts *o, struct reported *ret, struct err *err)
{
	const struct names *args = &s->cli->args;
	const struct names assignments = { args->v + 2, args->n - 2 };
	BUF_AUTO json = BUF_INIT(64 * 1024);

	if (o->data && cli_read_input(o->data, &json, err) < 0)
		return -1;
	ret->type = args->v[1];
	ret->key = o->id;
	if (report_data(s->world, ret->type, o->data ? json.s : NULL, &assignments, s->arena, &ret->data, err) == 0)
		return 0;
	return o->data && err->kind == ERR_INVALID ? err_prefix(err, "%s", o->data) : -1;
}

static int run(struct cli *cli, struct err *err)
{
	const struct event_opts *o = cli->opts;
	const struct names none = { 0 };
	SESSION_AUTO s = { 0 };
	SELECTION_AUTO sel = { 0 };
	struct reported reported;
	const struct bulk b = {
		.act = act,
		.ctx = &reported,
		.done = "recorded",
		.already = "recorded before",
		.dry_run = o->dry_run,
	};

	if (session_open(&s, cli, err) < 0 || read_event(&s, o, &reported, err) < 0)
		return -1;
	cli->args.n = 1;
	if (selection_open(&sel, &s, &(struct wanted){ .where = &none }, err) < 0)
		return -1;
	return bulk_run(&b, &s, &sel, err);
}

const struct cli_cmd event_cmd = {
	.name = "event",
	.group = "Activity",
	.args = "ADDR TYPE [KEY=VALUE]...",
	.about = "report that something happened: a type that Fields declares",
	.min_args = 2,
	.max_args = -1,
	.opts = event_opts,
	.opts_size = sizeof(struct event_opts),
	.examples = "contactctl event anna@example.com order.placed total=99.50 --id order-4711\n"
	            "contactctl event anna@example.com cart.abandoned --data cart.json\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
