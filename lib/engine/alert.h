#ifndef PW_ENGINE_ALERT_H
#define PW_ENGINE_ALERT_H

#include "engine/engine.h"

struct lane;

/*
 * Mails to the team about its own installation: one per change. Queued like any other mail, in the lane of the
 * team's mailbox; a team without `alerts` or `mailbox` gets none. In the caller's transaction.
 */
int alert_mailbox_down(struct engine *e, const struct lane *l, struct err *err) PW_CHECK;
/* It paused itself; text: why. */
int alert_mailbox_guarded(struct engine *e, const struct lane *l, const char *text, struct err *err) PW_CHECK;
int alert_mailbox_works(struct engine *e, const struct lane *l, struct err *err) PW_CHECK;

/* A mail without a run: a test, an alert. It is queued and goes with the next tick. */
struct loose_mail {
	const char *mailbox, *to;       /* to: an address, checked */
	const char *subject, *text, *html, *template;
	int64_t contact;                /* 0: none */
};
int queue_loose_mail(struct engine *e, const struct world *w, const struct loose_mail *mail, int64_t *ret_message,
                     struct err *err) PW_CHECK;

#endif
