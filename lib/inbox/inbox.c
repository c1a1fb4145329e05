#include "inbox/inbox.h"

#include "base/zone.h"
#include "engine/event.h"
#include "engine/letter.h"
#include "engine/parcel.h"
#include "engine/verp.h"
#include "mail/classify.h"
#include "mail/words.h"
#include "model/address.h"
#include "store/contact_store.h"
#include "store/message_store.h"
#include "store/suppression_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Without a date in it, an absence note holds for five days. */
#define AWAY_S     (5 * DAY_SECONDS)
/* A report that names only the recipient counts for a mail of the last month. */
#define FOUND_S    (30 * DAY_SECONDS)
#define TEXT_KEPT  16384

/* One mail in work. */
struct taking {
	struct engine *e;
	const struct inbox *in;
	struct world *world;
	struct arena *a;
	const struct mail_reading *r;
	const char *key;         /* the same mail has the same one */
	struct message message;  /* of ours that it is about; id 0: none */
	struct contact contact;  /* whom it is about; id 0: nobody */
	bool sure;               /* by a Message-ID or token, which nobody else knows */
	struct event recorded;   /* what it became */
};

static int find_by_ids(struct taking *t, const char *ids, struct err *err)
{
	int got = 0;

	while (got == 0 && *ids) {
		size_t n = strcspn(ids, " ");

		got = message_find_mid(t->e->db, t->in->team, arena_strndup(t->a, ids, n), t->a, &t->message, err);
		ids += n + (ids[n] == ' ');
	}
	t->sure |= got > 0;
	return got;
}

/* "unsubscribe 17.4f3a@example.com": the subject that List-Unsubscribe gave. */
static const char *id_in_subject(const struct mail_reading *r)
{
	const char *blank = strrchr(r->subject, ' ');

	return r->kind == MAIL_UNSUBSCRIBE && blank ? blank + 1 : "";
}

static int find_by_token(struct taking *t, struct err *err)
{
	int64_t id = verp_message(t->in->key, t->in->team, t->r->delivered_to);
	int got = id ? message_load(t->e->db, t->in->team, id, t->a, &t->message, err) : 0;

	t->sure |= got > 0;
	return got;
}

static int find_contact(struct taking *t, const char *address, struct contact *ret, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct address parsed;

	if (address_parse(address, &parsed, &ignored) < 0)
		return 0;
	return contact_find(t->e->db, t->in->team, parsed.folded, t->a, ret, err);
}

static bool was_out(const struct message *m)
{
	static const unsigned out = 1u << MESSAGE_SENT | 1u << MESSAGE_OFFERED | 1u << MESSAGE_IN_DOUBT | 1u << MESSAGE_BOUNCED;

	return out >> m->state & 1;
}

/* The latest mail from this mailbox to the person with this address. 1, 0, -1. */
static int find_by_address(struct taking *t, const char *address, struct err *err)
{
	struct message *list;
	struct contact c;
	int n = find_contact(t, address, &c, err);

	if (n > 0)
		n = message_list_of_contact(t->e->db, t->in->team, c.id, t->a, &list, err);
	for (int i = 0; i < n; i++)
		if (was_out(&list[i]) && strcasecmp(list[i].mail_from, t->in->mailbox->from_address) == 0 &&
		    list[i].changed_at > t->e->now - FOUND_S)
			t->message = list[i];
	return n < 0 ? -1 : t->message.id > 0;
}

static int find_by_outcomes(struct taking *t, struct err *err)
{
	int got = 0;

	if (t->in->mailbox->verp != VERP_NONE && t->r->kind == MAIL_BOUNCE)
		return 0;
	for (size_t i = 0; i < t->r->n_outcomes && got == 0; i++) {
		got = find_by_address(t, t->r->outcomes[i].recipient, err);
		if (got == 0 && t->r->outcomes[i].original)
			got = find_by_address(t, t->r->outcomes[i].original, err);
	}
	return got == 0 ? find_by_address(t, t->r->original_to, err) : got;
}

static bool is_report(const struct mail_reading *r)
{
	return r->kind == MAIL_BOUNCE || r->kind == MAIL_COMPLAINT || r->kind == MAIL_DELIVERED;
}

/* 1: t->message and t->contact are set; 0; -1. */
static int match(struct taking *t, struct err *err)
{
	const struct mail_reading *r = t->r;
	int got = is_report(r) ? find_by_ids(t, r->original_id, err) : 0;

	if (got == 0)
		got = find_by_ids(t, id_in_subject(r), err);
	if (got == 0)
		got = find_by_token(t, err);
	if (got == 0)
		got = find_by_ids(t, r->answers, err);
	if (got == 0)
		got = is_report(r) ? find_by_outcomes(t, err) : find_by_address(t, r->from, err);
	if (got <= 0 || t->message.contact == 0)
		return err_or_none(got);
	return contact_load(t->e->db, t->in->team, t->message.contact, t->a, &t->contact, err);
}

