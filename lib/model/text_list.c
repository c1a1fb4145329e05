#include "model/text_list.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define ITEM_MAX ((size_t)64 * 1024)

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t\r\n");
}

static int hex4(const char *s, uint32_t *ret)
{
	char digits[5] = "";

	memcpy(digits, s, strnlen(s, 4));
	if (strspn(digits, "0123456789abcdefABCDEF") != 4)
		return 0;
	*ret = (uint32_t)strtoul(digits, NULL, 16);
	return 1;
}

/* The character behind \u; two of them for what is beyond U+FFFF. Returns how many bytes it took, 0: none. */
static size_t parse_unicode(const char *s, struct buf *out)
{
	uint32_t c, low;

	if (!hex4(s, &c) || c == 0 || (c >= 0xdc00 && c < 0xe000))
		return 0;
	if (c < 0xd800 || c >= 0xe000) {
		utf8_append(out, c);
		return 4;
	}
	if (s[4] != '\\' || s[5] != 'u' || !hex4(s + 6, &low) || low < 0xdc00 || low >= 0xe000)
		return 0;
	utf8_append(out, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
	return 10;
}

/* s is behind the backslash; returns how many bytes the escape took, 0: it is none. */
static size_t parse_escape(const char *s, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *found = *s ? strchr(from, *s) : NULL;
	size_t n;

	if (found) {
		buf_addc(out, to[found - from]);
		return 1;
	}
	if (*s != 'u')
		return 0;
	n = parse_unicode(s + 1, out);
	return n ? n + 1 : 0;
}

/* s is behind the opening quote; returns what is behind the closing one, or NULL. */
static const char *parse_item(const char *s, struct buf *out)
{
	while (*s && *s != '"') {
		if ((unsigned char)*s < 0x20)
			return NULL;
		if (*s == '\\') {
			size_t n = parse_escape(s + 1, out);

			if (n == 0)
				return NULL;
			s += n + 1;
		} else {
			buf_addc(out, *s++);
		}
	}
	return *s == '"' ? s + 1 : NULL;
}

static void add_item(struct arena *a, struct names *list, size_t *cap, const char *s, size_t len)
{
	ARENA_GROW(a, &list->v, cap, list->n);
	list->v[list->n++] = arena_strndup(a, s, len);
}

int text_list_parse(const char *json, struct arena *a, struct names *ret)
{
	BUF_AUTO item = BUF_INIT(ITEM_MAX);
	struct names list = { 0 };
	size_t cap = 0;
	const char *s = skip_blanks(json);

	if (*s != '[')
		return 0;
	s = skip_blanks(s + 1);
	while (*s != ']' || list.n > 0) {
		if (*s != '"')
			return 0;
		buf_clear(&item);
		s = parse_item(s + 1, &item);
		if (!s || item.over)
			return 0;
		add_item(a, &list, &cap, item.s, item.len);
		s = skip_blanks(s);
		if (*s == ']')
			break;
		if (*s != ',')
			return 0;
		s = skip_blanks(s + 1);
	}
	if (*skip_blanks(s + 1))
		return 0;
	*ret = list;
	return 1;
}

void text_list_split(const char *text, struct arena *a, struct names *ret)
{
	struct names list = { 0 };
	size_t cap = 0;

	for (const char *s = text; *s;) {
		size_t len, n = strcspn(s, ",");
		const char *from = skip_blanks(s);

		len = from < s + n ? (size_t)(s + n - from) : 0;
		while (len > 0 && strchr(" \t\r\n", from[len - 1]))
			len--;
		if (len > 0)
			add_item(a, &list, &cap, from, len);
		s += n + (s[n] == ',');
	}
	*ret = list;
}

void text_list_write(const struct names *list, struct buf *out)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < list->n; i++) {
		buf_adds(out, i > 0 ? ", \"" : "\"");
		for (const char *s = list->v[i]; *s; s++) {
			if ((unsigned char)*s < 0x20) {
				buf_addf(out, "\\u%04x", (unsigned)*s);
				continue;
			}
			if (*s == '"' || *s == '\\')
				buf_addc(out, '\\');
			buf_addc(out, *s);
		}
		buf_addc(out, '"');
	}
	buf_addc(out, ']');
}
