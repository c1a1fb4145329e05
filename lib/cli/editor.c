#include "cli/editor.h"

#include "base/buf.h"
#include "base/err.h"
#include "cli/context.h"
#include "cli/input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DRAFT "/tmp/pipewright-XXXXXX"

/* For the child alone: its rights are gone for good. */
static void become_caller(void)
{
	if (setresgid(getgid(), getgid(), getgid()) < 0 || setresuid(getuid(), getuid(), getuid()) < 0)
		_exit(127);
}

/* The draft is the caller's: made by a child that is nothing but the caller. */
static int make_draft(char *path, struct err *err)
{
	int ends[2], status;
	ssize_t n;
	pid_t child;

	if (pipe(ends) < 0 || (child = fork()) < 0)
		return err_errno(err, ERR_CREATE, "a draft");
	if (child == 0) {
		become_caller();
		if (mkstemp(path) < 0)
			_exit(1);
		_exit(write(ends[1], path, sizeof DRAFT) == (ssize_t)sizeof DRAFT ? 0 : 1);
	}
	close(ends[1]);
	n = read(ends[0], path, sizeof DRAFT);
	close(ends[0]);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return n == (ssize_t)sizeof DRAFT ? 0 : err_set(err, ERR_CREATE, "no draft can be made in /tmp");
}

static void run_editor(struct cli *cli, const char *path)
{
	become_caller();
	if (cli->env.term)
		setenv("TERM", cli->env.term, 1);
	/* As git does: the variable may have options, "code --wait". */
	execl("/bin/sh", "sh", "-c", arena_printf(&cli->arena, "%s \"$1\"", cli->env.editor), "sh", path,
	      (char *)NULL);
	_exit(127);
}

static int let_write(struct cli *cli, const char *path, struct err *err)
{
	int status;
	pid_t child;

	fflush(cli->out);
	child = fork();
	if (child < 0)
		return err_errno(err, ERR_IO, "the editor");
	if (child == 0)
		run_editor(cli, path);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, ERR_IO, "the editor");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return err_set(err, ERR_REFUSED, "the editor '%s' failed: nothing is sent", cli->env.editor);
}

static void remove_draft(const char *path)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		become_caller();
		_exit(unlink(path) < 0);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
}

int cli_edit(struct cli *cli, struct buf *b, struct err *err)
{
	char path[] = DRAFT;
	int got;

	if (make_draft(path, err) < 0)
		return -1;
	got = let_write(cli, path, err);
	if (got == 0)
		got = cli_read_input(path, b, err);
	remove_draft(path);
	return got;
}
