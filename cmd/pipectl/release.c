#include "pipectl.h"

#include "single_mail.h"

#include "cli/context.h"

static int run(struct cli *cli, struct err *err)
{
	return single_mail(cli, queued_release, "released", err);
}

const struct cli_cmd release_cmd = {
	.name = "release",
	.args = "MSG...",
	.about = "let mails go that were held",
	.min_args = 1,
	.max_args = -1,
	.opts = single_mail_opts,
	.opts_size = sizeof(struct single_mail_opts),
	.examples = "pipectl release 17\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
