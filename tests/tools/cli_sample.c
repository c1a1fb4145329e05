/*
 * A program with verbs that do nothing but use lib/cli, so that tests/cli/usage.bats can try what every program
 * does: tables on a terminal, statuses, questions, progress.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/zone.h"
#include "cli/cmd.h"
#include "cli/confirm.h"
#include "cli/context.h"
#include "cli/input.h"
#include "cli/notice.h"
#include "cli/open.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "store/db.h"
#include "store/team_store.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct rows_opts {
	int64_t count;
	struct names tags;
};

static const struct opt rows_opts[] = {
	OPT_INT(struct rows_opts, count, 'c', "count", "N", 1, 1000000, "how many rows"),
	OPT_LIST(struct rows_opts, tags, 't', "tag", "TAG", "a tag of each row"),
	OPT_END
};

static int run_rows(struct cli *cli, struct err *err)
{
	static const struct cli_column columns[] = {
		{ "id", CLI_INT },     { "name", CLI_TEXT },  { "status", CLI_STATE }, { "tags", CLI_NAMES },
		{ "open", CLI_BOOL },  { "due_at", CLI_TIME }, { "data", CLI_JSON | CLI_ONLY_JSON },
		{ 0 },
	};
	const struct rows_opts *o = cli->opts;
	struct cli_table t;

	(void)err;
	cli_table_begin(&t, cli, columns);
	for (int64_t i = 1; i <= (o->count ? o->count : 2); i++) {
		cli_int(&t, i);
		cli_text(&t, cli->args.n ? cli->args.v[0] : NULL);
		cli_text(&t, i % 2 ? "blocked" : "running");
		cli_names(&t, &o->tags);
		cli_bool(&t, i % 2);
		if (i % 2)
			cli_time(&t, i * 86400);
		else
			cli_null(&t);
		cli_json(&t, "{\"a\":[1]}");
		cli_row_end(&t);
	}
	cli_table_end(&t);
	return 0;
}

static int run_fail(struct cli *cli, struct err *err)
{
	static const char *const kinds[] = {
#define X(kind, status) #kind,
		ERR_KINDS(X)
#undef X
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i], cli->args.v[0]) == 0)
			return err_set(err, (enum err_kind)i, "this is \033[1m%s", kinds[i]);
	return 3;
}

struct ask_opts {
	bool yes;
};

static const struct opt ask_opts[] = {
	OPT_YES(struct ask_opts, yes),
	OPT_END
};

static int run_ask(struct cli *cli, struct err *err)
{
	const struct ask_opts *o = cli->opts;
	int answer = cli_confirm(cli, o->yes, err, "Delete everything?");

	if (answer < 0)
		return -1;
	cli_say(cli, answer ? "deleted" : "kept");
	return answer ? 0 : 1;
}

/* Time passes only while the sample works. */
static int64_t passed_ms = 1;

int64_t __wrap_clock_monotonic_ms(void);

int64_t __wrap_clock_monotonic_ms(void)
{
	return passed_ms;
}

/* The operand: how many pieces of 100 ms. */
static int run_work(struct cli *cli, struct err *err)
{
	struct cli_progress p;
	int pieces = (int)strlen(cli->args.v[0]);

	(void)err;
	cli_progress_begin(&p, cli, "working", pieces);
	for (int i = 0; i < pieces; i++) {
		passed_ms += 100;
		cli_progress_at(&p, i + 1);
	}
	cli_progress_end(&p);
	cli_notice(cli, "all is done");
	return 0;
}

static int run_size(struct cli *cli, struct err *err)
{
	BUF_AUTO text = BUF_INIT(1000);
	struct names files;

	if (cli_list_inputs(&cli->arena, &cli->args, ".yaml|.yml", &files, err) < 0)
		return -1;
	for (size_t i = 0; i < files.n; i++) {
		buf_clear(&text);
		if (cli_read_input(files.v[i], &text, err) < 0)
			return -1;
		cli_say(cli, "%s %zu", files.v[i], text.len);
	}
	return 0;
}

static int run_bad(struct cli *cli, struct err *err)
{
	(void)err;
	cli_problem(cli, "%s:1:2: error: \x1b is no key", cli->args.v[0]);
	cli_problem(cli, "%s:2:1: warning: nothing here", cli->args.v[0]);
	return EX_DATAERR;
}

static int run_where(struct cli *cli, struct err *err)
{
	(void)err;
	cli_say(cli, "database %s%s", cli->db_path, cli->db_shared ? " shared" : "");
	cli_say(cli, "caller %s%s%s", cli->who.account, cli->who.is_owner ? " owner" : "",
	        cli->who.is_admin ? " admin" : "");
	if (cli->team)
		cli_say(cli, "team %s in %s", cli->team_name, zone_name(cli->zone));
	cli_say(cli, "now %lld", cli->rehearsal ? (long long)cli->now : 0);
	return 0;
}

