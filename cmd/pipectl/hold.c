#include "pipectl.h"

#include "single_mail.h"

#include "cli/context.h"

static int run(struct cli *cli, struct err *err)
{
	return single_mail(cli, queued_hold, "held", err);
}

const struct cli_cmd hold_cmd = {
	.name = "hold",
	.args = "MSG...",
	.about = "keep mails back until they are released; their runs wait",
	.min_args = 1,
	.max_args = -1,
	.opts = single_mail_opts,
	.opts_size = sizeof(struct single_mail_opts),
	.examples = "pipectl hold 17\n"
	            "pipectl queue --mailbox anna | cut -f 1 | xargs pipectl hold\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
