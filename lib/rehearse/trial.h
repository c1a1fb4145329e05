#ifndef PW_REHEARSE_TRIAL_H
#define PW_REHEARSE_TRIAL_H

#include "engine/engine.h"

/*
 * Test mails (`pipectl send-test`): rendered like the real ones, sent to an address of the caller's choice, marked
 * [test] in the subject. They belong to no contact and no run: nothing is counted, nothing follows from them.
 */
struct trial {
	const char *to;             /* where they go */
	const struct contact *as;   /* whose values are put in; NULL: "[first_name]" and so on */
	const char *mailbox;        /* to send from; NULL: the one that the pipeline or team would take */
	const char *account;        /* of the caller, for `mailbox: enroller` */
};

/* One test mail that was queued. Texts are in the arena. */
struct trial_mail {
	const char *step;           /* of a pipeline; "" */
	const char *subject, *mailbox;
	int64_t message;
};

/*
 * Queue the mail of a template, or every mail of a pipeline (those in branches too), with the next tick. Returns how
 * many, -1: ERR_REFUSED when a value is missing for a placeholder, or no mailbox can be told; nothing should be
 * committed then. In the caller's write transaction.
 */
int trial_template(struct engine *e, struct world *w, const struct template *tpl, const struct trial *how, struct arena *a,
                   struct trial_mail **ret, struct err *err) PW_CHECK;
int trial_pipeline(struct engine *e, struct world *w, const struct pipeline *p, const struct trial *how, struct arena *a,
                   struct trial_mail **ret, struct err *err) PW_CHECK;

#endif
