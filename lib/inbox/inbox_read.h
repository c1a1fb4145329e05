#ifndef PW_INBOX_INBOX_READ_H
#define PW_INBOX_INBOX_READ_H

#include "inbox/inbox.h"

#include <stdbool.h>

/* What was read of one mailbox, or of all. */
struct inbox_count {
	int64_t mails;                 /* that were new */
	int64_t results[INBOX_RESULTS];
	bool again;                    /* the last mailbox that failed had failed before: it was told then */
};

/*
 * Reads what is new in the inbox of one mailbox: IMAP, Maildir, mbox, or what pipe-drop left. Each mail is taken in a
 * transaction of its own together with how far was read, so that a crash repeats nothing. Adds to *count. What is
 * recorded may load the team's documents anew: mailbox and world may be gone afterwards.
 *
 * Returns 0, or -1 with what is wrong with this mailbox, which is kept for `pipectl` to show; others can go on, but for
 * ERR_BUSY and ERR_BUG.
 */
int inbox_read(struct engine *e, const struct world *w, const struct mailbox *mb, const struct token_key *key,
               struct inbox_count *count, struct err *err) PW_CHECK;

#endif
