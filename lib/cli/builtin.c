#include "base/buf.h"
#include "base/err.h"
#include "cli/cmd.h"
#include "cli/completion.h"
#include "cli/context.h"
#include "cli/help.h"
#include "cli/notice.h"

static int run_help(struct cli *cli, struct err *err)
{
	BUF_AUTO text = BUF_INIT(1 << 20);
	const struct cli_cmd *cmd;

	if (cli->args.n == 0) {
		help_program(&text, cli->program);
	} else {
		cmd = cli_find_cmd(cli->program, cli->args.v[0]);
		if (!cmd)
			return cli_no_such_cmd(cli->program, cli->args.v[0], err);
		help_cmd(&text, cli->name, cmd);
	}
	cli_put(cli, &text);
	return 0;
}

static int run_completion(struct cli *cli, struct err *err)
{
	BUF_AUTO text = BUF_INIT(1 << 20);

	if (completion_write(&text, cli->program, cli->args.v[0], err) < 0)
		return -1;
	cli_put(cli, &text);
	return 0;
}

static const struct cli_cmd help_cmd_row = {
	.name = "help",
	.group = "Help",
	.args = "[COMMAND]",
	.about = "say how a command is used",
	.max_args = 1,
	.run = run_help,
};

static const struct cli_cmd completion_cmd_row = {
	.name = "completion",
	.args = "bash|zsh|fish",
	.about = "print a script that completes commands, options and names in your shell",
	.min_args = 1,
	.max_args = 1,
	.run = run_completion,
};

const struct cli_cmd *const cli_builtin_cmds[] = { &help_cmd_row, &completion_cmd_row, NULL };
