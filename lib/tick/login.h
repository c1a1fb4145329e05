#ifndef PW_TICK_LOGIN_H
#define PW_TICK_LOGIN_H

#include "engine/engine.h"

/*
 * `pipe-tick --login MAILBOX`: somebody mended something and does not want to wait for the hourly try. The mailbox
 * stays known as down until it works, so that a try in vain is no change of which the team is told again.
 */

enum login_outcome {
	LOGIN_OPEN,   /* it was not down */
	LOGIN_WORKS,  /* it was, and a mail went */
	LOGIN_WAITS,  /* it was, and nothing was due that could show whether it works */
	LOGIN_FAILED, /* it is still */
};

struct login_try {
	bool was_down;
	enum login_outcome outcome;
	char why[400]; /* of LOGIN_FAILED: "auth: 535 5.7.8 bad credentials" */
};

/* Before the deliveries: the mailbox of this name, of the team or of all (0), is tried. ERR_MISSING: it never had mails. */
int login_begin(struct engine *e, int64_t team, const char *mailbox, struct login_try *ret, struct err *err) PW_CHECK;

/* Behind them: what became of it; of several teams' mailboxes the worst. */
int login_end(struct engine *e, int64_t team, const char *mailbox, struct login_try *t, struct err *err) PW_CHECK;

#endif
