#include "format/mime_private.h"

#include "base/buf.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

enum { QP_COLUMNS = 75, BASE64_BYTES = 57 };

static const char hex_digits[] = "0123456789ABCDEF";

#define EACH_BYTE(b) (UINT64_C(0x0101010101010101) * (b))

/* The high bit of each byte that is zero; exact for the lowest one, and zero only when there is none. */
static uint64_t zero_bytes(uint64_t word)
{
	return (word - EACH_BYTE(1)) & ~word & EACH_BYTE(0x80);
}

static size_t count_8bit(const char *s, size_t len)
{
	size_t n = 0, i = 0;
	uint64_t word;

	for (; i + sizeof word <= len; i += sizeof word) {
		memcpy(&word, s + i, sizeof word);
		word = word >> 7 & EACH_BYTE(1);
		n += (size_t)(word * EACH_BYTE(1) >> 56);
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

/* The high bit of each byte that does not stand for itself, exact for the lowest one; 0 when all do. */
static uint64_t odd_bytes(uint64_t word)
{
	uint64_t below_blank = (word - EACH_BYTE(' ')) & ~word;

	return ((word | below_blank) & EACH_BYTE(0x80)) | zero_bytes(word ^ EACH_BYTE('=')) |
	       zero_bytes(word ^ EACH_BYTE(0x7f));
}

/*
 * Copies what stands for itself within a line, printable ASCII but "=", up to len bytes; returns how many.
 * `to` has room for a word more: whole words are copied and looked at afterwards.
 */
static size_t copy_literal(char *to, const char *s, size_t len)
{
	size_t n = 0;
	uint64_t word, odd;

	for (; n + sizeof word <= len; n += sizeof word) {
		memcpy(&word, s + n, sizeof word);
		memcpy(to + n, &word, sizeof word);
		odd = odd_bytes(le64toh(word));
		if (odd)
			return n + (size_t)__builtin_ctzll(odd) / 8;
	}
	for (; n < len && s[n] >= ' ' && s[n] <= '~' && s[n] != '='; n++)
		to[n] = s[n];
	return n;
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

static size_t put_escaped(char *to, char c)
{
	to[0] = '=';
	to[1] = hex_digits[(unsigned char)c >> 4];
	to[2] = hex_digits[c & 15];
	return 3;
}

/* One line of text without its end, in as many lines as it takes. */
static void add_qp_line(struct buf *out, const char *s, size_t len)
{
	size_t plain = ends_in_blank(s, len) ? len - 1 : len;
	char line[QP_COLUMNS + sizeof(uint64_t)];
	size_t column = 0;

	for (size_t i = 0, n; i < len; i += n) {
		size_t room = QP_COLUMNS - column, left = plain - i;

		n = 0;
		if (s[i] >= ' ' && (column > 0 || !bad_at_line_start(s + i, len - i)))
			n = copy_literal(line + column, s + i, left < room ? left : room);
		if (n > 0) {
			column += n;
		} else if (room > 0 && s[i] == '\t' && i < plain) {
			line[column++] = '\t';
			n = 1;
		} else if (room >= 3) {
			column += put_escaped(line + column, s[i]);
			n = 1;
		} else {
			memcpy(line + column, "=\r\n", 3);
			buf_add(out, line, column + 3);
			column = 0;
		}
	}
	buf_add(out, line, column);
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
