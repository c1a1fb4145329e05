#include "format/mime_private.h"

#include "base/buf.h"

#include <stdint.h>
#include <string.h>

enum { QP_COLUMNS = 75, BASE64_BYTES = 57 };

static const char hex_digits[] = "0123456789ABCDEF";

static size_t count_8bit(const char *s, size_t len)
{
	size_t n = 0, i = 0;
	uint64_t word;

	for (; i + sizeof word <= len; i += sizeof word) {
		memcpy(&word, s + i, sizeof word);
		word &= UINT64_C(0x8080808080808080);
		if (word)
			n += (size_t)__builtin_popcountll(word);
	}
	for (; i < len; i++)
		n += (unsigned char)s[i] >> 7;
	return n;
}

/* A byte beyond ASCII costs two more in quoted-printable; base64 costs a third more for everything. */
bool body_wants_base64(const char *s, size_t len)
{
	return count_8bit(s, len) * 6 > len;
}

/* What stands for itself within a line: printable ASCII but "=", and blanks (not at the end). */
static bool is_literal(unsigned char c)
{
	return (c >= ' ' && c <= '~' && c != '=') || c == '\t';
}

static size_t literal_run(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && is_literal((unsigned char)s[n]))
		n++;
	return n;
}

static void add_escaped(struct buf *out, unsigned char c)
{
	char text[3] = { '=', hex_digits[c >> 4], hex_digits[c & 15] };

	buf_add(out, text, sizeof text);
}

/* A dot would need stuffing in SMTP, and mbox files put ">" before From: neither may begin a line. */
static bool bad_at_line_start(const char *s, size_t len)
{
	return s[0] == '.' || (len >= 5 && memcmp(s, "From ", 5) == 0);
}

static bool ends_in_blank(const char *s, size_t len)
{
	return len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t');
}

/* One line of text without its end, in as many lines as it takes. */
static void add_qp_line(struct buf *out, const char *s, size_t len)
{
	size_t plain = ends_in_blank(s, len) ? len - 1 : len;
	size_t column = 0;

	for (size_t i = 0, n; i < len; i += n) {
		size_t room = QP_COLUMNS - column;
		size_t left = plain - i;

		n = 0;
		if (column > 0 || !bad_at_line_start(s + i, len - i))
			n = literal_run(s + i, left < room ? left : room);
		if (n > 0) {
			buf_add(out, s + i, n);
			column += n;
		} else if (room >= 3) {
			add_escaped(out, (unsigned char)s[i]);
			column += 3;
			n = 1;
		} else {
			buf_add(out, "=\r\n", 3);
			column = 0;
		}
	}
}

/* The length of the line at s, with *ret_end = that of its end: CRLF, LF, a CR alone, or none. */
static size_t line_length(const char *s, size_t len, size_t *ret_end)
{
	const char *lf = memchr(s, '\n', len);
	size_t line = lf ? (size_t)(lf - s) : len;
	const char *cr = memchr(s, '\r', line);

	if (cr)
		line = (size_t)(cr - s);
	*ret_end = line == len ? 0 : cr && cr + 1 == lf ? 2 : 1;
	return line;
}

void body_add_quoted_printable(struct buf *out, const char *s, size_t len)
{
	size_t end;

	for (size_t i = 0, n; i < len; i += n + end) {
		n = line_length(s + i, len - i, &end);
		add_qp_line(out, s + i, n);
		if (end)
			buf_add(out, "\r\n", 2);
	}
}

void base64_add(struct buf *out, const void *data, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = data;
	char line[BASE64_BYTES / 3 * 4];
	size_t n = 0;

	BUG_ON(len > BASE64_BYTES);
	for (size_t i = 0; i < len; i += 3) {
		unsigned b1 = i + 1 < len ? p[i + 1] : 0, b2 = i + 2 < len ? p[i + 2] : 0;
		unsigned v = (unsigned)p[i] << 16 | b1 << 8 | b2;

		line[n++] = digits[v >> 18];
		line[n++] = digits[v >> 12 & 63];
		line[n++] = i + 1 < len ? digits[v >> 6 & 63] : '=';
		line[n++] = i + 2 < len ? digits[v & 63] : '=';
	}
	buf_add(out, line, n);
}

void body_add_base64(struct buf *out, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i += BASE64_BYTES) {
		if (i > 0)
			buf_add(out, "\r\n", 2);
		base64_add(out, p + i, len - i < BASE64_BYTES ? len - i : BASE64_BYTES);
	}
}

void body_add_base64_text(struct buf *out, const char *s, size_t len)
{
	BUF_AUTO canonical = BUF_INIT(SIZE_MAX / 4);
	size_t end;

	for (size_t i = 0, n; i < len; i += n + end) {
		n = line_length(s + i, len - i, &end);
		buf_add(&canonical, s + i, n);
		if (end)
			buf_add(&canonical, "\r\n", 2);
	}
	body_add_base64(out, canonical.s, canonical.len);
}
