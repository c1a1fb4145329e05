#include "base/buf.h"
#include "base/err.h"
#include "base/near.h"
#include "cli/cmd.h"
#include "cli/context.h"
#include "cli/help.h"
#include "cli/notice.h"
#include "cli/open.h"
#include "cli/parse_private.h"

#include <string.h>

static const struct cli_cmd *find_in(const struct cli_cmd *const *cmds, const char *name)
{
	for (; *cmds; cmds++)
		if (strcmp((*cmds)->name, name) == 0)
			return *cmds;
	return NULL;
}

const struct cli_cmd *cli_find_cmd(const struct cli_program *program, const char *name)
{
	const struct cli_cmd *cmd = find_in(program->cmds, name);

	return cmd ? cmd : find_in(cli_builtin_cmds, name);
}

int cli_no_such_cmd(const struct cli_program *program, const char *name, struct err *err)
{
	const char *names[128], *near;
	size_t n = 0;

	for (const struct cli_cmd *const *c = program->cmds; *c && n < ARRAY_LEN(names); c++)
		names[n++] = (*c)->name;
	for (const struct cli_cmd *const *c = cli_builtin_cmds; *c && n < ARRAY_LEN(names); c++)
		names[n++] = (*c)->name;
	near = near_match(name, names, n);
	if (near)
		return err_set(err, ERR_USAGE, "no command '%s'; did you mean '%s'?", name, near);
	return err_set(err, ERR_USAGE, "no command '%s'; '%s help' lists them", name, program->name);
}

static bool takes_value(const struct opt *opt)
{
	return opt && opt->kind != OPT_KIND_FLAG;
}

/* Whether an option that stands before the verb takes the next word: the tables of all verbs are asked. */
static bool takes_next(const struct opt *opts, const char *word)
{
	if (word[1] == '-')
		return takes_value(opt_by_name(opts, word + 2, strlen(word + 2)));
	for (const char *at = word + 1; *at; at++)
		if (takes_value(opt_by_letter(opts, *at)))
			return !at[1];
	return false;
}

static bool takes_next_word(const struct cli_program *program, const char *word)
{
	if (takes_next(cli_global_opts, word))
		return true;
	for (const struct cli_cmd *const *c = program->cmds; *c; c++)
		if (takes_next((*c)->opts, word))
			return true;
	return false;
}

/* Where the verb stands in argv; 0: there is none. */
static int verb_index(const struct cli_program *program, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-' || !argv[i][1])
			return i;
		if (strcmp(argv[i], "--") == 0)
			return 0;
		if (takes_next_word(program, argv[i]))
			i++;
	}
	return 0;
}

/* Called without a verb: --help and --version are fine, everything else is shown how to do better. */
static int run_without_verb(struct cli *cli, int argc, char **argv, struct err *err)
{
	const struct opt_set sets[] = { { cli_global_opts, &cli->globals }, { 0 } };
	BUF_AUTO text = BUF_INIT(1 << 20);

	if (cli_wants_dump(argc, argv)) {
		help_dump(&text, cli->program);
	} else if (opt_parse(sets, argv + 1, (size_t)argc - 1, &cli->arena, &cli->args, err) < 0) {
		return -1;
	} else if (cli->globals.help) {
		help_program(&text, cli->program);
	} else if (cli->globals.version) {
		buf_addf(&text, "%s %s\n", cli->name, PW_VERSION);
	} else {
		help_short(&text, cli->program);
		fputs(text.s, stderr);
		return EX_USAGE;
	}
	cli_put(cli, &text);
	return 0;
}

static int run_cmd(struct cli *cli, const struct cli_cmd *cmd, struct err *err)
{
	int result = cli_open(cli, cmd->needs, err);

	if (result == 0)
		result = cmd->run(cli, err);
	cli_close(cli);
	return result;
}

static int run(struct cli *cli, int argc, char **argv, struct err *err)
{
	int verb = verb_index(cli->program, argc, argv), got;
	const struct cli_cmd *cmd;
	char **words;
	size_t n = 0;

	if (verb == 0)
		return run_without_verb(cli, argc, argv, err);
	cmd = cli_find_cmd(cli->program, argv[verb]);
	if (!cmd)
		return cli_no_such_cmd(cli->program, argv[verb], err);
	words = arena_array(&cli->arena, (size_t)argc, sizeof *words);
	for (int i = 1; i < argc; i++)
		if (i != verb)
			words[n++] = argv[i];
	got = cli_parse(cli, cmd, words, n, err);
	if (got != 0)
		return got < 0 ? -1 : 0;
	return run_cmd(cli, cmd, err);
}

int cli_main(int argc, char **argv, const struct cli_program *program)
{
	struct err err = ERR_INIT;
	struct cli cli;

	cli_begin(&cli, argc, program->name);
	cli.program = program;
	return cli_finish(&cli, run(&cli, argc, argv, &err), &err);
}
