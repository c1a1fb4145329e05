#include "cli/context.h"

#include "base/clock.h"
#include "base/err.h"
#include "cli/notice.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

const struct opt cli_global_opts[] = {
	OPT_STR(struct cli_globals, db, 0, "db", "FILE", "the database ($PIPEWRIGHT_DB)"),
	OPT_STR(struct cli_globals, team, 0, "team", "NAME", "the team ($PIPEWRIGHT_TEAM)"),
	OPT_STR(struct cli_globals, now, 0, "now", "TIME", "take this time for now: for rehearsals"),
	OPT_FLAG(struct cli_globals, json, 0, "json", "print one JSON object a line"),
	OPT_FLAG(struct cli_globals, quiet, 'q', "quiet", "print no notices and no results in words"),
	OPT_FLAG(struct cli_globals, verbose, 'v', "verbose", "say more about what is done"),
	OPT_FLAG(struct cli_globals, help, 'h', "help", "print this help"),
	OPT_FLAG(struct cli_globals, version, 0, "version", "print the version"),
	OPT_END
};

static int terminal_columns(int fd, const struct cli_env *env)
{
	struct winsize size;

	if (env->columns)
		return env->columns;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
		return size.ws_col;
	return 80;
}

void cli_begin(struct cli *cli, int argc, const char *name)
{
	*cli = (struct cli){ .name = name, .out = stdout };
	cli_startup(argc, &cli->arena, &cli->env);
	cli->now = clock_now();
	cli->out_terminal = isatty(STDOUT_FILENO);
	cli->columns = terminal_columns(STDOUT_FILENO, &cli->env);
	cli->color = cli->out_terminal && !cli->env.no_color;
}

/* A full disk shows at the last write, a quota of a network disk at closing. */
static int close_output(FILE *out, struct err *err)
{
	bool failed = ferror(out) != 0;

	errno = 0;
	if (fflush(out) == 0 && !failed && close(dup(fileno(out))) == 0)
		return 0;
	if (errno == 0)
		return err_set(err, ERR_IO, "cannot write the output");
	return err_errno(err, ERR_IO, "cannot write the output");
}

int cli_finish(struct cli *cli, int result, const struct err *err)
{
	struct err output = ERR_INIT;
	int status = result;

	if (result < 0) {
		cli_error(cli, err);
		status = err_status(err->kind);
	}
	if (close_output(cli->out, &output) < 0) {
		if (result >= 0)
			status = err_status(output.kind);
		cli_error(cli, &output);
	}
	arena_release(&cli->arena);
	return status;
}
