#ifndef PW_CLI_OPEN_H
#define PW_CLI_OPEN_H

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cli;
struct err;

/*
 * Opens what a command needs (bits of enum cli_needs) into cli: the caller's identity, the database, the team
 * and its zone, `now`. Rights of the set-group-id are kept only for the shared database of the system and
 * given up before anything else is opened. cli_main() calls it before run; programs without verbs call it
 * themselves.
 *
 * Returns 0 or -1: ERR_NOINPUT (no database), ERR_DENIED, ERR_USAGE (several teams), ERR_MISSING (no such
 * team), ERR_CONFIG, ERR_BUSY.
 */
int cli_open(struct cli *cli, unsigned needs, struct err *err) PW_CHECK;

/*
 * Shows times in this zone (NULL: UTC) and reads --now in it: for a program that serves several teams, after cli_open().
 * Once only. 0 or -1: ERR_INVALID (no such zone), ERR_USAGE (--now).
 */
int cli_use_zone(struct cli *cli, const char *zone, struct err *err) PW_CHECK;

/* Closes the database; nothing is done when it is not open. */
void cli_close(struct cli *cli);

/*
 * Finds the database that the caller means: --db, $PIPEWRIGHT_DB, the system's, the caller's own. Sets
 * cli->db_path and cli->db_shared; whether the file exists is not looked at, except for the system's. For
 * programs that open nothing themselves; cli_open() does it itself.
 *
 * Returns 0 or -1 (ERR_DENIED: there may be one, but the caller may not look; ERR_CONFIG: no home).
 */
int cli_find_database(struct cli *cli, struct err *err) PW_CHECK;

/*
 * The same for what only the owner of the database and root may do: ERR_DENIED when it belongs to somebody else, or
 * stands where the caller may not look. One that is not there yet belongs to nobody.
 */
int cli_find_own_database(struct cli *cli, struct err *err) PW_CHECK;

/*
 * The team that a command line has to name with --team when the caller copies it from our output; *ret NULL: it is
 * taken without (the caller's only one, or $PIPEWRIGHT_TEAM). After the team was opened. 0 or -1.
 */
int cli_team_to_say(struct cli *cli, const char **ret, struct err *err) PW_CHECK;

/* Fails with ERR_DENIED unless the caller is an admin of the team, or the owner of the database or root. */
int cli_require_admin(const struct cli *cli, struct err *err) PW_CHECK;

#endif
