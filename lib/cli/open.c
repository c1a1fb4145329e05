#include "cli/open.h"

#include "base/account.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/zone.h"
#include "cli/choose.h"
#include "cli/cmd.h"
#include "cli/context.h"
#include "store/db.h"
#include "store/team_store.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEEDS_DB (CLI_NEEDS_DB_READ | CLI_NEEDS_DB_WRITE)

static bool is_system(const char *path)
{
	return strcmp(path, CLI_SYSTEM_DB) == 0;
}

int cli_find_database(struct cli *cli, struct err *err)
{
	struct stat st;

	if (choose_database(&cli->arena, cli->globals.db, &cli->env, CLI_SYSTEM_DB, &cli->db_path, err) < 0)
		return -1;
	/* The rights of a set-group-id program are for the system's database alone. */
	if (!is_system(cli->db_path))
		cli_drop_privilege();
	if (stat(cli->db_path, &st) == 0)
		cli->db_shared = st.st_mode & S_IWGRP;
	else
		cli->db_shared = is_system(cli->db_path);
	if (cli->db_shared)
		umask(007);
	return 0;
}

static int not_the_owner(const struct cli *cli, struct err *err)
{
	return err_set(err, ERR_DENIED, "only the owner of '%s' or root may do this", cli->db_path);
}

/* For who may not even look whose it is. */
static int out_of_reach(struct err *err)
{
	return err_set(err, ERR_DENIED, "%s; only the owner of the database or root may do this", err->text);
}

int cli_find_own_database(struct cli *cli, struct err *err)
{
	struct stat st;

	if (cli_find_database(cli, err) < 0)
		return err->kind == ERR_DENIED ? out_of_reach(err) : -1;
	if (stat(cli->db_path, &st) < 0) {
		if (errno != EACCES)
			return 0;
		err_errno(err, ERR_DENIED, "'%s'", cli->db_path);
		return out_of_reach(err);
	}
	return st.st_uid != getuid() && getuid() != 0 ? not_the_owner(cli, err) : 0;
}

static int identify(struct cli *cli, struct err *err)
{
	const struct passwd *account = account_find(getuid());

	if (!account)
		return err_set(err, ERR_DENIED, "the user id %lld has no account", (long long)getuid());
	cli->who = (struct cli_identity){
		.uid = getuid(),
		.account = arena_strdup(&cli->arena, account->pw_name),
		.is_owner = getuid() == 0,
	};
	return 0;
}

static int no_database(const struct cli *cli, struct err *err)
{
	if (errno != ENOENT && errno != ENOTDIR)
		return err_errno(err, ERR_DENIED, "'%s'", cli->db_path);
	return err_set(err, ERR_NOINPUT, "no database '%s'; 'pipectl init' makes one", cli->db_path);
}

static int open_database(struct cli *cli, enum db_mode mode, struct err *err)
{
	struct stat st;

	if (cli_find_database(cli, err) < 0)
		return -1;
	if (cli->rehearsal && cli_privileged())
		return err_set(err, ERR_DENIED, "'--now' is not for a shared database");
	if (stat(cli->db_path, &st) < 0)
		return no_database(cli, err);
	if (st.st_uid == getuid())
		cli->who.is_owner = true;
	return db_open(cli->db_path, mode, &cli->db, err);
}

/* The owner of the database and root may use every team; their own come first when none is named. */
static int load_choices(struct cli *cli, const char *wanted, struct team_choice **ret, bool *ret_all,
                        struct err *err)
{
	struct team_row *rows;
	enum role *roles = NULL;
	int n = team_of_account(cli->db, cli->who.account, &cli->arena, &rows, &roles, err);

	*ret_all = cli->who.is_owner && (n == 0 || (wanted && *wanted));
	if (n >= 0 && *ret_all)
		n = team_list(cli->db, &cli->arena, &rows, err);
	if (n < 0)
		return -1;
	*ret = arena_array(&cli->arena, (size_t)n, sizeof **ret);
	for (int i = 0; i < n; i++)
		(*ret)[i] = (struct team_choice){
			.id = rows[i].id,
			.name = rows[i].name,
			.is_admin = cli->who.is_owner || roles[i] == ROLE_ADMIN,
		};
	return n;
}

