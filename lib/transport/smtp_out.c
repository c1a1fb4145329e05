#include "transport/smtp_private.h"

#include "base/err.h"

#include <string.h>

void smtp_owe(struct smtp *c, enum reply_to what)
{
	BUG_ON(c->owed_count == OWED_MAX);
	c->owed[c->owed_count++] = what;
}

static void add_mail(struct smtp *c, const struct slot *s)
{
	buf_addf(&c->out, "MAIL FROM:<%s>", s->from);
	if (c->caps.size)
		buf_addf(&c->out, " SIZE=%zu", s->size);
	if (s->eightbit)
		buf_adds(&c->out, " BODY=8BITMIME");
	if (s->utf8)
		buf_adds(&c->out, " SMTPUTF8");
	buf_adds(&c->out, "\r\n");
}

static void add_command(struct smtp *c, struct slot *s)
{
	smtp_owe(c, s->next);
	switch (s->next) {
	case REPLY_RSET:
		buf_adds(&c->out, "RSET\r\n");
		c->dirty = false;
		s->next = REPLY_MAIL;
		return;
	case REPLY_MAIL:
		add_mail(c, s);
		s->next = REPLY_RCPT;
		return;
	case REPLY_RCPT:
		buf_addf(&c->out, "RCPT TO:<%s>\r\n", s->rcpt);
		s->next = REPLY_DATA;
		return;
	case REPLY_DATA:
		buf_adds(&c->out, "DATA\r\n");
		s->next = REPLY_DOT;
		return;
	case REPLY_DOT:
	case REPLY_LONE_DOT:
		break;
	}
	BUG("no command is left for message %lld", (long long)s->id);
}

void smtp_add_envelope(struct smtp *c, struct slot *s)
{
	if (s->state == SLOT_HELD)
		s->next = c->dirty ? REPLY_RSET : REPLY_MAIL;
	s->state = SLOT_ENVELOPE;
	do
		add_command(c, s);
	while (c->caps.pipelining && s->next != REPLY_DOT);
}

/* RFC 5321 4.5.2: a line that begins with a dot gets another one. `from` is 0 or behind a line's end. */
static void add_stuffed(struct buf *out, const char *content, size_t from, size_t to)
{
	const char *at = content + from, *dot = at;

	while ((dot = memchr(dot, '.', (size_t)(content + to - dot))) != NULL) {
		if (dot == content + from || dot[-1] == '\n') {
			buf_add(out, at, (size_t)(dot - at));
			buf_addc(out, '.');
			at = dot;
		}
		dot++;
	}
	buf_add(out, at, (size_t)(content + to - at));
}

/* Where the next piece ends: at the end of a line. Lines are shorter than a chunk. */
static size_t chunk_end(const struct slot *s)
{
	size_t end = s->content_at + OUT_CHUNK;

	if (end >= s->content_len)
		return s->content_len;
	while (s->content[end - 1] != '\n')
		end--;
	return end;
}

/* The next piece of the content; with the last one go the dot and the envelope of the message behind. */
static void add_content(struct smtp *c, struct slot *s)
{
	size_t end = chunk_end(s);

	add_stuffed(&c->out, s->content, s->content_at, end);
	s->content_at = end;
	if (end < s->content_len)
		return;
	buf_adds(&c->out, ".\r\n");
	s->state = SLOT_OFFERED;
	if (c->caps.pipelining && smtp_behind(c)->state == SLOT_HELD)
		smtp_add_envelope(c, smtp_behind(c));
}

/* Puts into the empty buffer what may be written now. */
static void add_next(struct smtp *c)
{
	struct slot *s = smtp_front(c);

	if (s->state == SLOT_CONTENT)
		add_content(c, s);
	else if (s->state == SLOT_HELD && c->owed_count == 0)
		smtp_add_envelope(c, s);
	else if (s->state == SLOT_OFFERED && c->caps.pipelining && smtp_behind(c)->state == SLOT_HELD)
		smtp_add_envelope(c, smtp_behind(c));
	BUG_ON(c->out.over);
}

void smtp_flush(struct smtp *c)
{
	while (c->state == CONN_UP && !c->write_failed) {
		if (smtp_drained(c)) {
			buf_clear(&c->out);
			c->out_at = 0;
			add_next(c);
			if (smtp_drained(c))
				return;
		}
		size_t n;
		int got = smtp_link_write(c->link, c->out.s + c->out_at, c->out.len - c->out_at, &n);
		if (got == 0)
			return;
		if (got < 0)
			c->write_failed = true;
		else
			c->out_at += n;
	}
}
