#include "transport/imap_name.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <string.h>

enum { NAME_MAX_BYTES = 1024 };

static bool is_ascii(unsigned char c)
{
	return c >= ' ' && c <= '~';
}

bool imap_quoted(struct buf *out, const char *text)
{
	buf_addc(out, '"');
	for (; *text; text++) {
		if (!is_ascii((unsigned char)*text))
			return false;
		if (*text == '"' || *text == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *text);
	}
	buf_addc(out, '"');
	return true;
}

/* Bits that wait to become a character of six bits. */
struct bits {
	uint32_t v;
	int n;
};

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static void put(struct buf *b, struct bits *w, uint32_t unit)
{
	w->v = w->v << 16 | unit;
	for (w->n += 16; w->n >= 6; w->n -= 6)
		buf_addc(b, digits[w->v >> (w->n - 6) & 63]);
}

/* What is left, filled up with zeros. */
static void put_rest(struct buf *b, const struct bits *w)
{
	if (w->n > 0)
		buf_addc(b, digits[w->v << (6 - w->n) & 63]);
}

/* Characters beyond ASCII from *s on, in UTF-16 by base64 between "&" and "-". */
static bool add_shifted(struct buf *b, const char **s)
{
	struct bits w = { 0, 0 };

	buf_addc(b, '&');
	while ((unsigned char)**s >= 0x80) {
		uint32_t c;
		size_t n = utf8_decode(*s, strlen(*s), &c);

		if (n == 0 || utf8_is_control(c))
			return false;
		if (c >= 0x10000) {
			put(b, &w, 0xd800 + ((c - 0x10000) >> 10));
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		put(b, &w, c);
		*s += n;
	}
	put_rest(b, &w);
	buf_addc(b, '-');
	return true;
}

bool imap_name(struct buf *out, const char *folder)
{
	BUF_AUTO name = BUF_INIT(NAME_MAX_BYTES);
	const char *s = folder;

	while (*s && is_ascii((unsigned char)*s))
		s++;
	if (!*s)
		return imap_quoted(out, folder);
	for (s = folder; *s;) {
		if ((unsigned char)*s >= 0x80) {
			if (!add_shifted(&name, &s))
				return false;
			continue;
		}
		if (*s == '&')
			buf_adds(&name, "&-");
		else
			buf_addc(&name, *s);
		s++;
	}
	return !name.over && imap_quoted(out, name.s);
}
