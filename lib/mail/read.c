#include "mail/mail.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "format/html_text.h"

#include <gmime/gmime.h>
#include <string.h>
#include <strings.h>

/* What a character that cannot be read becomes. */
#define REPLACEMENT "\xef\xbf\xbd"

enum { DISGUISE_MAX = 300 };

const char *mail_header_next(const struct mail_headers *h, const char *name, size_t *at)
{
	while (*at < h->n) {
		const struct mail_header *header = &h->v[(*at)++];

		if (strcasecmp(header->name, name) == 0)
			return header->value;
	}
	return NULL;
}

const char *mail_header(const struct mail_headers *h, const char *name)
{
	size_t at = 0;

	return mail_header_next(h, name, &at);
}

/* Appends s with everything that is no UTF-8 replaced, NUL as a blank and no CR. */
static void add_clean(struct buf *b, const char *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint32_t c;
		size_t plain = 0, n;

		while (i + plain < len && (unsigned char)s[i + plain] < 0x80 && s[i + plain] != '\r' && s[i + plain] != '\0')
			plain++;
		buf_add(b, s + i, plain);
		i += plain;
		if (i == len)
			break;
		n = utf8_decode(s + i, len - i, &c);
		if (s[i] == '\0')
			buf_addc(b, ' ');
		else if (n == 0)
			buf_adds(b, REPLACEMENT);
		else if (s[i] != '\r')
			buf_add(b, s + i, n);
		i += n ? n : 1;
	}
}

static char *clean(struct arena *a, const char *s, size_t len)
{
	BUF_AUTO b = BUF_INIT(SIZE_MAX / 2);

	add_clean(&b, s, len);
	return arena_strndup(a, b.s, b.len);
}

static bool is_plain(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] >= 0x80)
			return false;
	return true;
}

/* Folded lines become one; words of RFC 2047 are decoded. */
static char *header_value(struct arena *a, const char *s, size_t len)
{
	char *flat, *decoded, *value;
	size_t n = 0;

	while (len > 0 && strchr(" \t\r\n", *s))
		s++, len--;
	while (len > 0 && strchr(" \t\r\n", s[len - 1]))
		len--;
	if (len > MAIL_HEADER_VALUE_MAX - 1)
		len = MAIL_HEADER_VALUE_MAX - 1;
	flat = arena_alloc(a, len + 1);
	for (size_t i = 0; i < len; i++)
		if (s[i] != '\r' && s[i] != '\n')
			flat[n++] = s[i] == '\0' || s[i] == '\t' ? ' ' : s[i];
	if (!strstr(flat, "=?"))
		return is_plain(flat, n) ? flat : clean(a, flat, n);
	decoded = g_mime_utils_header_decode_text(NULL, flat);
	value = clean(a, decoded, strlen(decoded));
	g_free(decoded);
	return value;
}

static void add_header(struct arena *a, struct mail_headers *h, const char *name, size_t n_name, const char *value, size_t len)
{
	if (h->n == MAIL_HEADERS_MAX)
		return;
	ARENA_GROW(a, &h->v, &h->cap, h->n);
	h->v[h->n].name = clean(a, name, n_name);
	h->v[h->n++].value = header_value(a, value, len);
}

/* The length of a header field's name with which a line begins, or 0. */
static size_t name_length(const char *line, size_t len)
{
	size_t n = 0;

	while (n < len && n < 80 && line[n] > ' ' && line[n] < 0x7f && line[n] != ':')
		n++;
	return n < len && n > 0 && line[n] == ':' ? n : 0;
}

/* The length of a line without its LF. */
static size_t line_length(const char *at, const char *end)
{
	const char *lf = memchr(at, '\n', (size_t)(end - at));

	return (size_t)((lf ? lf : end) - at);
}

