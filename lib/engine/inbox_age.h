#ifndef PW_ENGINE_INBOX_AGE_H
#define PW_ENGINE_INBOX_AGE_H

#include "engine/progress.h"

/*
 * Who answered is not written to again: so a mail of a pipeline that stops on a reply waits while the inbox of its
 * mailbox was not read for `inbox_max_age`. Does it? 1 with *ret_text, in the arena; 0; -1.
 */
int inbox_holds(struct engine *e, const struct traveller *t, const struct mailbox *mb, const char **ret_text,
                struct err *err) PW_CHECK;

#endif
