#ifndef PW_ENGINE_PREMISES_H
#define PW_ENGINE_PREMISES_H

#include "engine/engine.h"
#include "model/mailbox.h"

/*
 * Where the files are that a Mailbox names. In a database that only its owner uses they are the owner's
 * own: a path, below the folder of the database when it does not begin with a slash, and any command. In a shared one
 * (e->shared) whoever may write documents must not make its account read or execute what they like: everything is the
 * bare name of a file in e->etc/{secrets,actions}/TEAM, where only root and the owner write, and a maildir the name of
 * a folder in outbox/TEAM beside the database.
 *
 * Returns a copy in the arena, independent of the documents, with whole paths; and commands that a shell runs. NULL
 * with *ret_problem (in the arena): what it names may not be used. apply has refused that already; this is for what
 * was applied before the database was shared, and for files that others could have changed.
 */
const struct mailbox *premises_of_mailbox(const struct engine *e, const struct team *team, const struct mailbox *mb,
                                          struct arena *a, const char **ret_problem);

#endif