size_t mail_headers_parse(struct arena *a, const char *text, struct mail_headers *ret)
{
	const char *end = text + strlen(text), *at = text;

	while (at < end) {
		const char *field = at;
		size_t len = line_length(at, end), n = name_length(at, len);

		at += len + (at + len < end);
		if (len == 0 || (len == 1 && *field == '\r'))
			break;
		while (at < end && (*at == ' ' || *at == '\t')) {
			len = line_length(at, end);
			at += len + (at + len < end);
		}
		if (n > 0)
			add_header(a, ret, field, n, field + n + 1, (size_t)(at - field) - n - 1);
	}
	return (size_t)(at - text);
}

static void take_headers(struct arena *a, GMimeObject *object, struct mail_headers *ret)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	int n = g_mime_header_list_get_count(list);

	for (int i = 0; i < n && i < MAIL_HEADERS_MAX; i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
		const char *name = g_mime_header_get_name(header), *value = g_mime_header_get_raw_value(header);

		if (name && value)
			add_header(a, ret, name, strlen(name), value, strlen(value));
	}
}

/* Appends in UTF-8 what is in another charset; what cannot be read is replaced byte by byte. */
static void add_converted(struct buf *b, const char *charset, const char *s, size_t len)
{
	iconv_t cd = g_mime_iconv_open("UTF-8", charset);
	char *in = (char *)(uintptr_t)s, piece[4096];

	if (cd == (iconv_t)-1) {
		add_clean(b, s, len);
		return;
	}
	while (len > 0) {
		char *out = piece;
		size_t room = sizeof piece, before = len;
		size_t got = g_mime_iconv(cd, &in, &len, &out, &room);

		add_clean(b, piece, (size_t)(out - piece));
		if (got == (size_t)-1 && room > 64 && len == before && len > 0) {
			buf_adds(b, REPLACEMENT);
			in++;
			len--;
		}
	}
	g_mime_iconv_close(cd);
}

static const char *charset_of(GMimeObject *object)
{
	const char *charset = g_mime_object_get_content_type_parameter(object, "charset");

	if (!charset || !*charset || strcasecmp(charset, "us-ascii") == 0)
		return "utf-8";
	return charset;
}

static char *part_text(struct arena *a, GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *stream;
	GByteArray *bytes;
	BUF_AUTO text = BUF_INIT(4 * MAIL_BYTES_MAX);
	const char *charset = charset_of(GMIME_OBJECT(part)), *s;

	if (!content)
		return arena_strdup(a, "");
	stream = g_mime_stream_mem_new();
	g_mime_data_wrapper_write_to_stream(content, stream);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	s = (const char *)bytes->data;
	if (bytes->len > 0 && strcasecmp(charset, "utf-8") == 0 && !utf8_valid(s, bytes->len))
		charset = "windows-1252";
	if (bytes->len > 0 && strcasecmp(charset, "utf-8") == 0)
		add_clean(&text, s, bytes->len);
	else if (bytes->len > 0)
		add_converted(&text, charset, s, bytes->len);
	g_object_unref(stream);
	return arena_strndup(a, text.s, text.len);
}

static enum mail_part_kind kind_of(GMimeContentType *type)
{
	if (g_mime_content_type_is_type(type, "text", "html"))
		return MAIL_PART_HTML;
	if (g_mime_content_type_is_type(type, "text", "*"))
		return MAIL_PART_TEXT;
	if (g_mime_content_type_is_type(type, "message", "delivery-status") ||
	    g_mime_content_type_is_type(type, "message", "global-delivery-status"))
		return MAIL_PART_STATUS;
	if (g_mime_content_type_is_type(type, "message", "feedback-report"))
		return MAIL_PART_FEEDBACK;
	if (g_mime_content_type_is_type(type, "message", "disposition-notification") ||
	    g_mime_content_type_is_type(type, "message", "global-disposition-notification"))
		return MAIL_PART_RECEIPT;
	return MAIL_PART_OTHER;
}

static bool is_original_headers(GMimeContentType *type)
{
	return g_mime_content_type_is_type(type, "text", "rfc822-headers") ||
	       g_mime_content_type_is_type(type, "text", "rfc822-header") ||
	       g_mime_content_type_is_type(type, "message", "global-headers") ||
	       g_mime_content_type_is_type(type, "message", "rfc822-headers") ||
	       g_mime_content_type_is_type(type, "message", "global") || g_mime_content_type_is_type(type, "message", "rfc822");
}

