#include "format/mime.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <string.h>
#include <strings.h>

#define WORD_MAX 1024 /* RFC 2047 allows 75; others write longer ones */

/* "=?utf-8?Q?text?=" */
struct word {
	char encoding; /* 'b' or 'q' */
	const char *text;
	size_t len;
	const char *end; /* behind it */
};

static bool scan_word(const char *s, struct word *ret)
{
	static const char start[] = "=?utf-8?";
	const char *end;

	if (strncasecmp(s, start, sizeof start - 1) != 0)
		return false;
	s += sizeof start - 1;
	if (!*s || !strchr("bBqQ", *s) || s[1] != '?')
		return false;
	ret->encoding = *s == 'b' || *s == 'B' ? 'b' : 'q';
	ret->text = s + 2;
	end = strstr(ret->text, "?=");
	if (!end || memchr(ret->text, ' ', (size_t)(end - ret->text)) || memchr(ret->text, '\n', (size_t)(end - ret->text)))
		return false;
	ret->len = (size_t)(end - ret->text);
	ret->end = end + 2;
	return ret->len < WORD_MAX;
}

static int hex(char c)
{
	static const char digits[] = "0123456789ABCDEF0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) % 16 : -1;
}

static void decode_q(const struct word *w, struct buf *out)
{
	for (size_t i = 0; i < w->len; i++) {
		int high = i + 2 < w->len && w->text[i] == '=' ? hex(w->text[i + 1]) : -1;
		int low = high >= 0 ? hex(w->text[i + 2]) : -1;

		if (low >= 0) {
			buf_addc(out, (char)(high * 16 + low));
			i += 2;
		} else {
			buf_addc(out, w->text[i] == '_' ? ' ' : w->text[i]);
		}
	}
}

static void decode_b(const struct word *w, struct buf *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0, n = 0;

	for (size_t i = 0; i < w->len; i++) {
		const char *at = strchr(digits, w->text[i]);

		if (!at)
			continue;
		bits = (bits << 6 | (unsigned)(at - digits)) & 0xffffu;
		n += 6;
		if (n >= 8) {
			n -= 8;
			buf_addc(out, (char)(bits >> n & 0xffu));
		}
	}
}

/* Words that follow each other are one text: a character may begin in one and end in the next. */
static const char *add_words(const char *at, struct word w, struct buf *out)
{
	BUF_AUTO text = BUF_INIT((size_t)1 << 16);

	size_t blanks;

	do {
		if (w.encoding == 'b')
			decode_b(&w, &text);
		else
			decode_q(&w, &text);
		at = w.end;
		blanks = strspn(at, " \t\r\n");
	} while (blanks > 0 && scan_word(at + blanks, &w));
	utf8_safe(out, text.s, text.len, false);
	return at;
}

void mime_readable(const char *headers, struct buf *out)
{
	struct word w;

	for (const char *at = headers; *at;) {
		if (*at == '=' && scan_word(at, &w))
			at = add_words(at, w, out);
		else
			buf_addc(out, *at++);
	}
}
