#include "base/clock.h"
#include "cli/cmd.h"
#include "cli/context.h"
#include "cli/notice.h"
#include "cli/open.h"
#include "engine/guard.h"
#include "store/db.h"
#include "store/queue_store.h"
#include "tick/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * From cron, each minute. It only looks whether there is anything to do, and then becomes pipe-worker by exec, in the
 * same process and with the lock: loading what the worker needs costs several times a whole idle tick.
 */

#define WORKER "libexec/pipewright/pipe-worker"

struct tick_opts {
	bool dry_run;
	int64_t limit;
	const char *login;
};

static const struct opt tick_opts[] = {
	OPT_FLAG(struct tick_opts, dry_run, 'n', "dry-run", "list what is due, send and change nothing"),
	OPT_INT(struct tick_opts, limit, 0, "limit", "N", 1, 1000000, "send at most N mails"),
	OPT_STR(struct tick_opts, login, 0, "login", "MAILBOX", "try a mailbox that is down at once"),
	OPT_END,
};

/* 1: there is work, or somebody wants to see it; 0: nothing; -1. */
static int look(const struct cli *cli, const struct guard *g, struct err *err)
{
	const struct tick_opts *o = cli->opts;
	struct db *db;
	int got;

	if (o->dry_run || o->login)
		return 1;
	if (!cli->rehearsal && guard_jump(g, cli->now) != NULL)
		return 1;
	if (spool_has_any(cli->db_path))
		return 1;
	if (db_open_quick(cli->db_path, &db, err) < 0)
		return -1;
	got = queue_anything_due(db, cli->now, err);
	if (got == 0)
		got = watch_any_changed(db, err);
	db_close(db);
	return got;
}

/* Beside the folder that this program is in: /usr/bin -> /usr/libexec, build/bin -> build/libexec. */
static int worker_path(char *ret, size_t size, struct err *err)
{
	ssize_t n = readlink("/proc/self/exe", ret, size - sizeof WORKER - 1);
	char *slash;

	if (n < 0)
		return err_errno(err, ERR_CONFIG, "/proc/self/exe");
	ret[n] = '\0';
	for (int up = 0; up < 2; up++) {
		slash = strrchr(ret, '/');
		if (!slash)
			return err_set(err, ERR_CONFIG, "cannot tell where %s is", WORKER);
		*slash = '\0';
	}
	memcpy(slash, "/" WORKER, sizeof "/" WORKER);
	return 0;
}

/* What the worker is called with: all that was said to us. */
struct words {
	const char *v[20];
	size_t n;
};

static void add_flag(struct words *w, const char *name, bool given)
{
	BUG_ON(w->n + 2 > ARRAY_LEN(w->v));
	if (given)
		w->v[w->n++] = name;
}

static void add_value(struct words *w, const char *name, const char *value)
{
	add_flag(w, name, value != NULL);
	add_flag(w, value, value != NULL);
}

static int become_worker(const struct cli *cli, const struct guard *g, struct err *err)
{
	const struct tick_opts *o = cli->opts;
	struct words words = { .v = { "pipe-tick" }, .n = 1 };
	char path[4096], lock[16], limit[24];

	if (worker_path(path, sizeof path, err) < 0)
		return -1;
	if (fcntl(g->fd, F_SETFD, 0) < 0)
		return err_errno(err, ERR_IO, "the lock file");
	snprintf(lock, sizeof lock, "%d", g->fd);
	snprintf(limit, sizeof limit, "%lld", (long long)o->limit);
	add_value(&words, "--lock-fd", lock);
	add_value(&words, "--db", cli->db_path);
	add_value(&words, "--team", cli->globals.team);
	add_value(&words, "--now", cli->globals.now);
	add_flag(&words, "--json", cli->json);
	add_flag(&words, "--quiet", cli->quiet);
	add_flag(&words, "--verbose", cli->verbose);
	add_flag(&words, "--dry-run", o->dry_run);
	add_value(&words, "--limit", o->limit ? limit : NULL);
	add_value(&words, "--login", o->login);
	execv(path, (char *const *)(uintptr_t)words.v);
	return err_errno(err, ERR_CONFIG, "%s", path);
}

static int read_now(struct cli *cli)
{
	cli->rehearsal = cli->globals.now != NULL;
	cli->now = clock_now();
	return cli->rehearsal;
}

static int run(struct cli *cli, struct err *err)
{
	struct guard g;
	int got;

	/* With --now the worker reads the time: only it can know the zone. */
	bool rehearsal = read_now(cli);

	if (cli_find_own_database(cli, err) < 0)
		return -1;
	if (access(cli->db_path, F_OK) < 0 && errno == ENOENT)
		return err_set(err, ERR_NOINPUT, "no database '%s'; 'pipectl init' makes one", cli->db_path);
	got = guard_lock(cli->db_path, &g, err);
	if (got == 0) {
		const struct tick_opts *o = cli->opts;

		if (o->login)
			return err_set(err, ERR_BUSY, "another tick is at work; try again");
		cli_detail(cli, "another tick is at work");
		return 0;
	}
	if (got > 0)
		got = rehearsal ? 1 : look(cli, &g, err);
	if (got > 0)
		return become_worker(cli, &g, err);
	if (got == 0)
		guard_touch(&g, cli->now);
	return got;
}

static const struct cli_cmd tick = {
	.name = "pipe-tick",
	.about = "execute the steps that are due and schedule the next ones",
	.opts = tick_opts,
	.opts_size = sizeof(struct tick_opts),
	.examples = "pipe-tick\n"
	            "pipe-tick -n\n"
	            "pipe-tick -v --limit 100\n"
	            "pipe-tick --login anna\n",
	.needs = CLI_NEEDS_NOTHING,
	.run = run,
};

int main(int argc, char **argv)
{
	return cli_main_single(argc, argv, &tick);
}
