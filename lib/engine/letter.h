#ifndef PW_ENGINE_LETTER_H
#define PW_ENGINE_LETTER_H

#include "engine/engine.h"
#include "model/contact.h"
#include "store/event_store.h"
#include "store/message_store.h"

/*
 * A letter: a mail that a member writes to one contact by hand (S1.14-S1.18). It is queued like any other, and is
 * mail.sent in the feed when it went.
 */
struct letter {
	const char *mailbox;              /* NULL: the writer's, else the team's */
	const struct template *template;  /* rendered for the contact; NULL: subject and text as they are */
	const char *subject, *text;
	const struct pipeline *on_sent, *on_reply; /* that the contact enters then; NULL: none */
};

/*
 * May it be written? ERR_REFUSED: the address must not be written to, no mailbox is known, or (on_reply) nobody reads the
 * mailbox's answers. Subject and text are not looked at.
 */
int letter_check(struct engine *e, const struct world *w, const struct contact *c, const struct letter *letter,
                 struct arena *a, struct err *err) PW_CHECK;

/*
 * Queues it, in the caller's write transaction. *ret_mailbox: where it goes from. ERR_REFUSED: as letter_check(), or the
 * template lacks a value.
 */
int letter_queue(struct engine *e, struct world *w, const struct contact *c, const struct letter *letter,
                 struct arena *a, int64_t *ret_message, const char **ret_mailbox, struct err *err) PW_CHECK;

/* Is it a mail that goes to a contact without a run? */
bool message_is_letter(const struct message *m);

/* What became of one, in the feed of its contact; reply: the server's words. */
int letter_sent(struct engine *e, const struct message *m, const char *reply, struct arena *a, struct err *err) PW_CHECK;
int letter_failed(struct engine *e, const struct message *m, const char *reply, struct arena *a, struct err *err)
	PW_CHECK;

/* What a letter is to start now that it was sent or answered (ev): its contact enters. c is brought up to date. */
enum letter_when { LETTER_SENT, LETTER_REPLIED };
int letter_start(struct engine *e, const struct message *m, enum letter_when when, struct contact *c,
                 const struct event *ev, struct arena *a, struct err *err) PW_CHECK;

#endif