/* A sender of the team's own: a copy of what was sent, or one mailbox writing to another. */
static bool is_own(const struct taking *t)
{
	const struct mailbox *mb;

	for (size_t at = 0; (mb = world_mailbox_next(t->world, &at)) != NULL;)
		if (strcasecmp(mb->from_address, t->r->from) == 0)
			return true;
	return false;
}

static int record(struct taking *t, const char *type, const char *data, enum inbox_result as, struct err *err)
{
	struct happening h = { .key = t->key, .contact = &t->contact, .arena = t->a };
	int got;

	h.ev = (struct event){ .contact = t->contact.id, .type = type, .data = data, .run = t->message.run, .step = t->message.step,
		                   .message = t->message.id, .source = "inbox" };
	got = event_record(t->e, t->in->team, &h, err);
	t->recorded = h.ev;
	return got <= 0 ? got : (int)as;
}

static const char *kept_text(const struct taking *t)
{
	return arena_strndup(t->a, t->r->reply, words_cut(t->r->reply, TEXT_KEPT));
}

static const char *reply_data(const struct taking *t)
{
	char date[16] = "";

	if (t->r->returns)
		snprintf(date, sizeof date, "%04d-%02d-%02d", t->r->return_date.year, t->r->return_date.month, t->r->return_date.day);
	return event_data(t->a, "from", t->r->from, "subject", t->r->subject, "text", kept_text(t), "message_id", t->r->message_id,
	                  "returns", date, "unverified", t->sure ? "" : "yes", NULL);
}

/* Something that came back shows that the mail left. */
static int settle(struct taking *t, struct err *err)
{
	if (t->message.state != MESSAGE_IN_DOUBT)
		return 0;
	t->message.state = MESSAGE_SENT;
	if (parcel_settle(t->e, t->in->team, t->message.id, false, err) < 0)
		return -1;
	return err_or_none(contact_load(t->e->db, t->in->team, t->contact.id, t->a, &t->contact, err));
}

static int take_reply(struct taking *t, struct err *err)
{
	bool letter = message_is_letter(&t->message);
	int got = record(t, letter ? "mail.replied" : "email.replied", reply_data(t), INBOX_REPLIED, err);

	if (got <= 0 || !letter)
		return got;
	return letter_start(t->e, &t->message, LETTER_REPLIED, &t->contact, &t->recorded, t->a, err) < 0 ? -1 : got;
}

/* The beginning of the day on which the person is back, where the person is. */
static int64_t back_at(const struct taking *t)
{
	struct surroundings s = world_surroundings(t->world, &t->contact);

	return zone_to_instant(s.zone, &t->r->return_date);
}

static int take_auto_reply(struct taking *t, struct err *err)
{
	int64_t until = t->r->returns ? back_at(t) : t->e->now + AWAY_S;
	int got = record(t, "email.auto_replied", reply_data(t), INBOX_AUTO_REPLIED, err);

	if (got <= 0 || until <= t->e->now)
		return got;
	if (inbox_wait_until(t->e, t->in->team, t->contact.id, until, t->r->subject, err) < 0)
		return -1;
	return got;
}

/* What the report says of this person; of a report about one it is about him, whatever address it came to. */
static const struct mail_outcome *outcome_of(const struct taking *t)
{
	const struct mail_reading *r = t->r;

	for (size_t i = 0; i < r->n_outcomes; i++)
		if (strcasecmp(r->outcomes[i].recipient, t->message.rcpt_to) == 0 ||
		    (r->outcomes[i].original && strcasecmp(r->outcomes[i].original, t->message.rcpt_to) == 0))
			return &r->outcomes[i];
	return r->n_outcomes == 1 || (r->n_outcomes > 1 && t->sure) ? &r->outcomes[0] : NULL;
}

static const char *outcome_data(const struct taking *t, const struct mail_outcome *o)
{
	return event_data(t->a, "recipient", o->recipient, "reason", mail_reason_text(o->reason), "status", o->status, "action",
	                  o->action, "said", o->said, "message_id", t->r->message_id, NULL);
}

/* If the address that was written to is not the contact's any more, only it is not written to again: 1, 0, -1. */
static int suppress_old(struct taking *t, struct err *err)
{
	struct address sent_to;

	if (address_parse(t->message.rcpt_to, &sent_to, err) < 0)
		return -1;
	if (strcmp(sent_to.folded, t->contact.folded) == 0)
		return 0;
	return suppression_add(t->e->db, t->in->team, sent_to.folded, SUPPRESS_BOUNCED, t->e->now, "inbox", err) < 0 ? -1 : 1;
}

