#ifndef PW_APPLY_INSTALL_H
#define PW_APPLY_INSTALL_H

#include "engine/engine.h"

/*
 * Adds a team whose only member, and admin, is `account`, with the Team document that says so: 1, 0 there is a team of
 * this name already, -1 (ERR_INVALID: the name is none). In a transaction of its own.
 *
 * timezone  IANA name; NULL: none is written, so UTC
 * dry_run   only check; there need not be a database yet
 */
int install_team(struct engine *e, const char *name, const char *account, const char *timezone, bool dry_run,
                 struct err *err) PW_CHECK;

#endif
