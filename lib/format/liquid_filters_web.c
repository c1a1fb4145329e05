#include "base/utf8.h"
#include "format/liquid_filters.h"

#include <string.h>

static int escape(struct liquid_render *r, const struct value *input, bool once, struct value *ret)
{
	struct value text;

	if (liquid_text(r, input, &text) < 0)
		return -1;
	buf_clear(&r->text);
	html_escape(&r->text, text.text, text.len, once);
	if (liquid_keep_built(r, ret) < 0)
		return -1;
	ret->html = true;
	return 0;
}

FILTER(escape)
{
	return input->kind == VALUE_NIL ? 0 : escape(r, input, false, ret);
}

FILTER(h)
{
	return input->kind == VALUE_NIL ? 0 : escape(r, input, false, ret);
}

FILTER(escape_once)
{
	return escape(r, input, true, ret);
}

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
	       c == '.' || c == '~';
}

FILTER(url_encode)
{
	struct value text;

	if (input->kind == VALUE_NIL)
		return 0;
	if (liquid_text(r, input, &text) < 0)
		return -1;
	buf_clear(&r->text);
	for (size_t i = 0; i < text.len; i++)
		if (is_unreserved(text.text[i]))
			buf_addc(&r->text, text.text[i]);
		else if (text.text[i] == ' ')
			buf_addc(&r->text, '+');
		else
			buf_addf(&r->text, "%%%02X", (unsigned char)text.text[i]);
	return liquid_keep_built(r, ret);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

FILTER(url_decode)
{
	struct value text;
	int high, low;

	if (input->kind == VALUE_NIL)
		return 0;
	if (liquid_text(r, input, &text) < 0)
		return -1;
	buf_clear(&r->text);
	for (size_t i = 0; i < text.len; i++) {
		high = text.text[i] == '%' && i + 2 < text.len ? hex_digit(text.text[i + 1]) : -1;
		low = high >= 0 ? hex_digit(text.text[i + 2]) : -1;
		if (low >= 0)
			i += 2;
		buf_addc(&r->text, low >= 0 ? (char)(high * 16 + low) : text.text[i] == '+' ? ' ' : text.text[i]);
	}
	if (!utf8_valid(r->text.s, r->text.len))
		return liquid_fail(r, "what url_decode gives is no text");
	return liquid_keep_built(r, ret);
}

static int encode(struct liquid_render *r, const struct value *input, const char *alphabet, struct value *ret)
{
	struct value text;

	if (liquid_text(r, input, &text) < 0)
		return -1;
	buf_clear(&r->text);
	for (size_t i = 0; i < text.len; i += 3) {
		const unsigned char *p = (const unsigned char *)text.text + i;
		size_t left = text.len - i;
		unsigned bits = (unsigned)p[0] << 16 | (left > 1 ? (unsigned)p[1] << 8 : 0) | (left > 2 ? p[2] : 0u);
		char four[4] = { alphabet[bits >> 18], alphabet[bits >> 12 & 63], alphabet[bits >> 6 & 63],
			             alphabet[bits & 63] };

		if (left < 3)
			four[3] = '=';
		if (left < 2)
			four[2] = '=';
		buf_add(&r->text, four, 4);
	}
	return liquid_keep_built(r, ret);
}

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

FILTER(base64_encode)
{
	return encode(r, input, LETTERS "+/", ret);
}

FILTER(base64_url_safe_encode)
{
	return encode(r, input, LETTERS "-_", ret);
}

static int letter_bits(char c, bool url_safe)
{
	static const char letters[] = LETTERS "+/";
	const char *found;

	if (url_safe && c == '-')
		c = '+';
	if (url_safe && c == '_')
		c = '/';
	found = c ? strchr(letters, c) : NULL;
	return found ? (int)(found - letters) : -1;
}

/* Decodes len letters (no padding) into r->text. False when they are no base64. */
static bool decode_letters(struct liquid_render *r, const char *s, size_t len, bool url_safe)
{
	unsigned bits = 0;

	for (size_t i = 0; i < len; i++) {
		int six = letter_bits(s[i], url_safe);

		if (six < 0)
			return false;
		bits = bits << 6 | (unsigned)six;
		if (i % 4 > 0)
			buf_addc(&r->text, (char)(bits >> (6 - 2 * (i % 4)) & 0xff));
	}
	if (len % 4 == 2)
		return (bits & 15) == 0;
	return len % 4 != 3 || (bits & 3) == 0;
}

/* Strict: whole groups of four; the variant for URLs may leave the padding out. */
static int decode(struct liquid_render *r, const struct value *input, bool url_safe, struct value *ret)
{
	struct value text;
	size_t len, padding = 0;

	if (liquid_text(r, input, &text) < 0)
		return -1;
	while (padding < 2 && padding < text.len && text.text[text.len - 1 - padding] == '=')
		padding++;
	len = text.len - padding;
	buf_clear(&r->text);
	if (len % 4 == 1 || ((!url_safe || padding) && text.len % 4 != 0) ||
	    !decode_letters(r, text.text, len, url_safe))
		return liquid_fail(r, "this is no base64");
	if (!utf8_valid(r->text.s, r->text.len))
		return liquid_fail(r, "what this base64 holds is no text");
	return liquid_keep_built(r, ret);
}

FILTER(base64_decode)
{
	return decode(r, input, false, ret);
}

FILTER(base64_url_safe_decode)
{
	return decode(r, input, true, ret);
}

/* What strip_html drops with all that is in it. */
static const struct hidden {
	const char *open, *close;
} hidden[] = { { "<script", "</script>" }, { "<!--", "-->" }, { "<style", "</style>" } };

/* The end of the part that begins at i, or 0. missing[k]: there is no end of kind k any more. */
static size_t hidden_end(const struct value *text, size_t i, bool missing[])
{
	for (size_t k = 0; k < ARRAY_LEN(hidden); k++) {
		size_t n = strlen(hidden[k].open);
		const char *end;

		if (missing[k] || text->len - i < n || memcmp(text->text + i, hidden[k].open, n) != 0)
			continue;
		end = memmem(text->text + i + n, text->len - i - n, hidden[k].close, strlen(hidden[k].close));
		if (end)
			return (size_t)(end - text->text) + strlen(hidden[k].close);
		missing[k] = true;
	}
	return 0;
}

static void drop_hidden(struct buf *out, const struct value *text)
{
	bool missing[ARRAY_LEN(hidden)] = { false };
	size_t i = 0, plain = 0, end;
	const char *open;

	while (i < text->len && (open = memchr(text->text + i, '<', text->len - i)) != NULL) {
		i = (size_t)(open - text->text);
		end = hidden_end(text, i, missing);
		if (end) {
			buf_add(out, text->text + plain, i - plain);
			plain = end;
		}
		i = end ? end : i + 1;
	}
	buf_add(out, text->text + plain, text->len - plain);
}

/* Removes <...>; a < without > stays. */
static void drop_tags(struct buf *out, const struct value *text)
{
	size_t i = 0;

	while (i < text->len) {
		const char *open = memchr(text->text + i, '<', text->len - i), *close = NULL;
		size_t at = open ? (size_t)(open - text->text) : text->len;

		buf_add(out, text->text + i, at - i);
		if (open)
			close = memchr(open, '>', text->len - at);
		i = close ? (size_t)(close - text->text) + 1 : at;
		if (!close)
			break;
	}
	buf_add(out, text->text + i, text->len - i);
}

FILTER(strip_html)
{
	struct value text;

	if (liquid_text(r, input, &text) < 0)
		return -1;
	buf_clear(&r->text);
	drop_hidden(&r->text, &text);
	if (liquid_keep_built(r, &text) < 0)
		return -1;
	buf_clear(&r->text);
	drop_tags(&r->text, &text);
	return liquid_keep_built(r, ret);
}
