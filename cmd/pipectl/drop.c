#include "pipectl.h"

#include "single_mail.h"

#include "cli/context.h"

static int run(struct cli *cli, struct err *err)
{
	return single_mail(cli, queued_drop, "dropped", err);
}

const struct cli_cmd drop_cmd = {
	.name = "drop",
	.args = "MSG...",
	.about = "never send these mails; their runs go on behind them",
	.min_args = 1,
	.max_args = -1,
	.opts = single_mail_opts,
	.opts_size = sizeof(struct single_mail_opts),
	.examples = "pipectl drop 17\n"
	            "pipectl drop -n 17 18\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
