#ifndef PW_ENGINE_INBOX_AGE_H
#define PW_ENGINE_INBOX_AGE_H

#include "engine/progress.h"
#include "store/inbox_store.h"

/* So long a mail waits until it is looked again whether the inbox was read meanwhile. */
#define INBOX_WAIT_S 60

/*
 * Who answered is not written to again: so a mail of a pipeline that stops on a reply waits while the inbox of its
 * mailbox was not read for `inbox_max_age`. Does it? 1 with *ret_text, in the arena; 0; -1.
 */
int inbox_holds(struct engine *e, const struct traveller *t, const struct mailbox *mb, const char **ret_text,
                struct err *err) PW_CHECK;

/*
 * The same of a mailbox as a whole: was its inbox not read for so long? 1, 0, -1; with how it is in *ret, texts in the
 * arena. And that in words, in the arena.
 */
int inbox_unread(struct engine *e, int64_t team, const struct mailbox *mb, struct arena *a, struct inbox_state *ret,
                 struct err *err) PW_CHECK;
const char *inbox_unread_text(const struct mailbox *mb, const struct inbox_state *state, struct arena *a);

#endif
