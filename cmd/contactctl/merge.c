#include "contactctl.h"

#include "cli/notice.h"
#include "cli/table.h"
#include "session.h"

struct merge_opts {
	bool dry_run;
};

static const struct opt merge_opts[] = {
	OPT_DRY_RUN(struct merge_opts, dry_run),
	OPT_END,
};

static void print(struct session *s, const char *keep, const char *other, int stopped)
{
	static const struct cli_column columns[] = {
		{ "email", CLI_TEXT }, { "result", CLI_STATE }, { "merged", CLI_TEXT }, { "stopped", CLI_INT }, { 0 },
	};
	struct cli_table t;

	if (!s->cli->json) {
		cli_say(s->cli, "%s is now part of %s", other, keep);
		if (stopped)
			cli_notice(s->cli, "%d run%s of %s stopped: %s is in the same pipeline, or a mail was under way", stopped,
			           stopped == 1 ? "" : "s", other, keep);
		return;
	}
	cli_table_begin(&t, s->cli, columns);
	cli_text(&t, keep);
	cli_text(&t, "merged");
	cli_text(&t, other);
	cli_int(&t, stopped);
	cli_row_end(&t);
	cli_table_end(&t);
}

static int run(struct cli *cli, struct err *err)
{
	const struct merge_opts *o = cli->opts;
	TXN_AUTO txn = TXN_INIT;
	SESSION_AUTO s = { 0 };
	struct contact keep, other;
	int stopped;

	if (session_open(&s, cli, err) < 0 || txn_begin(&txn, cli->db, err) < 0 ||
	    people_find(&s.engine, s.world, cli->args.v[0], s.arena, &keep, err) < 0 ||
	    people_find(&s.engine, s.world, cli->args.v[1], s.arena, &other, err) < 0)
		return -1;
	stopped = people_merge(&s.engine, &keep, &other, s.arena, err);
	if (stopped < 0 || (!o->dry_run && txn_commit(&txn, err) < 0))
		return -1;
	print(&s, keep.email, other.email, stopped);
	return 0;
}

const struct cli_cmd merge_cmd = {
	.name = "merge",
	.args = "ADDR OTHER",
	.about = "make one contact of two: ADDR stays and gets what OTHER has",
	.min_args = 2,
	.max_args = 2,
	.opts = merge_opts,
	.opts_size = sizeof(struct merge_opts),
	.examples = "contactctl merge anna@example.com anna.schmidt@example.org\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
