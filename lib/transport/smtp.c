#include "transport/smtp.h"

#include "base/err.h"
#include "base/mem.h"
#include "transport/content.h"
#include "transport/smtp_private.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

void smtp_event_add(struct smtp *c, enum smtp_event kind, int64_t id, const struct delivery *d)
{
	BUG_ON(c->event_count == EVENTS_MAX);
	struct event *e = &c->events[c->event_count++];
	e->kind = kind;
	e->id = id;
	if (d)
		e->delivery = *d;
}

static enum smtp_event event_take(struct smtp *c, struct delivery *ret, int64_t *ret_id)
{
	enum smtp_event kind = c->events[0].kind;

	if (kind == SMTP_FENCE || kind == SMTP_DONE)
		*ret_id = c->events[0].id;
	if (kind == SMTP_DONE || kind == SMTP_CLOSED)
		*ret = c->events[0].delivery;
	c->event_count--;
	memmove(&c->events[0], &c->events[1], c->event_count * sizeof c->events[0]);
	return kind;
}

void smtp_front_done(struct smtp *c, const struct delivery *d)
{
	smtp_event_add(c, SMTP_DONE, smtp_front(c)->id, d);
	smtp_front(c)->state = SLOT_EMPTY;
	c->first = (c->first + 1) % SMTP_AHEAD;
	smtp_front(c)->deadline_ms = c->now_ms + c->transfer_ms;
}

static struct delivery fate_when_lost(const struct slot *s, const struct delivery *why)
{
	struct delivery d = *why;

	if (s->refused)
		return s->fate;
	d.outcome = s->state == SLOT_OFFERED ? DELIVERY_IN_DOUBT : DELIVERY_RETRY;
	if (s->state >= SLOT_CONTENT)
		d.phase = PHASE_DOT;
	return d;
}

void smtp_go_down(struct smtp *c, const struct delivery *why)
{
	if (c->state == CONN_DOWN)
		return;
	while (smtp_front(c)->state != SLOT_EMPTY) {
		struct delivery d = fate_when_lost(smtp_front(c), why);
		smtp_front_done(c, &d);
	}
	c->state = CONN_DOWN;
	c->owed_count = 0;
	smtp_event_add(c, SMTP_CLOSED, 0, why);
}

enum delivery_phase smtp_phase(const struct smtp *c)
{
	static const enum delivery_phase phases[] = {
		[REPLY_RSET] = PHASE_MAIL, [REPLY_MAIL] = PHASE_MAIL, [REPLY_RCPT] = PHASE_RCPT,
		[REPLY_DATA] = PHASE_DATA, [REPLY_DOT] = PHASE_DOT,   [REPLY_LONE_DOT] = PHASE_DATA,
	};

	if (c->state == CONN_CONNECTING)
		return PHASE_CONNECT;
	return c->owed_count > 0 ? phases[c->owed[0]] : PHASE_MAIL;
}

void smtp_lose(struct smtp *c, const char *why)
{
	struct delivery d = delivery_make(DELIVERY_RETRY, smtp_phase(c), "%s", why);
	smtp_go_down(c, &d);
}

struct smtp *smtp_open(const struct smtp_config *config, int64_t now_ms)
{
	struct smtp *c = xcalloc(1, sizeof *c);

	c->link = smtp_link_open(config, now_ms);
	c->now_ms = now_ms;
	c->transfer_ms = config->transfer_ms > 0 ? config->transfer_ms : TRANSFER_MS;
	buf_init(&c->out, OUT_LIMIT);
	return c;
}

static void connect_on(struct smtp *c)
{
	struct delivery d;
	int got = smtp_link_connect(c->link, c->now_ms, &c->caps, &d);

	if (got < 0)
		smtp_go_down(c, &d);
	if (got <= 0)
		return;
	c->state = CONN_UP;
	smtp_event_add(c, SMTP_CONNECTED, 0, NULL);
}

static bool waits_for_server(const struct slot *s)
{
	return s->state != SLOT_EMPTY && s->state != SLOT_FENCE;
}

static void advance(struct smtp *c)
{
	if (c->state == CONN_CONNECTING)
		connect_on(c);
	if (c->state != CONN_UP)
		return;
	smtp_flush(c);
	smtp_read(c);
	if (waits_for_server(smtp_front(c)) && c->now_ms >= smtp_front(c)->deadline_ms)
		smtp_lose(c, "the server did not answer in time");
}

enum smtp_event smtp_feed(struct smtp *c, int64_t now_ms, struct delivery *ret, int64_t *ret_id)
{
	c->now_ms = now_ms;
	if (c->event_count == 0)
		advance(c);
	return c->event_count > 0 ? event_take(c, ret, ret_id) : SMTP_NONE;
}

