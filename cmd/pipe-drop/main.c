#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/folder.h"
#include "base/random.h"
#include "cli/cmd.h"
#include "cli/context.h"
#include "model/mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * From a mail server, for one mail: it only puts a file where pipe-inbox finds it. It opens no database and talks to no
 * network. What another time may work ends with 75, so that the mail server keeps the mail and tries again.
 */

#define SYSTEM_DB "/var/lib/pipewright/pipewright.db"
#define MAIL_MAX  ((size_t)64 << 20)

static bool is_name(const char *s, size_t len)
{
	return len > 0 && len < 200 && *s != '-' && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") >= len;
}

/* --db, $PIPEWRIGHT_DB, the machine's. */
static const char *database(const struct cli *cli)
{
	const char *env = getenv("PIPEWRIGHT_DB");

	if (cli->globals.db)
		return cli->globals.db;
	return env && *env ? env : SYSTEM_DB;
}

static int make_folder(const char *path, struct err *err)
{
	if (mkdir(path, 0770) < 0)
		return errno == EEXIST ? 0 : err_errno(err, ERR_BUSY, "%s", path);
	return folder_sync(path) < 0 && errno != EACCES ? err_errno(err, ERR_BUSY, "the folder of %s", path) : 0;
}

/* DB.drop/TEAM/MAILBOX, made where it is missing. */
static int open_folder(const struct cli *cli, const char *team_mailbox, struct buf *ret, struct err *err)
{
	const char *slash = strchr(team_mailbox, '/');

	buf_addf(ret, "%s" DROP_SUFFIX, database(cli));
	if (make_folder(ret->s, err) < 0)
		return -1;
	buf_addf(ret, "/%.*s", (int)(slash - team_mailbox), team_mailbox);
	if (make_folder(ret->s, err) < 0)
		return -1;
	buf_addf(ret, "/%s", slash + 1);
	return make_folder(ret->s, err);
}

static int copy_stdin(int fd, struct err *err)
{
	char piece[65536];
	size_t all = 0;
	ssize_t n;

	while ((n = read(STDIN_FILENO, piece, sizeof piece)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_BUSY, "standard input");
		all += (size_t)n;
		if (all > MAIL_MAX)
			return err_set(err, ERR_INVALID, "the mail has more than 64 MiB");
		for (ssize_t done = 0, some; done < n; done += some)
			if ((some = write(fd, piece + done, (size_t)(n - done))) < 0)
				return err_errno(err, ERR_BUSY, "the spool");
	}
	return fsync(fd) < 0 ? err_errno(err, ERR_BUSY, "the spool") : 0;
}

/*
 * An account that may write into the folder, but not list it, cannot sync it. Then the file is synced again, under its new
 * name: file systems with a journal write a rename together with the file, or before it.
 */
static int keep_name(const char *name, int fd, struct err *err)
{
	int got = folder_sync(name);

	if (got < 0 && errno == EACCES)
		got = fsync(fd);
	return got < 0 ? err_errno(err, ERR_BUSY, "%s", name) : 0;
}

/* Written under a hidden name and renamed, on the disk before it is acknowledged. */
static int put(const char *folder, struct err *err)
{
	BUF_AUTO hidden = BUF_INIT(8192);
	BUF_AUTO name = BUF_INIT(8192);
	int64_t unique = random_token();
	int fd, got;

	buf_addf(&name, "%s/%ld-%016" PRIx64, folder, (long)getpid(), (uint64_t)unique);
	buf_addf(&hidden, "%s/.%ld-%016" PRIx64, folder, (long)getpid(), (uint64_t)unique);
	fd = open(hidden.s, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0660);
	if (fd < 0)
		return err_errno(err, ERR_BUSY, "%s", hidden.s);
	got = copy_stdin(fd, err);
	if (got == 0 && rename(hidden.s, name.s) < 0)
		got = err_errno(err, ERR_BUSY, "%s", name.s);
	if (got < 0)
		unlink(hidden.s);
	else
		got = keep_name(name.s, fd, err);
	close(fd);
	return got;
}

static int run(struct cli *cli, struct err *err)
{
	const char *where = cli->args.v[0], *slash = strchr(where, '/');
	BUF_AUTO folder = BUF_INIT(4096);

	if (!slash || !is_name(where, (size_t)(slash - where)) || !is_name(slash + 1, strlen(slash + 1)))
		return err_set(err, ERR_USAGE, "'%s' is not TEAM/MAILBOX", where);
	if (open_folder(cli, where, &folder, err) < 0)
		return -1;
	return put(folder.s, err);
}

static const struct cli_cmd drop = {
	.name = "pipe-drop",
	.args = "TEAM/MAILBOX",
	.about = "take one mail from a mail server for pipe-inbox",
	.min_args = 1,
	.max_args = 1,
	.examples = "pipe-drop sales/anna <mail.eml\n",
	.needs = CLI_NEEDS_NOTHING,
	.run = run,
};

int main(int argc, char **argv)
{
	return cli_main_single(argc, argv, &drop);
}
