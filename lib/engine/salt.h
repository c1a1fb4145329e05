#ifndef PW_ENGINE_SALT_H
#define PW_ENGINE_SALT_H

#include "engine/engine.h"
#include "store/suppression_store.h"

/*
 * The salt of this database's veils (store/suppression_store.h), made with the database; one that has none yet gets it
 * here when `keep` says so, in the caller's transaction. It is no secret: it makes that nobody has a table of hashes.
 */
int salt_load(struct engine *e, bool keep, char ret[VEIL_SALT + 1], struct err *err) PW_CHECK;

#endif
