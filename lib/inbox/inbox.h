#ifndef PW_INBOX_INBOX_H
#define PW_INBOX_INBOX_H

#include "base/token.h"
#include "engine/engine.h"
#include "model/mailbox.h"

#include <stddef.h>
#include <stdint.h>

/*
 * What comes back: mail that a mailbox received is read (mail/classify.h), matched with what was sent, and recorded by
 * the one door. Everything here is linked with GMime: only for pipe-inbox.
 */

struct buf;

/*
 * Appends how a mail is read, as one line of JSON: file, kind, recipients with reason, hard, status and action, and of
 * replies reply_text and return_date (YYYY-MM-DD). Needs no database.
 */
void inbox_explain(const char *file, const struct buf *bytes, int64_t now, struct buf *out);

/* What became of a mail. */
enum inbox_result {
	INBOX_OTHER,        /* of no interest: our own mail, a newsletter, or one that was taken before */
	INBOX_UNMATCHED,    /* of nobody that we know, or about nothing that was sent: listed as email.unmatched */
	INBOX_REPLIED,
	INBOX_AUTO_REPLIED,
	INBOX_BOUNCED,
	INBOX_SOFT_BOUNCED,
	INBOX_COMPLAINED,
	INBOX_UNSUBSCRIBED,
	INBOX_DELIVERED,    /* a report that it arrived; of a message in doubt it settles that it was sent */
	INBOX_RESULTS
};

/* Whose mail is taken. */
struct inbox {
	int64_t team;
	const struct mailbox *mailbox;
	const struct token_key *key; /* of verp */
};

/*
 * Takes one mail. It is matched, in this order, by a Message-ID of ours that it answers or reports about, by a signed
 * return address, by the headers of the mail that came back, by sender and recipient. Where return addresses are signed
 * (verp) a bounce without Message-ID and token is not believed. A mail that was taken before (by its Message-ID) counts
 * once. In the caller's write transaction. Returns enum inbox_result, or -1.
 */
int inbox_take(struct engine *e, const struct inbox *in, const char *bytes, size_t len, struct err *err) PW_CHECK;

/*
 * An absence note of a contact: its open runs that send mail wait until an instant, unless they wait longer already.
 * In the caller's write transaction.
 */
int inbox_wait_until(struct engine *e, int64_t team, int64_t contact, int64_t until, const char *why, struct err *err)
	PW_CHECK;

#endif