static int take_bounce(struct taking *t, struct err *err)
{
	const struct mail_outcome *o = outcome_of(t);
	int moved;
	bool hard;

	if (!o)
		return INBOX_OTHER;
	if (o->reason == MAIL_REASON_DELIVERED)
		return INBOX_DELIVERED;
	moved = o->hard ? suppress_old(t, err) : 0;
	if (moved < 0)
		return -1;
	hard = o->hard && !moved;
	if (hard && t->message.state == MESSAGE_SENT &&
	    message_move(t->e->db, t->in->team, t->message.id, t->message.token, MESSAGE_SENT, MESSAGE_BOUNCED, t->e->now, o->said, err) < 0)
		return -1;
	return record(t, hard ? "email.bounced" : "email.soft_bounced", outcome_data(t, o), hard ? INBOX_BOUNCED : INBOX_SOFT_BOUNCED, err);
}

static int take_complaint(struct taking *t, struct err *err)
{
	if (!t->r->abuse)
		return INBOX_OTHER;
	return record(t, "email.complained", event_data(t->a, "from", t->r->from, "message_id", t->r->message_id, NULL),
	              INBOX_COMPLAINED, err);
}

static int take_unsubscribe(struct taking *t, struct err *err)
{
	return record(t, "contact.unsubscribed", event_data(t->a, "from", t->r->from, "message_id", t->r->message_id, NULL),
	              INBOX_UNSUBSCRIBED, err);
}

static int act(struct taking *t, struct err *err)
{
	if (settle(t, err) < 0)
		return -1;
	switch (t->r->kind) {
	case MAIL_REPLY:
	case MAIL_MESSAGE:
		return take_reply(t, err);
	case MAIL_AUTO_REPLY:
		return take_auto_reply(t, err);
	case MAIL_BOUNCE:
		return take_bounce(t, err);
	case MAIL_COMPLAINT:
		return take_complaint(t, err);
	case MAIL_UNSUBSCRIBE:
		return take_unsubscribe(t, err);
	case MAIL_DELIVERED:
		return INBOX_DELIVERED;
	}
	BUG("mail kind %d", (int)t->r->kind);
}

/* Somebody has to look at it: it stands in the feed that admins see, without its text; the mail itself is where it was. */
static int list_unmatched(struct taking *t, struct err *err)
{
	const struct mail_reading *r = t->r;
	struct happening h = { .key = t->key, .arena = t->a };
	int got;

	h.ev = (struct event){ .type = "email.unmatched", .source = "inbox" };
	h.ev.data = event_data(t->a, "mailbox", t->in->mailbox->name, "kind", mail_kind_text(r->kind), "from", r->from, "subject",
	                       r->subject, "recipient", r->n_outcomes ? r->outcomes[0].recipient : "", "message_id", r->message_id, NULL);
	got = event_record(t->e, t->in->team, &h, err);
	return got <= 0 ? got : (int)INBOX_UNMATCHED;
}

/* Of a folder that was never read nobody wants to hear who wrote there years ago. */
static bool must_match(const struct taking *t)
{
	switch (t->r->kind) {
	case MAIL_BOUNCE:
	case MAIL_UNSUBSCRIBE:
		return true;
	case MAIL_COMPLAINT:
		return t->r->abuse;
	case MAIL_REPLY:
	case MAIL_AUTO_REPLY:
	case MAIL_MESSAGE:
		return t->r->written_at > t->e->now - FOUND_S;
	case MAIL_DELIVERED:
		return false;
	}
	BUG("mail kind %d", (int)t->r->kind);
}

static int take(struct taking *t, struct err *err)
{
	bool from_person = !is_report(t->r);
	int got;

	if (engine_world(t->e, t->in->team, &t->world, err) < 0)
		return -1;
	if ((from_person && is_own(t)) || (t->r->kind == MAIL_MESSAGE && t->r->automatic))
		return INBOX_OTHER;
	got = match(t, err);
	if (got < 0)
		return -1;
	if (got > 0)
		return act(t, err);
	return must_match(t) ? list_unmatched(t, err) : INBOX_OTHER;
}

int inbox_take(struct engine *e, const struct inbox *in, const char *bytes, size_t len, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct taking t = { .e = e, .in = in, .a = &a };
	char hash[SHA256_TEXT];
	struct mail_reading r;
	struct mail mail;

	mail_parse(&a, bytes, len, &mail);
	mail_classify(&mail, e->now, &r);
	t.r = &r;
	sha256_hex(bytes, len, hash);
	t.key = arena_printf(&a, "inbox:%s", *r.message_id ? r.message_id : hash);
	return take(&t, err);
}
