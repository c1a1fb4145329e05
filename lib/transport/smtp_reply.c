#include "transport/smtp_reply.h"

#include "transport/delivery_private.h"

#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t digits(const char *s, size_t len, size_t max)
{
	size_t n = 0;
	while (n < len && n < max && is_digit(s[n]))
		n++;
	return n;
}

/* "5.1.1 " at s: the length of the status, 0 if there is none. Its class must be the code's (RFC 2034). */
static size_t status_length(const char *s, size_t len, char class)
{
	if (len < 5 || s[0] != class || s[1] != '.')
		return 0;
	size_t subject = digits(s + 2, len - 2, 3);
	size_t at = 2 + subject;
	if (subject == 0 || at >= len || s[at] != '.')
		return 0;
	size_t detail = digits(s + at + 1, len - at - 1, 3);
	size_t end = at + 1 + detail;
	if (detail == 0 || (end < len && s[end] != ' '))
		return 0;
	return end;
}

static void add_text(struct smtp_reply *r, const char *s, size_t len)
{
	size_t room = sizeof r->text - 1 - r->text_len;
	if (len > room) {
		len = room;
		while (len > 0 && ((unsigned char)s[len] & 0xC0) == 0x80)
			len--;
	}
	memcpy(r->text + r->text_len, s, len);
	r->text_len += len;
	r->text[r->text_len] = '\0';
}

/* The first line is kept as it is, of the others what follows the codes. */
static void take_text(struct smtp_reply *r, const char *line, size_t len)
{
	size_t skip = len > 4 ? 4 : len;
	size_t status = status_length(line + skip, len - skip, line[0]);

	if (r->lines == 0) {
		memcpy(r->status, line + skip, status);
		r->status[status] = '\0';
		add_text(r, line, 3);
		if (len > skip)
			add_text(r, " ", 1);
		add_text(r, line + skip, len - skip);
		return;
	}
	skip += status;
	while (skip < len && line[skip] == ' ')
		skip++;
	if (skip < len)
		add_text(r, " ", 1);
	add_text(r, line + skip, len - skip);
}

/* One line without its end. 1: the reply is complete, 0: it goes on, -1: no reply line. */
static int take_line(struct smtp_reply *r, const char *line, size_t len)
{
	if (len < 3 || line[0] < '2' || line[0] > '5' || !is_digit(line[1]) || !is_digit(line[2]))
		return -1;
	if (len > 3 && line[3] != ' ' && line[3] != '-')
		return -1;

	int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
	if (r->lines > 0 && code != r->code)
		return -1;
	r->code = code;
	take_text(r, line, len);
	r->lines++;
	r->complete = len == 3 || line[3] == ' ';
	if (r->complete)
		return 1;
	return r->lines >= SMTP_REPLY_LINES ? -1 : 0;
}

static void start_over(struct smtp_reply *r)
{
	r->code = 0;
	r->status[0] = '\0';
	r->text[0] = '\0';
	r->text_len = 0;
	r->line_len = 0;
	r->lines = 0;
	r->complete = false;
}

/* Adds up to a line's end. 1: the line is whole, 0: more is needed, -1: too long. */
static int gather_line(struct smtp_reply *r, const char *bytes, size_t len, size_t *ret_used)
{
	const char *lf = memchr(bytes, '\n', len);
	size_t take = lf ? (size_t)(lf - bytes) + 1 : len;

	*ret_used = take;
	if (r->line_len + take > sizeof r->line)
		return -1;
	memcpy(r->line + r->line_len, bytes, take);
	r->line_len += take;
	return lf ? 1 : 0;
}

int smtp_reply_feed(struct smtp_reply *r, const char *bytes, size_t len, size_t *ret_used)
{
	size_t used = 0;
	int got = 0;

	if (r->complete)
		start_over(r);
	while (got == 0 && used < len) {
		size_t taken;
		got = gather_line(r, bytes + used, len - used, &taken);
		used += taken;
		if (got <= 0)
			break;

		size_t n = r->line_len - 1;
		if (n > 0 && r->line[n - 1] == '\r')
			n--;
		got = take_line(r, r->line, n);
		r->line_len = 0;
	}
	*ret_used = used;
	return got;
}

bool smtp_reply_at_start(const struct smtp_reply *r)
{
	return r->complete || (r->lines == 0 && r->line_len == 0);
}

struct delivery smtp_reply_delivery(const struct smtp_reply *r, enum delivery_phase phase)
{
	struct delivery d = {
		.outcome = delivery_classify(phase, r->code, r->status),
		.phase = phase,
		.code = r->code,
	};

	memcpy(d.status, r->status, sizeof d.status);
	delivery_set_text(&d, r->text, r->text_len);
	return d;
}
