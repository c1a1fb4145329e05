#include "cli/choose.h"

#include "base/account.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/near.h"
#include "cli/startup.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool said(const char *text)
{
	return text && *text;
}

/* cron has no useful HOME, so the account's own is asked when there is none. */
static const char *home_of_caller(const struct cli_env *env)
{
	const struct passwd *account;

	if (said(env->home))
		return env->home;
	account = account_find(getuid());
	return account && said(account->pw_dir) ? account->pw_dir : NULL;
}

static int choose_private(struct arena *arena, const struct cli_env *env, const char **ret, struct err *err)
{
	const char *home;

	/* XDG Base Directory: a relative path is to be ignored. */
	if (said(env->data_home) && env->data_home[0] == '/') {
		*ret = arena_printf(arena, "%s/pipewright/pipewright.db", env->data_home);
		return 0;
	}
	home = home_of_caller(env);
	if (!home)
		return err_set(err, ERR_CONFIG, "no home directory to look for the database in: say --db FILE");
	*ret = arena_printf(arena, "%s/.local/share/pipewright/pipewright.db", home);
	return 0;
}

int choose_database(struct arena *arena, const char *option, const struct cli_env *env,
                    const char *system_path, const char **ret, struct err *err)
{
	struct stat st;

	if (said(option) || said(env->db)) {
		*ret = said(option) ? option : env->db;
		return 0;
	}
	if (stat(system_path, &st) == 0) {
		*ret = system_path;
		return 0;
	}
	if (errno != ENOENT && errno != ENOTDIR)
		return err_errno(err, ERR_DENIED, "'%s'", system_path);
	return choose_private(arena, env, ret, err);
}

static const char *near_team(const struct team_choice *teams, size_t n, const char *wanted)
{
	const char *names[64];

	if (n > ARRAY_LEN(names))
		n = ARRAY_LEN(names);
	for (size_t i = 0; i < n; i++)
		names[i] = teams[i].name;
	return near_match(wanted, names, n);
}

static int no_such_team(const struct team_choice *teams, size_t n, const char *wanted, const char *account,
                        struct err *err)
{
	const char *near = near_team(teams, n, wanted);

	if (account)
		err_set(err, ERR_DENIED, "'%s' is in no team '%s'", account, wanted);
	else
		err_set(err, ERR_MISSING, "no team '%s'", wanted);
	return near ? err_set(err, err->kind, "%s; did you mean '%s'?", err->text, near) : -1;
}

static int no_team(const char *account, struct err *err)
{
	if (account)
		return err_set(err, ERR_DENIED, "'%s' is in no team; an admin adds members to the Team document",
		               account);
	return err_set(err, ERR_CONFIG, "the database has no team; 'pipectl init --team NAME' adds one");
}

static int several_teams(const struct team_choice *teams, size_t n, struct err *err)
{
	BUF_AUTO names = BUF_INIT(600);

	for (size_t i = 0; i < n; i++)
		buf_addf(&names, "%s%s", i ? ", " : "", teams[i].name);
	return err_set(err, ERR_USAGE, "there are several teams (%s%s): say --team NAME or set PIPEWRIGHT_TEAM",
	               names.s, names.over ? ", ..." : "");
}

int choose_team(const struct team_choice *teams, size_t n, const char *wanted, const char *account,
                size_t *ret, struct err *err)
{
	if (n == 0 && (!said(wanted) || !account))
		return no_team(account, err);
	if (!said(wanted) && n > 1)
		return several_teams(teams, n, err);
	for (size_t i = 0; i < n; i++) {
		if (!said(wanted) || strcmp(teams[i].name, wanted) == 0) {
			*ret = i;
			return 0;
		}
	}
	return no_such_team(teams, n, wanted, account, err);
}
