#include "pipectl.h"

#include "apply/install.h"
#include "base/zone.h"
#include "cli/context.h"
#include "cli/notice.h"
#include "cli/open.h"
#include "engine/guard.h"
#include "engine/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_TEAM "main"

struct init_opts {
	bool dry_run;
};

static const struct opt init_opts[] = {
	OPT_DRY_RUN(struct init_opts, dry_run),
	OPT_END,
};

/* The machine's time zone, when it is one that has a name; else NULL. */
static const char *system_zone(struct arena *a)
{
	static const char marker[] = "/zoneinfo/";
	char target[256];
	ssize_t n = readlink("/etc/localtime", target, sizeof target - 1);
	struct err ignored = ERR_INIT;
	struct zone *zone;
	const char *name;

	if (n <= 0)
		return NULL;
	target[n] = '\0';
	name = strstr(target, marker);
	if (!name || zone_open(name + sizeof marker - 1, &zone, &ignored) < 0)
		return NULL;
	zone_free(zone);
	return arena_strdup(a, name + sizeof marker - 1);
}

/* The folder of the caller's own database is made; that of a named one must be there. */
static int make_folder(struct cli *cli, struct err *err)
{
	char *path = arena_strdup(&cli->arena, cli->db_path);

	if (cli->globals.db)
		return 0;
	for (char *p = path + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return err_errno(err, ERR_CREATE, "%s", path);
		*p = '/';
	}
	return 0;
}

/* The caller's own database, made when it is missing. */
static int open_or_make(struct cli *cli, bool dry_run, bool *ret_made, struct err *err)
{
	if (cli_find_own_database(cli, err) < 0)
		return -1;
	*ret_made = access(cli->db_path, F_OK) < 0;
	if (*ret_made && dry_run)
		return 0;
	if (make_folder(cli, err) < 0)
		return -1;
	if (db_open(cli->db_path, DB_CREATE, &cli->db, err) == 0)
		return 0;
	if (err->kind == ERR_NOINPUT)
		err->kind = ERR_CREATE;
	return -1;
}

static const char *wanted_team(const struct cli *cli)
{
	if (cli->globals.team)
		return cli->globals.team;
	return cli->env.team && *cli->env.team ? cli->env.team : DEFAULT_TEAM;
}

static int init(struct cli *cli, struct err *err)
{
	const struct init_opts *o = cli->opts;
	const char *team = wanted_team(cli);
	ENGINE_AUTO e = { 0 };
	struct token_key key;
	bool made;
	int added;

	/* A wrong name is told before there is a database for it. */
	if (install_team(&e, team, cli->who.account, NULL, true, err) < 0 ||
	    open_or_make(cli, o->dry_run, &made, err) < 0)
		return -1;
	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	added = install_team(&e, team, cli->who.account, system_zone(&cli->arena), o->dry_run, err);
	if (added < 0)
		return -1;
	if (made && !o->dry_run) {
		guard_forget_newest(cli->db_path);
		if (keys_load(cli->db_path, &key, err) < 0)
			return -1;
		token_forget(&key);
	}
	if (made)
		cli_say(cli, "created database %s", cli->db_path);
	if (added)
		cli_say(cli, "created team %s with %s as its admin", team, cli->who.account);
	else
		cli_say(cli, "team/%s unchanged", team);
	return 0;
}

const struct cli_cmd init_cmd = {
	.name = "init",
	.group = "Setting up",
	.about = "create the database, or add a team; the caller becomes its admin",
	.examples = "pipectl init\n"
	            "pipectl init --team sales\n",
	.opts = init_opts,
	.opts_size = sizeof(struct init_opts),
	.needs = CLI_NEEDS_CALLER,
	.run = init,
};
