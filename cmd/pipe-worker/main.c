#include "base/clock.h"
#include "cli/cmd.h"
#include "cli/context.h"
#include "cli/notice.h"
#include "cli/open.h"
#include "cli/startup.h"
#include "cli/stop.h"
#include "cli/table.h"
#include "engine/engine.h"
#include "engine/guard.h"
#include "engine/world.h"
#include "tick/work.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* What pipe-tick becomes when there is work; it holds the lock. Called by hand it takes the lock itself. */

struct worker_opts {
	bool dry_run;
	int64_t limit, lock_fd;
	const char *login;
};

static const struct opt worker_opts[] = {
	OPT_FLAG(struct worker_opts, dry_run, 'n', "dry-run", "list what is due, send and change nothing"),
	OPT_INT(struct worker_opts, limit, 0, "limit", "N", 1, 1000000, "send at most N mails"),
	OPT_STR(struct worker_opts, login, 0, "login", "MAILBOX", "try a mailbox that is down at once"),
	OPT_INT(struct worker_opts, lock_fd, 0, "lock-fd", "FD", 3, 65535, "the lock is held on this descriptor"),
	OPT_END,
};

static const struct cli_column due_columns[] = {
	{ "team", CLI_TEXT }, { "lane", CLI_TEXT },     { "due", CLI_TIME },  { "contact", CLI_TEXT },
	{ "run", CLI_INT },   { "pipeline", CLI_TEXT }, { "step", CLI_TEXT }, { 0 },
};

static void show_due(const struct work_item *item, void *ctx)
{
	struct cli_table *t = ctx;

	cli_text(t, item->team);
	cli_text(t, item->lane);
	cli_time(t, item->due);
	cli_text(t, item->contact);
	if (item->run) {
		cli_int(t, item->run);
		cli_text(t, item->pipeline);
		cli_text(t, item->step);
	} else { /* a mail of no pipeline */
		cli_null(t);
		cli_null(t);
		cli_null(t);
	}
	cli_row_end(t);
}

static int list_due(struct cli *cli, struct engine *e, struct err *err)
{
	struct cli_table table;
	int got;

	cli_table_begin(&table, cli, due_columns);
	got = work_list_due(e, cli->team, show_due, &table, err);
	cli_table_end(&table);
	return got;
}

/* Whoever asks wants to know, unlike cron. */
static int tell_login(struct cli *cli, const char *mailbox, const struct login_try *t, struct err *err)
{
	switch (t->outcome) {
	case LOGIN_OPEN:
		cli_say(cli, "mailbox/%s unchanged (it was not down)", mailbox);
		return 0;
	case LOGIN_WORKS:
		cli_say(cli, "mailbox/%s works", mailbox);
		return 0;
	case LOGIN_WAITS:
		cli_say(cli, "mailbox/%s is tried with its next mail: nothing is due now", mailbox);
		return 0;
	case LOGIN_FAILED:
		break;
	}
	return err_set(err, ERR_UNREACH, "mailbox '%s' cannot send: %s", mailbox, t->why);
}

static int do_work(struct cli *cli, struct engine *e, const struct guard *g, struct err *err)
{
	const struct worker_opts *o = cli->opts;
	struct work_options how = {
		.team = cli->team,
		.max = o->limit ? o->limit : INT64_MAX,
		.login = o->login,
		.stop = cli_heed_stop(),
		.real_time = !cli->rehearsal,
		.guard = g,
	};
	struct work_count n;

	if (work(e, &how, &n, err) < 0) {
		if (!n.told)
			return -1;
		cli_detail(cli, "%s", err->text);
		return err_status(err->kind);
	}
	if (n.bad.n)
		cli_notice(cli, "moved %lld %s of the spool to %s.spool/bad: %s", (long long)n.bad.n,
		           n.bad.n == 1 ? "file" : "files", cli->db_path, n.bad.first);
	if (!cli->rehearsal) {
		struct guard ended = *g;

		ended.newest = n.newest;
		guard_touch(&ended, clock_now());
	}
	cli_detail(cli, "%lld runs moved, %lld mails sent, %lld to be tried again, %lld refused, %lld in doubt, %lld events",
	           (long long)n.steps, (long long)n.mail.sent, (long long)n.mail.retried, (long long)n.mail.refused,
	           (long long)n.mail.in_doubt, (long long)n.events);
	return o->login ? tell_login(cli, o->login, &n.login, err) : 0;
}

static int open_lock(struct cli *cli, struct guard *g, struct err *err)
{
	const struct worker_opts *o = cli->opts;

	return o->lock_fd ? guard_inherit((int)o->lock_fd, g, err) : guard_lock(cli->db_path, g, err);
}

/* In which zone --now is read and -n shows times. */
static int use_zone(struct cli *cli, struct err *err)
{
	const char *zone;

	return world_common_zone(cli->db, cli->team, &cli->arena, &zone, err) < 0 ? -1 : cli_use_zone(cli, zone, err);
}

static int run(struct cli *cli, struct err *err)
{
	const struct worker_opts *o = cli->opts;
	unsigned needs = CLI_NEEDS_DB_WRITE | (cli->globals.team ? CLI_NEEDS_TEAM : 0);
	ENGINE_AUTO e = { 0 };
	struct guard g;
	int got;

	if (cli_open(cli, needs, err) < 0)
		return -1;
	got = cli->rehearsal || o->dry_run ? use_zone(cli, err) : 0;
	if (got == 0)
		got = open_lock(cli, &g, err);
	if (got > 0) {
		engine_init(&e, cli->db, cli->now, "pipe-tick", "pipeline");
		e.shared = cli->db_shared;
		got = o->dry_run ? list_due(cli, &e, err) : do_work(cli, &e, &g, err);
		engine_release(&e);
	}
	cli_close(cli);
	return got;
}

static const struct cli_cmd worker = {
	.name = "pipe-tick",
	.about = "execute the steps that are due and schedule the next ones",
	.opts = worker_opts,
	.opts_size = sizeof(struct worker_opts),
	.needs = CLI_NEEDS_NOTHING,
	.run = run,
};

int main(int argc, char **argv)
{
	int status;

	cli_forbid_core(); /* the passwords of mailboxes */
	status = cli_main_single(argc, argv, &worker);
	cli_end_as_told();
	return status;
}
