#include "pipectl.h"

#include "pausing.h"

#include "cli/context.h"

static int run(struct cli *cli, struct err *err)
{
	return pausing(cli, true, err);
}

const struct cli_cmd pause_cmd = {
	.name = "pause",
	.args = "[PIPELINE|mailbox/M]...",
	.about = "stop sending at once; people still enter, and delays run on",
	.max_args = -1,
	.opts = pausing_opts,
	.opts_size = sizeof(struct pausing_opts),
	.examples = "pipectl pause welcome\n"
	            "pipectl pause mailbox/anna\n"
	            "pipectl pause --all\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
