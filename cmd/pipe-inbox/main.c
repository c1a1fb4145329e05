#include "pipe_inbox.h"

#include "base/err.h"
#include "cli/cmd.h"
#include "cli/context.h"

static const struct opt inbox_opts[] = {
	OPT_FLAG(struct inbox_opts, explain, 0, "explain", "say how the mails in FILE... are read, as JSON Lines; no database"),
	OPT_END,
};

static int run(struct cli *cli, struct err *err)
{
	const struct inbox_opts *o = cli->opts;

	if (o->explain)
		return explain(cli, err);
	return err_set(err, ERR_USAGE, "pipe-inbox: --explain FILE...");
}

static const struct cli_cmd inbox = {
	.name = "pipe-inbox",
	.args = "[FILE]...",
	.about = "read mail: replies, automatic replies, bounces, complaints, unsubscribes",
	.max_args = -1,
	.opts = inbox_opts,
	.opts_size = sizeof(struct inbox_opts),
	.examples = "pipe-inbox --explain bounce.eml\n",
	.needs = CLI_NEEDS_NOTHING,
	.run = run,
};

int main(int argc, char **argv)
{
	return cli_main_single(argc, argv, &inbox);
}
