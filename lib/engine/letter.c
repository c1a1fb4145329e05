#include "engine/letter.h"

#include "engine/alert.h"
#include "engine/enroll.h"
#include "engine/event.h"
#include "engine/mend.h"
#include "engine/message.h"
#include "engine/person.h"
#include "store/contact_store.h"
#include "store/letter_store.h"

#include <string.h>

static const char *find_mailbox(struct engine *e, const struct world *w, const struct letter *l)
{
	const struct member *writer = team_member(world_team(w), e->actor);

	if (l->mailbox)
		return l->mailbox;
	return writer && writer->mailbox ? writer->mailbox : world_team(w)->mailbox;
}

/* Is anybody looking whether it is answered? */
static int check_answers(const struct world *w, const struct letter *l, const char *mailbox, struct err *err)
{
	const struct mailbox *mb = world_mailbox(w, mailbox);

	if (!l->on_reply || !mb || mb->inbox.kind != INBOX_NONE)
		return 0;
	return err_set(err, ERR_REFUSED, "mailbox '%s' has no 'inbox': nobody would see the answer", mailbox);
}

static int render(struct engine *e, struct world *w, const struct contact *c, const struct letter *l,
                  const char *mailbox, struct arena *a, struct rendered *ret, struct err *err)
{
	const char *problem = NULL, *mend;
	int got;

	*ret = (struct rendered){ .subject = l->subject, .text = l->text, .html = "" };
	if (!l->template)
		return 0;
	got = message_render_template(e, w, l->template, c, mailbox, a, ret, &problem, err);
	if (got < 0)
		return -1;
	if (got == 0)
		return err_set(err, ERR_REFUSED, "template '%s': %s", l->template->name, problem);
	if (!*ret->missing)
		return 0;
	mend = mend_command(c->email, ret->missing, e->say_team, a);
	return err_set(err, ERR_REFUSED, "%s lacks %s for template '%s'%s%s", c->email, ret->missing, l->template->name,
	               *mend ? ": " : "", mend);
}

int letter_check(struct engine *e, const struct world *w, const struct contact *c, const struct letter *letter,
                 struct arena *a, struct err *err)
{
	const char *mailbox = find_mailbox(e, w, letter);

	if (c->suppressed)
		return err_set(err, ERR_REFUSED, "%s must not be written to: %s", c->email, suppression_text(c->suppressed, a));
	if (!mailbox)
		return err_set(err, ERR_REFUSED, "no mailbox to send from: say --mailbox, or give yourself or the team one");
	return check_answers(w, letter, mailbox, err);
}

int letter_queue(struct engine *e, struct world *w, const struct contact *c, const struct letter *letter,
                 struct arena *a, int64_t *ret_message, const char **ret_mailbox, struct err *err)
{
	const char *mailbox = find_mailbox(e, w, letter);
	struct letter_row row = { .author = e->actor };
	struct rendered mail;
	struct loose_mail loose;

	if (letter_check(e, w, c, letter, a, err) < 0 || render(e, w, c, letter, mailbox, a, &mail, err) < 0)
		return -1;
	loose = (struct loose_mail){
		.mailbox = mailbox,
		.to = c->email,
		.subject = mail.subject,
		.text = mail.text,
		.html = mail.html,
		.template = letter->template ? letter->template->name : NULL,
		.contact = c->id,
	};
	if (queue_loose_mail(e, w, &loose, &row.message, err) < 0)
		return -1;
	row.on_sent = letter->on_sent ? letter->on_sent->id : 0;
	row.on_reply = letter->on_reply ? letter->on_reply->id : 0;
	*ret_message = row.message;
	*ret_mailbox = mailbox;
	return letter_insert(e->db, c->team, &row, err);
}

bool message_is_letter(const struct message *m)
{
	return m->run == 0 && m->contact > 0;
}

int letter_start(struct engine *e, const struct message *m, enum letter_when when, struct contact *c,
                 const struct event *ev, struct arena *a, struct err *err)
{
	struct letter_row row;
	struct world *w;
	const struct pipeline *p;
	int got = m->run ? 0 : letter_load(e->db, m->team, m->id, a, &row, err);

	if (got <= 0)
		return got;
	if (engine_world(e, m->team, &w, err) < 0)
		return -1;
	p = world_pipeline_by_id(w, when == LETTER_SENT ? row.on_sent : row.on_reply);
	return p ? enroll_at_event(e, w, &(struct attached){ p, row.author, ev }, c, a, err) : 0;
}

/* 1, 0 its contact is gone, -1. */
static int record(struct engine *e, const struct message *m, const char *type, const char *data, struct contact *c,
                  struct arena *a, struct event *ret, struct err *err)
{
	struct happening h = { .contact = c, .arena = a };
	struct letter_row row = { .author = "pipe-tick" };
	int got = contact_load(e->db, m->team, m->contact, a, c, err);

	if (got <= 0 || letter_load(e->db, m->team, m->id, a, &row, err) < 0)
		return got <= 0 ? got : -1;
	h.ev = (struct event){
		.contact = m->contact,
		.message = m->id,
		.type = type,
		.actor = row.author,
		.source = "manual",
		.data = data,
	};
	if (event_record(e, m->team, &h, err) < 0)
		return -1;
	*ret = h.ev;
	return 1;
}

int letter_sent(struct engine *e, const struct message *m, const char *reply, struct arena *a, struct err *err)
{
	struct contact c;
	struct event ev;
	int got = record(e, m, "mail.sent", event_data(a, "subject", m->subject, "reply", reply, NULL), &c, a, &ev, err);

	return got <= 0 ? got : letter_start(e, m, LETTER_SENT, &c, &ev, a, err);
}

int letter_failed(struct engine *e, const struct message *m, const char *reply, struct arena *a, struct err *err)
{
	const char *text = arena_printf(a, "the mail '%s' was not delivered: %s", m->subject, reply);
	struct contact c;
	struct event ev;

	return err_or_none(record(e, m, "note.added", event_data(a, "text", text, NULL), &c, a, &ev, err));
}
