#include "engine/secret.h"

#include "base/buf.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGEST    4096
#define COMMAND_MS 30000

static int first_line(struct buf *out, const char *from, struct err *err)
{
	size_t n = strcspn(out->s, "\r\n");

	buf_truncate(out, n);
	if (n == 0)
		return err_set(err, ERR_CONFIG, "%s gives no secret: its first line is empty", from);
	return 1;
}

/* 1 it can be read, 0 not in time, -1. */
static int wait_for(int fd, int64_t deadline)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = deadline - clock_monotonic_ms();
		int ready = left > 0 ? poll(&p, 1, (int)left) : 0;

		if (ready >= 0 || errno != EINTR)
			return ready;
	}
}

static int read_fd(int fd, struct buf *out, int64_t deadline, const char *from, struct err *err)
{
	char piece[512];
	ssize_t n;

	for (;;) {
		if (wait_for(fd, deadline) == 0)
			return err_set(err, ERR_CONFIG, "%s gives no secret within 30 seconds", from);
		n = read(fd, piece, sizeof piece);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_CONFIG, "%s", from);
		if (n == 0)
			return out->over ? err_set(err, ERR_CONFIG, "%s is too long for a secret", from) : 0;
		buf_add(out, piece, (size_t)n);
		explicit_bzero(piece, sizeof piece);
	}
}

static int from_file(const char *path, struct buf *out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	int got = 0;

	if (fd < 0)
		return err_errno(err, ERR_CONFIG, "password_file %s", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		got = err_set(err, ERR_CONFIG, "password_file %s is no regular file", path);
	else if (st.st_mode & 077)
		got = err_set(err, ERR_CONFIG, "password_file %s can be read by others; run: chmod 600 %s", path, path);
	if (got == 0)
		got = read_fd(fd, out, clock_monotonic_ms() + COMMAND_MS, path, err);
	close(fd);
	return got < 0 ? -1 : first_line(out, path, err);
}

static int start_shell(const char *command, int write_end, pid_t *ret)
{
	char *const argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, (char *)(uintptr_t)command, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int rc;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, write_end, 1);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	rc = posix_spawn(ret, "/bin/sh", &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return rc;
}

/* It may have closed its output and go on. */
static int wait_for_end(pid_t pid, int64_t deadline, struct err *err)
{
	int fd = pidfd_open(pid, 0), got = fd < 0 ? -1 : wait_for(fd, deadline);

	if (got < 0)
		err_errno(err, ERR_CONFIG, "the command for the secret");
	else if (got == 0)
		err_set(err, ERR_CONFIG, "the command for the secret does not end within 30 seconds");
	if (fd >= 0)
		close(fd);
	return got > 0 ? 0 : -1;
}

static int from_command(const char *command, struct buf *out, struct err *err)
{
	int64_t deadline = clock_monotonic_ms() + COMMAND_MS;
	int ends[2], status, rc, got;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(err, ERR_CONFIG, "a pipe");
	rc = start_shell(command, ends[1], &pid);
	close(ends[1]);
	if (rc != 0) {
		close(ends[0]);
		return err_set(err, ERR_CONFIG, "the command for the secret cannot be started: %s", strerror(rc));
	}
	got = read_fd(ends[0], out, deadline, "the command for the secret", err);
	close(ends[0]);
	if (got == 0)
		got = wait_for_end(pid, deadline, err);
	if (got < 0)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (got < 0)
		return -1;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_set(err, ERR_CONFIG, "the command for the secret failed (%s %d)",
		               WIFEXITED(status) ? "status" : "signal",
		               WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	return first_line(out, "the command for the secret", err);
}

int secret_read(const struct mailbox_login *login, struct buf *out, struct err *err)
{
	buf_clear(out);
	if (login->password_file)
		return from_file(login->password_file, out, err);
	if (login->password_command)
		return from_command(login->password_command, out, err);
	if (login->token_command)
		return from_command(login->token_command, out, err);
	return 0;
}

void secret_wipe(struct buf *out)
{
	if (out->cap)
		explicit_bzero(out->s, out->cap);
	buf_release(out);
}