static void take_part(struct mail *m, GMimePart *part)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));
	const char *disposition = g_mime_object_get_disposition(GMIME_OBJECT(part));
	struct mail_part p = { .kind = kind_of(type), .text = "" };

	if (is_original_headers(type)) {
		if (m->original.n == 0)
			mail_headers_parse(m->arena, part_text(m->arena, part), &m->original);
		return;
	}
	p.attached = disposition && strcasecmp(disposition, "attachment") == 0;
	if (p.kind != MAIL_PART_OTHER)
		p.text = part_text(m->arena, part);
	ARENA_GROW(m->arena, &m->parts, &m->cap_parts, m->n_parts);
	m->parts[m->n_parts++] = p;
}

static void take_object(struct mail *m, GMimeObject *object, int depth);

/* A report, or a mail of MAILER-DAEMON: then what it says is wanted, too (classify.c). */
static bool may_be_notice(GMimeMessage *message)
{
	GMimeObject *part = g_mime_message_get_mime_part(message);
	const char *from = g_mime_object_get_header(GMIME_OBJECT(message), "From");

	return part && ((from && (strcasestr(from, "mailer-daemon") || strcasestr(from, "postmaster"))) ||
	                g_mime_content_type_is_type(g_mime_object_get_content_type(part), "multipart", "report"));
}

static void take_message(struct mail *m, GMimeMessage *message, int depth)
{
	take_headers(m->arena, GMIME_OBJECT(message), &m->original);
	if (!may_be_notice(message))
		return;
	m->enclosed = ARENA_NEW(m->arena, struct mail);
	*m->enclosed = (struct mail){ .arena = m->arena, .headers = m->original };
	take_object(m->enclosed, g_mime_message_get_mime_part(message), depth + 1);
}

static void take_object(struct mail *m, GMimeObject *object, int depth)
{
	if (depth > MAIL_DEPTH_MAX || m->n_parts >= MAIL_PARTS_MAX) {
		m->cut = true;
	} else if (GMIME_IS_MULTIPART(object)) {
		int n = g_mime_multipart_get_count(GMIME_MULTIPART(object));

		for (int i = 0; i < n && m->n_parts < MAIL_PARTS_MAX; i++)
			take_object(m, g_mime_multipart_get_part(GMIME_MULTIPART(object), i), depth + 1);
	} else if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));

		if (inner && m->original.n == 0)
			take_message(m, inner, depth);
	} else if (GMIME_IS_PART(object)) {
		take_part(m, GMIME_PART(object));
	}
}

/* How much of the mail is given to GMime (mail.h, limits). */
static size_t bounded(const char *bytes, size_t len)
{
	size_t boundaries = 0, headers = 0;
	const char *end = bytes + (len < MAIL_BYTES_MAX ? len : MAIL_BYTES_MAX), *at = bytes;

	while (at < end) {
		size_t n = line_length(at, end);

		boundaries += n >= 2 && at[0] == '-' && at[1] == '-';
		headers += name_length(at, n) > 0;
		if (boundaries > MAIL_BOUNDARIES_MAX || headers > MAIL_HEADER_LINES_MAX)
			break;
		at += n + 1;
	}
	return (size_t)((at < end ? at : end) - bytes);
}

static const char *body_of(const char *bytes, size_t len)
{
	const char *lf = memmem(bytes, len, "\n\n", 2), *crlf = memmem(bytes, len, "\r\n\r\n", 4);

	if (crlf && (!lf || crlf < lf))
		return crlf + 4;
	return lf ? lf + 2 : NULL;
}

/* The first line of a body that looks like a boundary: two hyphens, and a header of MIME below. */
static const char *find_boundary(const char *body, const char *end, size_t *ret_len)
{
	for (const char *at = body; at < end;) {
		size_t n = line_length(at, end);
		const char *below = at + n + 1;

		if (n > 4 && n < 200 && memcmp(at, "--", 2) == 0 && below + 8 < end && strncasecmp(below, "Content-", 8) == 0) {
			*ret_len = at[n - 1] == '\r' ? n - 1 : n;
			return at;
		}
		at = below;
	}
	return NULL;
}

