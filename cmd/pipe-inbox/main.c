#include "pipe_inbox.h"

#include "base/err.h"
#include "cli/cmd.h"
#include "cli/context.h"
#include "cli/startup.h"

static const struct opt inbox_opts[] = {
	OPT_STR(struct inbox_opts, mailbox, 0, "mailbox", "MAILBOX", "read this one only, and say what is wrong with it"),
	OPT_FLAG(struct inbox_opts, explain, 0, "explain", "say how the mails in FILE... are read, as JSON Lines; no database"),
	OPT_END,
};

static int run(struct cli *cli, struct err *err)
{
	const struct inbox_opts *o = cli->opts;

	if (o->explain && o->mailbox)
		return err_set(err, ERR_USAGE, "--explain looks at files, not at a mailbox");
	if (o->explain)
		return cli->args.n ? explain(cli, err) : err_set(err, ERR_USAGE, "--explain needs a FILE");
	if (cli->args.n)
		return err_set(err, ERR_USAGE, "'%s': files are for --explain", cli->args.v[0]);
	return read_inboxes(cli, err);
}

static const struct cli_cmd inbox = {
	.name = "pipe-inbox",
	.args = "[FILE]...",
	.about = "read mail: replies, automatic replies, bounces, complaints, unsubscribes",
	.max_args = -1,
	.opts = inbox_opts,
	.opts_size = sizeof(struct inbox_opts),
	.examples = "pipe-inbox\n"
	            "pipe-inbox -v --mailbox anna\n"
	            "pipe-inbox --explain bounce.eml\n",
	.needs = CLI_NEEDS_NOTHING,
	.run = run,
};

int main(int argc, char **argv)
{
	cli_forbid_core(); /* the passwords of mailboxes */
	return cli_main_single(argc, argv, &inbox);
}
