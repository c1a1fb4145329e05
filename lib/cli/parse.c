#include "cli/parse_private.h"

#include "base/buf.h"
#include "base/err.h"
#include "cli/cmd.h"
#include "cli/context.h"
#include "cli/help.h"
#include "cli/notice.h"

#include <string.h>

bool cli_wants_dump(int argc, char *const *argv)
{
	return argc == 2 && strcmp(argv[1], "--dump-options") == 0;
}

static int check_operands(const struct cli *cli, const struct cli_cmd *cmd, struct err *err)
{
	const char *usage = cmd->args ? cmd->args : "";
	const char *verb = cli->program ? cmd->name : "", *blank = cli->program ? " " : "";

	if (cli->args.n < (size_t)cmd->min_args)
		return err_set(err, ERR_USAGE, "an operand is missing; usage: %s%s%s %s", cli->name, blank, verb,
		               usage);
	if (cmd->max_args >= 0 && cli->args.n > (size_t)cmd->max_args)
		return err_set(err, ERR_USAGE, "unexpected operand '%s'; usage: %s%s%s%s%s",
		               cli->args.v[cmd->max_args], cli->name, blank, verb, *usage ? " " : "", usage);
	return 0;
}

static void print_help(struct cli *cli, const struct cli_cmd *cmd)
{
	BUF_AUTO text = BUF_INIT(65536);

	help_cmd(&text, cli->name, cmd);
	cli_put(cli, &text);
}

int cli_parse(struct cli *cli, const struct cli_cmd *cmd, char *const *words, size_t n, struct err *err)
{
	void *values = cmd->opts_size ? arena_alloc(&cli->arena, cmd->opts_size) : NULL;
	const struct opt_set sets[] = { { cli_global_opts, &cli->globals }, { cmd->opts, values }, { 0 } };

	BUG_ON(cmd->opts && !values);
	if (opt_parse(sets, words, n, &cli->arena, &cli->args, err) < 0)
		return -1;
	cli->cmd = cmd;
	cli->opts = values;
	cli->json = cli->globals.json;
	cli->quiet = cli->globals.quiet;
	cli->verbose = cli->globals.verbose;
	if (cli->globals.help) {
		print_help(cli, cmd);
		return 1;
	}
	if (cli->globals.version) {
		fprintf(cli->out, "%s %s\n", cli->name, PW_VERSION);
		return 1;
	}
	return check_operands(cli, cmd, err);
}
