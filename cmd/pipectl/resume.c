#include "pipectl.h"

#include "pausing.h"

#include "cli/context.h"

static int run(struct cli *cli, struct err *err)
{
	return pausing(cli, false, err);
}

const struct cli_cmd resume_cmd = {
	.name = "resume",
	.args = "[PIPELINE|mailbox/M]...",
	.about = "go on with what was paused; 'late' decides about mails that are overdue",
	.max_args = -1,
	.opts = pausing_opts,
	.opts_size = sizeof(struct pausing_opts),
	.examples = "pipectl resume welcome\n"
	            "pipectl resume mailbox/anna\n"
	            "pipectl resume -n --all\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
