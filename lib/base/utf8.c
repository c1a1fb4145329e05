#include "base/utf8.h"

#include "base/buf.h"

#include <string.h>
#include <wchar.h>

size_t utf8_decode(const char *s, size_t len, uint32_t *ret)
{
	static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)s;
	size_t n;
	uint32_t c;

	if (len == 0)
		return 0;
	if (p[0] < 0x80) {
		*ret = p[0];
		return 1;
	}
	if (p[0] >= 0xc2 && p[0] < 0xe0)
		n = 2, c = p[0] & 0x1fu;
	else if (p[0] >= 0xe0 && p[0] < 0xf0)
		n = 3, c = p[0] & 0x0fu;
	else if (p[0] >= 0xf0 && p[0] < 0xf5)
		n = 4, c = p[0] & 0x07u;
	else
		return 0;
	if (len < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < lowest[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	*ret = c;
	return n;
}

void utf8_append(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_addc(b, (char)c);
	} else if (c < 0x800) {
		buf_addc(b, (char)(0xc0 | c >> 6));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_addc(b, (char)(0xe0 | c >> 12));
		buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_addc(b, (char)(0xf0 | c >> 18));
		buf_addc(b, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	}
}

/* How many bytes are ASCII for certain: whole words from the front. Most texts are ASCII for the most part. */
static size_t ascii_words(const char *s, size_t len)
{
	size_t n = 0;
	uint64_t word;

	for (; n + sizeof word <= len; n += sizeof word) {
		memcpy(&word, s + n, sizeof word);
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	return n;
}

/* Eight bytes at a time: every mail passes here twice. */
bool utf8_is_ascii(const char *s, size_t len)
{
	uint64_t all = 0, eight;
	size_t i = 0;

	for (; i + sizeof eight <= len; i += sizeof eight) {
		memcpy(&eight, s + i, sizeof eight);
		all |= eight;
	}
	for (; i < len; i++)
		all |= (unsigned char)s[i];
	return (all & UINT64_C(0x8080808080808080)) == 0;
}

bool utf8_valid(const char *s, size_t len)
{
	uint32_t c;

	for (size_t i = 0, n; i < len; i += n) {
		if ((unsigned char)s[i] < 0x80) {
			n = ascii_words(s + i, len - i);
			n += n == 0;
			continue;
		}
		n = utf8_decode(s + i, len - i, &c);
		if (n == 0)
			return false;
	}
	return true;
}

size_t utf8_length(const char *s, size_t len)
{
	size_t count = 0;
	uint32_t c;

	for (size_t i = 0, n; i < len; i += n, count++) {
		n = utf8_decode(s + i, len - i, &c);
		if (n == 0)
			n = 1;
	}
	return count;
}

size_t utf8_columns(const char *s, size_t len)
{
	size_t columns = 0;
	uint32_t c;

	for (size_t i = 0, n; i < len; i += n) {
		int w;

		n = utf8_decode(s + i, len - i, &c);
		if (n == 0) {
			n = 1;
			columns++;
			continue;
		}
		w = c < 0x80 ? 1 : wcwidth((wchar_t)c);
		columns += w < 0 ? 1 : (size_t)w;
	}
	return columns;
}

bool utf8_is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || (c >= 0x200e && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
	       (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

void utf8_safe(struct buf *b, const char *s, size_t len, bool keep_newline)
{
	uint32_t c;

	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_decode(s + i, len - i, &c);
		if (n == 0) {
			buf_addf(b, "\\x%02x", (unsigned char)s[i]);
			n = 1;
		} else if (keep_newline && (c == '\n' || c == '\t')) {
			buf_addc(b, (char)c);
		} else if (utf8_is_control(c)) {
			buf_addf(b, c < 0x100 ? "\\x%02x" : "\\u{%04x}", (unsigned)c);
		} else {
			buf_add(b, s + i, n);
		}
	}
}