size_t smtp_fds(const struct smtp *c, struct pollfd *ret)
{
	const struct slot *s = &c->slots[c->first];

	if (c->state == CONN_CONNECTING)
		return smtp_link_fds(c->link, ret);
	if (c->state == CONN_DOWN || s->state == SLOT_FENCE)
		return 0;
	ret[0] = (struct pollfd){ .fd = smtp_link_fd(c->link), .events = POLLIN };
	if (!smtp_drained(c))
		ret[0].events |= POLLOUT;
	return 1;
}

int64_t smtp_wake_ms(const struct smtp *c)
{
	const struct slot *s = &c->slots[c->first];

	if (c->event_count > 0 || c->write_failed)
		return 0;
	if (c->state == CONN_CONNECTING)
		return smtp_link_wake_ms(c->link);
	return c->state == CONN_UP && waits_for_server(s) ? s->deadline_ms : INT64_MAX;
}

bool smtp_can_begin(const struct smtp *c)
{
	return c->state == CONN_UP && c->slots[(c->first + 1) % SMTP_AHEAD].state == SLOT_EMPTY;
}

const struct smtp_caps *smtp_caps(const struct smtp *c)
{
	return &c->caps;
}

static int refuse_check(struct delivery *ret, const char *what, const char *address)
{
	*ret = delivery_make(DELIVERY_REFUSED, PHASE_CHECK, "%s%s%s", what, address[0] ? ": " : "", address);
	return -1;
}

/* A sender that cannot be is the mailbox's matter, a recipient its own. */
static int check_envelope(const struct smtp *c, const struct smtp_envelope *env, bool *ret_utf8,
                          struct delivery *ret)
{
	bool utf8_from = false;
	bool utf8_rcpt = false;
	const char *what = mail_address_check(env->from, &utf8_from);

	if (what) {
		*ret = delivery_make(DELIVERY_SETTINGS, PHASE_CHECK, "the sender: %s", what);
		return -1;
	}
	what = mail_address_check(env->rcpt, &utf8_rcpt);
	if (what)
		return refuse_check(ret, what, "");
	*ret_utf8 = utf8_from || utf8_rcpt;
	if (*ret_utf8 && !c->caps.utf8)
		return refuse_check(ret, "the address needs SMTPUTF8, which the server has not", env->rcpt);
	if (env->eightbit && !c->caps.eightbit)
		return refuse_check(ret, "the content needs 8BITMIME, which the server has not", "");
	if (c->caps.size_max > 0 && env->size > (uint64_t)c->caps.size_max)
		return refuse_check(ret, "the message is bigger than the server takes", "");
	return 0;
}

int smtp_begin(struct smtp *c, const struct smtp_envelope *env, int64_t now_ms, struct delivery *ret)
{
	bool utf8;

	BUG_ON(!smtp_can_begin(c));
	c->now_ms = now_ms;
	if (check_envelope(c, env, &utf8, ret) < 0)
		return -1;

	struct slot *s = smtp_front(c)->state == SLOT_EMPTY ? smtp_front(c) : smtp_behind(c);
	*s = (struct slot){
		.state = SLOT_HELD,
		.id = env->id,
		.deadline_ms = now_ms + c->transfer_ms,
		.size = env->size,
		.eightbit = env->eightbit,
		.utf8 = utf8,
	};
	memcpy(s->from, env->from, strlen(env->from) + 1);
	memcpy(s->rcpt, env->rcpt, strlen(env->rcpt) + 1);
	smtp_flush(c);
	return 0;
}

int smtp_content(struct smtp *c, const char *content, size_t len, int64_t now_ms, struct delivery *ret)
{
	struct slot *s = smtp_front(c);
	bool eightbit;

	BUG_ON(s->state != SLOT_FENCE);
	c->now_ms = now_ms;
	const char *what = mail_content_check(content, len, &eightbit);
	if (!what && eightbit && !s->eightbit)
		what = "the content has bytes over 127 that were not announced";
	if (what) {
		refuse_check(ret, what, "");
		smtp_abandon(c);
		return -1;
	}
	smtp_look(c);
	if (c->state != CONN_UP)
		return 0;
	s->content = content;
	s->content_len = len;
	s->state = SLOT_CONTENT;
	smtp_owe(c, REPLY_DOT);
	smtp_flush(c);
	return 0;
}

void smtp_abandon(struct smtp *c)
{
	BUG_ON(smtp_front(c)->state != SLOT_FENCE);
	smtp_front(c)->state = SLOT_EMPTY;
	c->first = (c->first + 1) % SMTP_AHEAD;
	smtp_lose(c, "the connection was given up before a content");
}

void smtp_close(struct smtp *c)
{
	size_t n;

	if (!c)
		return;
	if (c->state == CONN_UP && smtp_front(c)->state == SLOT_EMPTY && smtp_drained(c) && c->owed_count == 0 &&
	    smtp_link_write(c->link, "QUIT\r\n", 6, &n) < 0)
		c->write_failed = true;
	smtp_link_close(c->link);
	buf_release(&c->out);
	free(c);
}
