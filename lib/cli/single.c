#include "base/buf.h"
#include "base/err.h"
#include "cli/cmd.h"
#include "cli/context.h"
#include "cli/help.h"
#include "cli/notice.h"
#include "cli/parse_private.h"

static int run(struct cli *cli, int argc, char **argv, const struct cli_cmd *cmd, struct err *err)
{
	BUF_AUTO dump = BUF_INIT(65536);
	int got;

	if (cli_wants_dump(argc, argv)) {
		help_dump_cmd(&dump, cmd);
		cli_put(cli, &dump);
		return 0;
	}
	got = cli_parse(cli, cmd, argv + 1, (size_t)argc - 1, err);
	if (got != 0)
		return got < 0 ? -1 : 0;
	return cmd->run(cli, err);
}

int cli_main_single(int argc, char **argv, const struct cli_cmd *cmd)
{
	struct err err = ERR_INIT;
	struct cli cli;

	BUG_ON(cmd->needs != CLI_NEEDS_NOTHING);
	cli_begin(&cli, argc, cmd->name);
	return cli_finish(&cli, run(&cli, argc, argv, cmd, &err), &err);
}
