#ifndef PW_CLI_CHOOSE_H
#define PW_CLI_CHOOSE_H

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct cli_env;
struct err;

/* Where the shared database of a machine is. */
#define CLI_SYSTEM_DB "/var/lib/pipewright/pipewright.db"

/*
 * Which file is the database: option (--db), else $PIPEWRIGHT_DB, else system_path if it exists, else
 * pipewright/pipewright.db under $XDG_DATA_HOME or ~/.local/share. Empty texts count as not said. Not being
 * allowed to look at system_path counts as existing: -1 with ERR_DENIED. ERR_CONFIG: the caller has no home.
 * The path is in the arena or one of the arguments.
 */
int choose_database(struct arena *arena, const char *option, const struct cli_env *env,
                    const char *system_path, const char **ret, struct err *err) PW_CHECK;

/* A team that the caller may use. */
struct team_choice {
	int64_t id;
	const char *name;
	bool is_admin;
};

/*
 * Which of n teams is meant: the one named `wanted` (--team, else $PIPEWRIGHT_TEAM; NULL or empty: not said),
 * else the only one. Sets *ret to its index.
 *
 * account   whose teams they are; NULL: they are all teams, and the caller may use each
 *
 * Returns 0 or -1: ERR_USAGE (several; the text names them), ERR_DENIED (the account is in none, or not in
 * this one; whether others have such a team is not told), ERR_MISSING (there is none of this name),
 * ERR_CONFIG (there is none at all).
 */
int choose_team(const struct team_choice *teams, size_t n, const char *wanted, const char *account,
                size_t *ret, struct err *err) PW_CHECK;

#endif
