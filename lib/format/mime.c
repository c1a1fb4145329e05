#include "format/mime_private.h"

#include "base/buf.h"
#include "base/random.h"
#include "base/utf8.h"
#include "format/html_text.h"

#include <string.h>

const char mime_header_words[] =
	"From: \nTo: \nReply-To: \nSubject: \nDate: Mon, Tue, Wed, Thu, Fri, 20 +0000\nMessage-ID: <\nIn-Reply-To: <\nReferences: <\n"
	"List-Unsubscribe:\n <mailto:?subject=unsubscribe%20\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n"
	"Content-Type: multipart/alternative;\n boundary=\"=_\nContent-Type: text/plain; charset=utf-8\n"
	"Content-Transfer-Encoding: quoted-printable\n";

/* How the body is built, and from what. */
struct layout {
	const char *text, *html; /* html NULL: none */
	size_t text_len, html_len;
	bool mixed;
	char mixed_boundary[20], alternative_boundary[20];
};

/*
 * "=_" stands in no line of quoted-printable or base64, and everything within is one of the two: the
 * boundary cannot occur in the content (RFC 2045 6.7).
 */
static void make_boundary(char ret[20], char kind, const char *message_id)
{
	uint64_t hash = hash_bytes(message_id, strlen(message_id));

	memcpy(ret, "=_", 2);
	ret[2] = kind;
	for (int i = 0; i < 16; i++)
		ret[3 + i] = "0123456789abcdef"[hash >> (60 - 4 * i) & 15];
	ret[19] = '\0';
}

/* derived keeps the text that is made from the HTML as long as the layout lives. */
static int plan(struct layout *l, const struct mime_message *m, struct buf *derived, struct err *err)
{
	*l = (struct layout){ .text = m->text ? m->text : "", .mixed = m->n_attachments > 0 };
	l->text_len = strlen(l->text);
	if (m->html && m->html[0]) {
		l->html = m->html;
		l->html_len = strlen(m->html);
	} else if (!m->text) {
		return err_set(err, ERR_INVALID, "neither text nor HTML");
	}
	if (!utf8_valid(l->text, l->text_len) || !utf8_valid(l->html ? l->html : "", l->html_len))
		return err_set(err, ERR_INVALID, "the body is not UTF-8");
	if (l->html && l->text_len == 0) {
		html_text(derived, l->html, l->html_len);
		l->text = derived->s;
		l->text_len = derived->len;
	}
	return 0;
}

static int add_headers(struct buf *out, const struct mime_message *m, struct err *err)
{
	const char *const *in_reply_to = m->in_reply_to ? &m->in_reply_to : NULL;

	if (header_mailbox(out, "From", &m->from, err) < 0 || header_mailbox(out, "To", &m->to, err) < 0)
		return -1;
	if (m->reply_to.address && header_mailbox(out, "Reply-To", &m->reply_to, err) < 0)
		return -1;
	if (header_text(out, "Subject", m->subject ? m->subject : "", err) < 0 ||
	    header_date(out, m->date, m->zone_offset_minutes, err) < 0 ||
	    header_message_id(out, m->message_id, err) < 0 ||
	    header_references(out, "In-Reply-To", in_reply_to, m->in_reply_to ? 1 : 0, err) < 0 ||
	    header_references(out, "References", m->references, m->n_references, err) < 0 ||
	    header_unsubscribe(out, m, err) < 0)
		return -1;
	if (m->auto_generated)
		buf_adds(out, "Auto-Submitted: auto-generated\r\n");
	if (m->suppress_auto_responses)
		buf_adds(out, "X-Auto-Response-Suppress: OOF, AutoReply\r\n");
	buf_adds(out, "MIME-Version: 1.0\r\n");
	return 0;
}

static void add_multipart_type(struct buf *out, const char *subtype, const char *boundary)
{
	buf_adds(out, "Content-Type: multipart/");
	buf_adds(out, subtype);
	buf_adds(out, ";\r\n boundary=\"");
	buf_adds(out, boundary);
	buf_adds(out, "\"\r\n");
}

static void add_text_type(struct buf *out, const char *subtype, bool base64)
{
	buf_adds(out, "Content-Type: text/");
	buf_adds(out, subtype);
	buf_adds(out, "; charset=utf-8\r\nContent-Transfer-Encoding: ");
	buf_adds(out, base64 ? "base64\r\n" : "quoted-printable\r\n");
}

static void add_text(struct buf *out, const char *s, size_t len, bool base64)
{
	if (base64)
		body_add_base64_text(out, s, len);
	else
		body_add_quoted_printable(out, s, len);
}

static void add_text_part(struct buf *out, const char *subtype, const char *s, size_t len)
{
	bool base64 = body_wants_base64(s, len);

	add_text_type(out, subtype, base64);
	buf_add(out, "\r\n", 2);
	add_text(out, s, len, base64);
}

