#include "contactctl.h"

#include "people/export.h"

#include "base/buf.h"
#include "cli/notice.h"
#include "people/dossier.h"
#include "people/unwanted.h"
#include "selection.h"

#define LONGEST_ROW (64u << 20)
#define FULL        65536

struct export_opts {
	struct names where;
	bool raw;
};

static const struct opt export_opts[] = {
	OPT_LIST(struct export_opts, where, 'w', "where", "FILTER", "only those whom 'contactctl list FILTER' lists"),
	OPT_FLAG(struct export_opts, raw, 0, "raw", "do not protect cells that a spreadsheet would take for formulas"),
	OPT_END,
};

static void flush(void *ctx, struct buf *b)
{
	cli_put(ctx, b);
	buf_clear(b);
}

static int export_all(struct session *s, const struct export_opts *o, struct err *err)
{
	PEOPLE_WALK_AUTO walk = { 0 };
	BUF_AUTO b = BUF_INIT(LONGEST_ROW);
	struct filter filter = { 0 };
	struct contact c;
	int got;

	if (read_filter(s, &o->where, &filter, err) < 0)
		return -1;
	export_head(s->world, o->raw, &b);
	people_walk_begin(&walk, &s->engine, s->cli->team, &filter);
	while ((got = people_walk_next(&walk, &c, err)) > 0) {
		export_row(s->world, &c, o->raw, &b);
		if (b.len >= FULL)
			flush(s->cli, &b);
	}
	if (got == 0 && o->where.n == 0)
		got = unwanted_export(&s->engine, s->world, flush, s->cli, &b, err);
	flush(s->cli, &b);
	return got;
}

static int export_one(struct session *s, const char *address, struct err *err)
{
	BUF_AUTO b = BUF_INIT(LONGEST_ROW);
	struct contact c;

	if (people_find(&s->engine, s->world, address, s->arena, &c, err) < 0 ||
	    dossier_write(&s->engine, s->world, &c, DOSSIER_RUNS | DOSSIER_EVENTS | DOSSIER_MESSAGES, &b, err) < 0)
		return -1;
	buf_addc(&b, '\n');
	cli_put(s->cli, &b);
	return 0;
}

static int run(struct cli *cli, struct err *err)
{
	SESSION_AUTO s = { 0 };

	if (session_open(&s, cli, err) < 0)
		return -1;
	return cli->args.n > 0 ? export_one(&s, cli->args.v[0], err) : export_all(&s, cli->opts, err);
}

const struct cli_cmd export_cmd = {
	.name = "export",
	.args = "[ADDR]",
	.about = "write all contacts as a table; with an address, all that is known of one as JSON",
	.max_args = 1,
	.opts = export_opts,
	.opts_size = sizeof(struct export_opts),
	.examples = "contactctl export >people.csv\n"
	            "contactctl export --where tag=fair >fair.csv\n"
	            "contactctl export anna@example.com | jq .      # for a request by the person\n",
	.needs = CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM,
	.run = run,
};
