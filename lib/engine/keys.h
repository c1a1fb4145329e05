#ifndef PW_ENGINE_KEYS_H
#define PW_ENGINE_KEYS_H

#include "base/attr.h"
#include "base/err.h"
#include "base/token.h"

/*
 * The key with which addresses are signed, in the file "DB.key" beside the database: 64 hex digits in a line, readable by
 * its owner only. `pipectl init` makes it; of a database that has none it is made when it is first needed. Without it
 * nothing that was signed is believed any more, so it belongs to a backup.
 *
 * Returns 0, or -1 (ERR_CONFIG: it is no key, or others may read it; ERR_CREATE).
 */
int keys_load(const char *db_path, struct token_key *ret, struct err *err) PW_CHECK;

#endif
