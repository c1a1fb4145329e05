#include "contactctl.h"

#include "cli/table.h"
#include "operate/activity.h"
#include "session.h"

#define BLOCK 200

static const struct cli_column columns[] = {
	{ "at", CLI_TIME },        { "type", CLI_STATE },     { "pipeline", CLI_TEXT },
	{ "step", CLI_TEXT },      { "text", CLI_TEXT },      { "actor", CLI_TEXT | CLI_SPARE },
	{ "source", CLI_TEXT | CLI_SPARE }, { "message", CLI_INT | CLI_SPARE },   { "id", CLI_INT | CLI_ONLY_JSON },
	{ "run", CLI_INT | CLI_ONLY_JSON }, { "data", CLI_JSON | CLI_ONLY_JSON }, { 0 },
};

struct activity_opts {
	int64_t limit;
};

static const struct opt activity_opts[] = {
	OPT_INT(struct activity_opts, limit, 0, "limit", "N", 1, INT32_MAX, "the newest N only"),
	OPT_END,
};

static void put_number(struct cli_table *t, int64_t number)
{
	if (number)
		cli_int(t, number);
	else
		cli_null(t);
}

static void print(struct cli_table *t, const struct activity *a)
{
	cli_time(t, a->event.at);
	cli_text(t, a->event.type);
	cli_text(t, a->place.pipeline);
	cli_text(t, a->place.step);
	cli_text(t, *a->text ? a->text : NULL);
	cli_text(t, a->event.actor);
	cli_text(t, a->event.source);
	put_number(t, a->event.message);
	cli_int(t, a->event.id);
	put_number(t, a->event.run);
	cli_json(t, a->event.data);
	cli_row_end(t);
}

static int print_all(struct session *s, const struct contact *c, struct cli_table *t, struct err *err)
{
	const struct activity_opts *o = s->cli->opts;
	ARENA_AUTO a = { 0 };
	struct activity list[BLOCK];
	int64_t before = 0, left = o->limit;
	int n;

	do {
		arena_clear(&a);
		n = activity_list(&s->engine, c, before, &a, list, BLOCK, err);
		for (int i = 0; i < n; i++) {
			print(t, &list[i]);
			if (--left == 0)
				return 0;
		}
		before = n > 0 ? list[n - 1].event.id : before;
	} while (n == BLOCK);
	return n < 0 ? -1 : 0;
}

static int run(struct cli *cli, struct err *err)
{
	SESSION_AUTO s = { 0 };
	struct cli_table t;
	struct contact c;
	int got;

	if (session_open(&s, cli, err) < 0 || people_find(&s.engine, s.world, cli->args.v[0], s.arena, &c, err) < 0)
		return -1;
	cli_table_begin(&t, cli, columns);
	got = print_all(&s, &c, &t, err);
	cli_table_end(&t);
	return got;
}

const struct cli_cmd activity_cmd = {
	.name = "activity",
	.args = "ADDR",
	.about = "list what happened to a contact, newest first",
	.min_args = 1,
	.max_args = 1,
	.opts = activity_opts,
	.opts_size = sizeof(struct activity_opts),
	.examples = "contactctl activity anna@example.com\n"
	            "contactctl activity anna@example.com --limit 20\n",
	.needs = CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM,
	.run = run,
};