static void add_delimiter(struct buf *out, const char *boundary, bool last)
{
	buf_add(out, "\r\n--", 4);
	buf_adds(out, boundary);
	buf_adds(out, last ? "--" : "\r\n");
}

static void add_alternatives(struct buf *out, const struct layout *l)
{
	add_delimiter(out, l->alternative_boundary, false);
	add_text_part(out, "plain", l->text, l->text_len);
	add_delimiter(out, l->alternative_boundary, false);
	add_text_part(out, "html", l->html, l->html_len);
	add_delimiter(out, l->alternative_boundary, true);
}

/* The type of the whole, which is the last of the headers. */
static void add_top_type(struct buf *out, const struct layout *l)
{
	if (l->mixed)
		add_multipart_type(out, "mixed", l->mixed_boundary);
	else if (l->html)
		add_multipart_type(out, "alternative", l->alternative_boundary);
	else
		add_text_type(out, "plain", body_wants_base64(l->text, l->text_len));
}

static int add_mixed(struct buf *out, const struct layout *l, const struct mime_message *m, struct err *err)
{
	add_delimiter(out, l->mixed_boundary, false);
	if (l->html) {
		add_multipart_type(out, "alternative", l->alternative_boundary);
		add_alternatives(out, l);
	} else {
		add_text_part(out, "plain", l->text, l->text_len);
	}
	for (size_t i = 0; i < m->n_attachments; i++) {
		add_delimiter(out, l->mixed_boundary, false);
		if (header_attachment(out, &m->attachments[i], err) < 0)
			return -1;
		buf_add(out, "\r\n", 2);
		body_add_base64(out, m->attachments[i].data, m->attachments[i].len);
	}
	add_delimiter(out, l->mixed_boundary, true);
	return 0;
}

static int add_body(struct buf *out, const struct layout *l, const struct mime_message *m, struct err *err)
{
	if (l->mixed) {
		if (add_mixed(out, l, m, err) < 0)
			return -1;
	} else if (l->html) {
		add_alternatives(out, l);
	} else {
		buf_add(out, "\r\n", 2);
		add_text(out, l->text, l->text_len, body_wants_base64(l->text, l->text_len));
	}
	if (out->len < 2 || memcmp(out->s + out->len - 2, "\r\n", 2) != 0)
		buf_add(out, "\r\n", 2);
	return 0;
}

/* The header block as it was kept: lines with LF. */
static void add_kept_headers(struct buf *out, const char *headers)
{
	const char *lf;

	for (const char *line = headers; (lf = strchr(line, '\n')) != NULL; line = lf + 1) {
		buf_add(out, line, (size_t)(lf - line));
		buf_add(out, "\r\n", 2);
	}
}

/* headers: those that were kept; NULL: they are made. */
static int add_message(struct buf *out, const struct mime_message *m, const char *headers, struct err *err)
{
	BUF_AUTO derived = BUF_INIT(out->limit);
	struct layout l;

	if (plan(&l, m, &derived, err) < 0 || (!headers && add_headers(out, m, err) < 0))
		return -1;
	make_boundary(l.mixed_boundary, 'm', m->message_id);
	make_boundary(l.alternative_boundary, 'a', m->message_id);
	if (headers)
		add_kept_headers(out, headers);
	else
		add_top_type(out, &l);
	if (add_body(out, &l, m, err) < 0)
		return -1;
	return out->over ? err_set(err, ERR_INVALID, "the message is larger than %zu bytes", out->limit) : 0;
}

/* About what it takes: quoted-printable of plain text, and the headers. More is found as it comes. */
static size_t usual_size(const struct mime_message *m)
{
	size_t text = m->text ? strlen(m->text) : 0, html = m->html ? strlen(m->html) : 0;

	return 2048 + text + text / 8 + html + html / 8;
}

static int add_whole(struct buf *out, const struct mime_message *m, const char *headers, struct err *err)
{
	size_t start = out->len;

	buf_reserve(out, usual_size(m));
	if (add_message(out, m, headers, err) < 0) {
		buf_truncate(out, start);
		out->over = false;
		return -1;
	}
	return 0;
}

int mime_compose(const struct mime_message *m, struct buf *out, struct err *err)
{
	return add_whole(out, m, NULL, err);
}

int mime_compose_again(const struct mime_message *m, const char *headers, struct buf *out, struct err *err)
{
	return add_whole(out, m, headers, err);
}

void mime_headers(const char *mail, size_t len, struct buf *out)
{
	for (size_t i = 0, n; i < len; i += n + 2) {
		const char *cr = memchr(mail + i, '\r', len - i);

		n = cr ? (size_t)(cr - mail) - i : 0;
		if (n == 0)
			return;
		buf_add(out, mail + i, n);
		buf_addc(out, '\n');
	}
}
