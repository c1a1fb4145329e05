#ifndef PW_ENGINE_MESSAGE_H
#define PW_ENGINE_MESSAGE_H

#include "base/buf.h"
#include "engine/progress.h"
#include "store/message_store.h"

/* What the templates see, and the mail that comes out. */

/* One e-mail, rendered: subject, text, HTML as values; texts in the arena. */
struct rendered {
	const char *subject, *text, *html; /* text, html: "" when there is none */
	const char *template;              /* its name, or "" */
	struct template_text source;       /* what was rendered */
	const char *missing;               /* holes: names divided by ", "; "" none */
};

/* What the mails of a template from a mailbox have in common, for m->shared; borrowed but for the list. */
void message_share(const struct mailbox *mb, const struct template_text *source, struct arena *a, struct message *m);

/* The template of an email step: its Template, or the inline one. NULL: the Template is gone. */
const struct template *message_template(const struct world *w, const struct step *st);

/*
 * What a mail without a run calls its template (message.template): a Template, or "PIPELINE/STEP" for the inline one of
 * that step. NULL: it is gone.
 */
const struct template *template_of_name(const struct world *w, const char *name);
const char *template_of_step_name(struct arena *a, const struct pipeline *p, const struct step *st);

/*
 * Renders the mail of an email step for this run. 1; 0 with *ret_problem when the template cannot be rendered
 * (text, in the arena); -1. Holes are told in ret, and such a mail must not go out.
 */
int message_render(struct engine *e, struct traveller *t, int step, struct rendered *ret, const char **ret_problem,
                   struct err *err) PW_CHECK;

/* Renders a template for somebody without a run (send-test, one-to-one); mailbox: the sender. */
int message_render_template(struct engine *e, struct world *w, const struct template *tpl, const struct contact *c,
                            const char *mailbox, struct arena *a, struct rendered *ret, const char **ret_problem,
                            struct err *err) PW_CHECK;

/* Renders a short text (note, value of `set`) for this run: 1, 0 with *ret_problem, -1. */
int message_render_text(struct engine *e, struct traveller *t, const char *text, const char **ret,
                        const char **ret_problem, struct err *err) PW_CHECK;

/*
 * The names that are missing in the mails which every run must pass, divided by ", "; "" when none is. What an
 * earlier step sets counts as present, also one that only some pass: without it, the run blocks at the mail.
 */
int message_missing_at_entry(struct engine *e, struct traveller *t, const char **ret, struct err *err) PW_CHECK;

/*
 * What the mail of a step (index) may lack although that is no reason to block the run at its entry: the mail is in a
 * branch, or a step in a branch before it may set it. Divided by ", "; "" when it will be whole, or surely will not.
 */
int message_may_miss(struct engine *e, struct traveller *t, int step, const char **ret, struct err *err) PW_CHECK;

/* Gives a new message its number and its unguessable Message-ID (model/message_id.h). In a transaction. */
int message_new_id(struct engine *e, const char *from_address, struct arena *a, struct message *m, struct err *err)
	PW_CHECK;

/* What a mail is put together from, besides the message row. */
struct composing {
	const struct mailbox *mailbox;
	const struct contact *contact;   /* NULL: to no contact (an alert) */
	const struct template *template; /* for its attachments; NULL: none */
	const struct pipeline *pipeline; /* with step, for threads; NULL: no run */
	const struct step *step;
	bool marketing;                  /* with List-Unsubscribe */
	struct arena *arena;             /* for all that is made */
};

/*
 * Puts the whole mail together: bytes for the wire, and in m the header block for people, mail_from, and for a
 * follow-up in a thread the subject. m has team, run, message_id, rcpt_to, subject, text, html. 1; 0 with
 * *ret_problem when it cannot be sent like this; -1.
 */
int message_compose(struct engine *e, struct world *w, const struct composing *how, struct message *m,
                    struct buf *out, const char **ret_problem, struct err *err) PW_CHECK;

/*
 * The bytes of a mail need not be kept where what is kept for people gives the same ones again: without attachments,
 * whose files may be others by then.
 */
bool message_can_again(const struct composing *how);
int message_compose_again(const struct message *m, struct buf *out, struct err *err) PW_CHECK;

#endif