/* Returns whether the mail is one part. */
static bool parse(struct mail *m, const char *bytes, size_t len, bool headers)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	bool single = false;

	if (message) {
		GMimeObject *part = g_mime_message_get_mime_part(message);

		if (headers)
			take_headers(m->arena, GMIME_OBJECT(message), &m->headers);
		if (part)
			take_object(m, part, 0);
		single = GMIME_IS_PART(part);
		g_object_unref(message);
	}
	g_object_unref(parser);
	g_object_unref(stream);
	return single;
}

/*
 * A multipart without any part: its boundary is not the one that the header says. Then what looks like one is taken for
 * it, else the body itself is the text.
 */
static void take_body(struct mail *m, const char *bytes, size_t len)
{
	const char *body = body_of(bytes, len), *boundary;
	BUF_AUTO again = BUF_INIT(2 * MAIL_BYTES_MAX);
	struct mail_part p = { .kind = MAIL_PART_TEXT };
	size_t n;

	if (!body)
		return;
	boundary = find_boundary(body, bytes + len, &n);
	if (boundary) {
		buf_addf(&again, "Content-Type: multipart/mixed; boundary=\"%.*s\"\n\n", (int)(n - 2), boundary + 2);
		buf_add(&again, body, len - (size_t)(body - bytes));
		(void)parse(m, again.s, again.len, false);
	}
	if (m->n_parts > 0 || m->original.n > 0)
		return;
	p.text = clean(m->arena, body, len - (size_t)(body - bytes));
	ARENA_GROW(m->arena, &m->parts, &m->cap_parts, m->n_parts);
	m->parts[m->n_parts++] = p;
}

/*
 * A multipart whose header says that it is a text: what gateways make of a report. A boundary must stand in front then,
 * behind one line for old clients at most.
 */
static bool is_disguised(const struct mail *m, const char *bytes, size_t len)
{
	const char *body = m->n_parts == 1 && m->parts[0].kind == MAIL_PART_TEXT ? body_of(bytes, len) : NULL;
	size_t preamble = body ? len - (size_t)(body - bytes) : 0, n;

	return body && find_boundary(body, body + (preamble < DISGUISE_MAX ? preamble : DISGUISE_MAX), &n);
}

void mail_parse(struct arena *a, const char *bytes, size_t len, struct mail *ret)
{
	size_t n;

	g_mime_init();
	*ret = (struct mail){ .arena = a };
	if (len >= 5 && memcmp(bytes, "From ", 5) == 0) {
		n = line_length(bytes, bytes + len) + 1;
		bytes += n < len ? n : len;
		len -= n < len ? n : len;
	}
	n = bounded(bytes, len);
	ret->cut = n < len;
	if (parse(ret, bytes, n, true) && is_disguised(ret, bytes, n))
		ret->n_parts = 0;
	if (ret->n_parts == 0 && ret->original.n == 0)
		take_body(ret, bytes, n);
}

const char *mail_html(const struct mail *m)
{
	for (size_t i = 0; i < m->n_parts; i++)
		if (m->parts[i].kind == MAIL_PART_HTML && !m->parts[i].attached)
			return m->parts[i].text;
	return NULL;
}

const char *mail_text(const struct mail *m)
{
	BUF_AUTO text = BUF_INIT(4 * MAIL_BYTES_MAX);
	const char *html = mail_html(m);

	for (size_t i = 0; i < m->n_parts; i++)
		if (m->parts[i].kind == MAIL_PART_TEXT && !m->parts[i].attached) {
			buf_adds(&text, m->parts[i].text);
			buf_addc(&text, '\n');
		}
	if (text.s[strspn(text.s, " \t\n")] == '\0' && html) {
		buf_clear(&text);
		html_text(&text, html, strlen(html));
	}
	return arena_strndup(m->arena, text.s, text.len);
}