static int open_zone(struct cli *cli, struct err *err)
{
	const char *name = NULL;

	if (!cli->program || !cli->program->team_zone)
		return 0;
	if (cli->program->team_zone(cli->db, cli->team, &cli->arena, &name, err) < 0)
		return -1;
	return name ? zone_open(name, &cli->opened_zone, err) : 0;
}

static int open_team(struct cli *cli, struct err *err)
{
	const char *wanted = cli->globals.team ? cli->globals.team : cli->env.team;
	struct team_choice *teams;
	size_t chosen;
	bool all;
	int n = load_choices(cli, wanted, &teams, &all, err);

	if (n < 0 || choose_team(teams, (size_t)n, wanted, all ? NULL : cli->who.account, &chosen, err) < 0)
		return -1;
	cli->team = teams[chosen].id;
	cli->team_name = teams[chosen].name;
	cli->who.is_admin = teams[chosen].is_admin;
	return open_zone(cli, err);
}

int cli_team_to_say(struct cli *cli, const char **ret, struct err *err)
{
	struct team_choice *teams;
	bool all;
	int n;

	*ret = NULL;
	if (cli->env.team && strcmp(cli->env.team, cli->team_name) == 0)
		return 0;
	n = load_choices(cli, NULL, &teams, &all, err);
	if (n > 1 || (n == 1 && teams[0].id != cli->team))
		*ret = cli->team_name;
	return n < 0 ? -1 : 0;
}

int cli_require_admin(const struct cli *cli, struct err *err)
{
	if (cli->who.is_admin || cli->who.is_owner)
		return 0;
	return err_set(err, ERR_DENIED, "only an admin of team '%s' may do this", cli->team_name);
}

static int cli_require_owner(const struct cli *cli, struct err *err)
{
	if (cli->who.is_owner)
		return 0;
	return not_the_owner(cli, err);
}

static int open_needed(struct cli *cli, unsigned needs, struct err *err)
{
	if (needs & CLI_OPENS_ITSELF)
		return 0;
	if (needs != CLI_NEEDS_NOTHING && identify(cli, err) < 0)
		return -1;
	if (!(needs & NEEDS_DB)) {
		cli_drop_privilege();
		return 0;
	}
	if (open_database(cli, needs & CLI_NEEDS_DB_WRITE ? DB_WRITE : DB_READ, err) < 0)
		return -1;
	if (needs & CLI_NEEDS_OWNER && cli_require_owner(cli, err) < 0)
		return -1;
	if (needs & CLI_NEEDS_TEAM && open_team(cli, err) < 0)
		return -1;
	if (needs & CLI_NEEDS_ADMIN && cli_require_admin(cli, err) < 0)
		return -1;
	return 0;
}

int cli_open(struct cli *cli, unsigned needs, struct err *err)
{
	cli->rehearsal = cli->globals.now != NULL;
	cli->zone = zone_utc();
	if (open_needed(cli, needs, err) < 0)
		return -1;
	if (cli->rehearsal && cli->db && !(needs & CLI_NEEDS_TEAM) && open_zone(cli, err) < 0)
		return -1;
	if (cli->opened_zone)
		cli->zone = cli->opened_zone;
	return cli->rehearsal ? cli_read_time(cli, "--now", cli->globals.now, &cli->now, err) : 0;
}

int cli_use_zone(struct cli *cli, const char *zone, struct err *err)
{
	if (zone && zone_open(zone, &cli->opened_zone, err) < 0)
		return -1;
	if (cli->opened_zone)
		cli->zone = cli->opened_zone;
	if (!cli->rehearsal)
		return 0;
	cli->now = clock_now(); /* cli_open has read it in UTC already: "+2d" must not count twice */
	return cli_read_time(cli, "--now", cli->globals.now, &cli->now, err);
}

void cli_close(struct cli *cli)
{
	db_close(cli->db);
	cli->db = NULL;
	zone_free(cli->opened_zone);
	cli->opened_zone = NULL;
	cli->zone = zone_utc();
}