/* A member as "anna:admin". */
static int add_member(struct db *db, const char *team, char *said, struct err *err)
{
	ARENA_AUTO arena = { 0 };
	char *role = strchr(said, ':');
	struct member member = { .account = said };
	struct team_row row;
	int64_t id;

	*role++ = '\0';
	if (team_find(db, team, &arena, &row, err) == 1)
		id = row.id;
	else if (team_insert(db, team, 0, &id, err) < 0)
		return -1;
	member.role = strcmp(role, "admin") == 0 ? ROLE_ADMIN : ROLE_MEMBER;
	return team_set_members(db, id, &member, 1, err);
}

static int fill(struct cli *cli, struct db *db, struct err *err)
{
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, db, err) < 0)
		return -1;
	for (size_t i = 0; i + 1 < cli->args.n; i += 2)
		if (add_member(db, cli->args.v[i], arena_strdup(&cli->arena, cli->args.v[i + 1]), err) < 0)
			return -1;
	return txn_commit(&txn, err);
}

static int run_make(struct cli *cli, struct err *err)
{
	struct db *db;
	int result;

	if (cli_find_database(cli, err) < 0 || db_open(cli->db_path, DB_CREATE, &db, err) < 0)
		return -1;
	result = fill(cli, db, err);
	db_close(db);
	return result;
}

static int run_process(struct cli *cli, struct err *err)
{
	struct rlimit core;
	mode_t mask = umask(0);

	(void)err;
	getrlimit(RLIMIT_CORE, &core);
	cli_say(cli, "%s", cli_privileged() ? "privileged" : "unprivileged");
	cli_say(cli, "umask %03o", (unsigned)mask);
	cli_say(cli, "core %s", core.rlim_cur == 0 && core.rlim_max == 0 ? "none" : "allowed");
	for (char **variable = environ; *variable; variable++)
		cli_say(cli, "%s", *variable);
	return 0;
}

/* Teams are in Berlin, the one called utc in none. */
static int team_zone(struct db *db, int64_t team, struct arena *arena, const char **ret, struct err *err)
{
	struct team_row row;
	int got = team_load(db, team, arena, &row, err); /* 0: all teams */

	*ret = NULL;
	if (got <= 0)
		return got;
	*ret = strcmp(row.name, "utc") == 0 ? NULL : "Europe/Berlin";
	return 0;
}

static const struct cli_cmd rows[] = {
	{ .name = "rows",
	  .group = "Output",
	  .args = "[NAME]",
	  .about = "print rows",
	  .max_args = 1,
	  .opts = rows_opts,
	  .opts_size = sizeof(struct rows_opts),
	  .examples = "cli_sample rows -c 3\n",
	  .run = run_rows },
	{ .name = "fail",
	  .args = "KIND",
	  .about = "fail in this way",
	  .min_args = 1,
	  .max_args = 1,
	  .run = run_fail },
	{ .name = "ask",
	  .about = "ask a question",
	  .opts = ask_opts,
	  .opts_size = sizeof(struct ask_opts),
	  .run = run_ask },
	{ .name = "work",
	  .args = "PIECES",
	  .about = "take a while",
	  .min_args = 1,
	  .max_args = 1,
	  .run = run_work },
	{ .name = "size",
	  .group = "Input",
	  .args = "FILE|DIR|-...",
	  .about = "print the size of files",
	  .min_args = 1,
	  .max_args = -1,
	  .run = run_size },
	{ .name = "bad", .args = "FILE", .about = "find problems", .min_args = 1, .max_args = 1, .run = run_bad },
	{ .name = "where",
	  .about = "print which database is used",
	  .needs = CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM,
	  .run = run_where },
	{ .name = "owner",
	  .about = "for the owner",
	  .needs = CLI_NEEDS_DB_READ | CLI_NEEDS_OWNER,
	  .run = run_where },
	{ .name = "admin",
	  .about = "for admins",
	  .needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM | CLI_NEEDS_ADMIN,
	  .run = run_where },
	{ .name = "make", .args = "[TEAM MEMBER:ROLE]...", .about = "make a database", .max_args = -1, .run = run_make },
	{ .name = "process", .about = "print what a process has", .needs = CLI_NEEDS_DB_READ, .run = run_process },
	{ .name = "free", .about = "the same without a database", .run = run_process },
	{ .name = "read",
	  .args = "FILE",
	  .about = "print the size of a file beside a database",
	  .min_args = 1,
	  .max_args = 1,
	  .needs = CLI_NEEDS_DB_READ,
	  .run = run_size },
	{ .name = "stop",
	  .args = "PIPELINE|--all ADDR...",
	  .about = "only completed",
	  .max_args = -1,
	  .run = run_where },
};

static const struct cli_cmd *const cmds[] = {
	&rows[0], &rows[1], &rows[2], &rows[3], &rows[4], &rows[5], &rows[6], &rows[7], &rows[8], &rows[9], &rows[10], &rows[11], &rows[12], &rows[13], NULL,
};

static const struct cli_program program = {
	.name = "cli_sample",
	.about = "what all programs do",
	.examples = "cli_sample rows\n",
	.cmds = cmds,
	.team_zone = team_zone,
};

int main(int argc, char **argv)
{
	return cli_main(argc, argv, &program);
}
