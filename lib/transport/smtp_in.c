#include "transport/smtp_private.h"

#include <string.h>

static void refuse(struct smtp *c, enum delivery_phase phase)
{
	struct slot *s = smtp_front(c);

	if (s->refused)
		return;
	s->refused = true;
	s->fate = smtp_reply_delivery(&c->reply, phase);
}

/* A refused message whose commands are all answered. What MAIL began at the server is still open there. */
static void end_refused(struct smtp *c)
{
	struct delivery fate = smtp_front(c)->fate;

	c->dirty = true;
	smtp_front_done(c, &fate);
}

static void take_mail_or_rcpt(struct smtp *c, enum delivery_phase phase)
{
	struct slot *s = smtp_front(c);

	if (c->reply.code < 300) {
		s->rcpt_taken = phase == PHASE_RCPT;
		if (!c->caps.pipelining)
			smtp_add_envelope(c, s);
		return;
	}
	refuse(c, phase);
	if (!c->caps.pipelining)
		end_refused(c);
}

/*
 * RFC 2920 3.1: after a refused recipient a server may still answer DATA with 354; a lone dot ends that. When
 * it took the recipient but not the sender, the dot might send an empty mail: better no connection.
 */
static void take_data(struct smtp *c)
{
	struct slot *s = smtp_front(c);

	if (c->reply.code != 354) {
		refuse(c, PHASE_DATA);
		end_refused(c);
	} else if (!smtp_drained(c) || (s->refused && s->rcpt_taken)) {
		smtp_lose(c, "the server answers out of turn");
	} else if (s->refused) {
		buf_adds(&c->out, ".\r\n");
		smtp_owe(c, REPLY_LONE_DOT);
	} else {
		s->state = SLOT_FENCE;
		smtp_event_add(c, SMTP_FENCE, s->id, NULL);
	}
}

static void take_dot(struct smtp *c)
{
	struct delivery d = smtp_reply_delivery(&c->reply, PHASE_DOT);
	bool early = smtp_front(c)->state == SLOT_CONTENT;

	if (early && d.outcome == DELIVERY_SENT) {
		smtp_lose(c, "the server accepts a message that it has not got");
		return;
	}
	smtp_front_done(c, &d);
	if (early)
		smtp_lose(c, "the server refused a message before its end");
}

/* 421 (RFC 5321 3.8): the server closes, whatever the command was. */
static void take_421(struct smtp *c)
{
	struct delivery d = smtp_reply_delivery(&c->reply, smtp_phase(c));

	if (smtp_front(c)->state >= SLOT_CONTENT)
		smtp_front_done(c, &d);
	smtp_go_down(c, &d);
}

static bool fits(enum reply_to what, int code)
{
	switch (what) {
	case REPLY_RSET:
		return code < 300;
	case REPLY_DATA:
		return code == 354 || code >= 400;
	case REPLY_LONE_DOT:
		return true;
	case REPLY_MAIL:
	case REPLY_RCPT:
	case REPLY_DOT:
		break;
	}
	return code < 300 || code >= 400;
}

static void take_reply(struct smtp *c)
{
	if (c->reply.code == 421) {
		take_421(c);
		return;
	}
	if (c->owed_count == 0 || !fits(c->owed[0], c->reply.code)) {
		smtp_lose(c, "the server answers out of turn");
		return;
	}

	enum reply_to what = c->owed[0];
	c->owed_count--;
	memmove(&c->owed[0], &c->owed[1], c->owed_count * sizeof c->owed[0]);
	switch (what) {
	case REPLY_RSET:
		if (!c->caps.pipelining)
			smtp_add_envelope(c, smtp_front(c));
		return;
	case REPLY_MAIL:
		take_mail_or_rcpt(c, PHASE_MAIL);
		return;
	case REPLY_RCPT:
		take_mail_or_rcpt(c, PHASE_RCPT);
		return;
	case REPLY_DATA:
		take_data(c);
		return;
	case REPLY_DOT:
		take_dot(c);
		return;
	case REPLY_LONE_DOT:
		end_refused(c);
		return;
	}
}

static void take_bytes(struct smtp *c, const char *bytes, size_t len)
{
	while (len > 0 && c->state == CONN_UP) {
		size_t used;
		int got = smtp_reply_feed(&c->reply, bytes, len, &used);
		bytes += used;
		len -= used;
		if (got > 0)
			take_reply(c);
		else if (got < 0)
			smtp_lose(c, "the server does not speak SMTP");
	}
}

void smtp_read(struct smtp *c)
{
	char bytes[IN_CHUNK];
	size_t n;

	while (c->state == CONN_UP && smtp_front(c)->state != SLOT_FENCE) {
		int got = smtp_link_read(c->link, bytes, sizeof bytes, &n);
		if (got == 0)
			break;
		if (got < 0) {
			smtp_lose(c, "the connection was closed by the server");
			return;
		}
		take_bytes(c, bytes, n);
		smtp_flush(c);
		if (n < sizeof bytes && !smtp_link_buffers(c->link))
			break;
	}
	if (c->write_failed)
		smtp_lose(c, "the connection is broken");
}

void smtp_look(struct smtp *c)
{
	char bytes[IN_CHUNK];
	size_t n;
	int got = smtp_link_read(c->link, bytes, sizeof bytes, &n);

	if (got > 0)
		take_bytes(c, bytes, n);
	else if (got < 0)
		smtp_lose(c, "the connection was closed by the server");
}
