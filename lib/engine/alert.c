#include "engine/alert.h"

#include "engine/absent.h"
#include "engine/message.h"
#include "model/address.h"
#include "store/queue_store.h"

#include <string.h>

int queue_loose_mail(struct engine *e, const struct world *w, const struct loose_mail *mail, int64_t *ret_message,
                     struct err *err)
{
	ARENA_AUTO a = { 0 };
	const struct mailbox *mb = world_mailbox(w, mail->mailbox);
	int64_t team = world_team(w)->id;
	struct address to;
	struct queue_row q = { .class = CLASS_LOOSE, .due = e->now };
	struct message m = { .contact = mail->contact, .visit = 1, .state = MESSAGE_QUEUED };

	if (!mb)
		return absent_document(e->db, team, DOC_MAILBOX, mail->mailbox, err);
	if (address_parse(mail->to, &to, err) < 0 || engine_lane(e, team, "mailbox", mb->name, &m.lane, err) < 0)
		return -1;
	m.mail_from = mb->from_address;
	m.rcpt_to = to.wire;
	m.subject = mail->subject;
	m.text = mail->text;
	m.html = mail->html ? mail->html : "";
	m.template = mail->template ? mail->template : "";
	m.headers = m.reply = "";
	m.created_at = m.changed_at = e->now;
	if (message_new_id(e, mb->from_address, &a, &m, err) < 0 || message_insert(e->db, team, &m, err) < 0)
		return -1;
	q.lane = m.lane;
	q.item = -m.id;
	if (ret_message)
		*ret_message = m.id;
	return queue_insert(e->db, &q, err);
}

/* To everybody whom the team names; from the team's mailbox, if there is one. */
static int alert(struct engine *e, const struct world *w, const char *subject, const char *text, struct err *err)
{
	const struct team *t = world_team(w);
	struct loose_mail mail = { .subject = subject, .text = text };

	if (!world_mailbox(w, t->mailbox))
		return 0;
	mail.mailbox = t->mailbox;
	for (size_t i = 0; i < t->alerts_to.n; i++) {
		mail.to = t->alerts_to.v[i];
		if (queue_loose_mail(e, w, &mail, NULL, err) < 0)
			return -1;
	}
	return 0;
}

int alert_mailbox_down(struct engine *e, const struct lane *l, struct err *err)
{
	bool unreachable = strcmp(l->reason, "backoff") == 0;
	ARENA_AUTO a = { 0 };
	struct world *w;

	if (engine_world(e, l->team, &w, err) < 0)
		return -1;
	return alert(e, w,
	             arena_printf(&a, unreachable ? "The mailbox %s cannot reach its server" : "The mailbox %s cannot send",
	                          l->name),
	             arena_printf(&a,
	                          "The mailbox %s of the team %s cannot send mail:\n\n    %s: %s\n\n"
	                          "Its mails wait, and go by themselves when it works. It is tried again %s, and at once after\n\n"
	                          "    pipe-tick --login %s\n",
	                          l->name, world_team(w)->name, l->reason, l->reason_text,
	                          unreachable ? "at least every hour" : "every hour, when its password file changes",
	                          l->name),
	             err);
}

int alert_mailbox_works(struct engine *e, const struct lane *l, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct world *w;

	if (engine_world(e, l->team, &w, err) < 0)
		return -1;
	return alert(e, w, arena_printf(&a, "The mailbox %s works again", l->name),
	             arena_printf(&a, "The mailbox %s of the team %s sends mail again. What waited goes out now.\n", l->name,
	                          world_team(w)->name),
	             err);
}

int alert_mailbox_guarded(struct engine *e, const struct lane *l, const char *text, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct world *w;

	if (engine_world(e, l->team, &w, err) < 0)
		return -1;
	return alert(e, w, arena_printf(&a, "The mailbox %s has paused itself", l->name),
	             arena_printf(&a,
	                          "The mailbox %s of the team %s sends nothing any more: %s.\n\n"
	                          "Find out why (old addresses, a list of unknown origin?), then\n\n"
	                          "    pipectl resume mailbox/%s\n",
	                          l->name, world_team(w)->name, text, l->name),
	             err);
}
