#include "mail/words.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

enum { ADDRESS_MAX = 320 };

/* Characters of an address that is not quoted: RFC 5322 atext and dots, and bytes of UTF-8. */
static bool is_address_char(unsigned char c)
{
	return c >= 0x80 || isalnum(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~.", c));
}

static bool is_domain_char(unsigned char c)
{
	return c >= 0x80 || isalnum(c) || c == '-' || c == '.' || c == '_';
}

static bool is_link(const char *s, size_t len)
{
	return (len > 7 && strncmp(s, "http://", 7) == 0) || (len > 8 && strncmp(s, "https://", 8) == 0);
}

static size_t link_length(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && (unsigned char)s[n] > ' ' && !strchr("<>\"')", s[n]))
		n++;
	return n;
}

/* A character that reads like another one in ASCII, in UTF-8; 0 when it is none. */
static char plain(const char *s, size_t len, size_t *ret_len)
{
	static const struct {
		const char *utf8;
		char ascii;
	} list[] = {
		{ "\xe2\x80\x99", '\'' }, { "\xe2\x80\x98", '\'' }, { "\xe2\x80\x9c", '"' }, { "\xe2\x80\x9d", '"' }, { "\xc2\xa0", ' ' },
	};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		*ret_len = strlen(list[i].utf8);
		if (*ret_len <= len && memcmp(s, list[i].utf8, *ret_len) == 0)
			return list[i].ascii;
	}
	return 0;
}

/* Where the local part that stands at the end of the text begins, when an "@" with a domain follows. */
static size_t without_local_part(const char *s, size_t len)
{
	size_t n = len;

	while (n > 0 && len - n < ADDRESS_MAX && is_address_char((unsigned char)s[n - 1]))
		n--;
	return n;
}

static size_t skip_domain(const char *text, size_t len, size_t i)
{
	while (i < len && is_domain_char((unsigned char)text[i]) && (unsigned char)text[i] < 0x80)
		i++;
	while (text[i - 1] == '.')
		i--;
	return i;
}

const char *words_of(struct arena *a, const char *text, size_t len)
{
	char *out = arena_alloc(a, len + 1);
	size_t n = 0, skip;

	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)text[i];
		char as;

		if (c == 'h' && is_link(text + i, len - i)) {
			i += link_length(text + i, len - i);
		} else if (c == '@' && n > 0 && is_address_char((unsigned char)out[n - 1])) {
			n = without_local_part(out, n);
			out[n++] = '@';
			i = skip_domain(text, len, i + 1);
		} else if (c >= 0x80 && (as = plain(text + i, len - i, &skip)) != 0) {
			out[n++] = as;
			i += skip;
		} else if (c <= ' ') {
			if (n > 0 && out[n - 1] != ' ')
				out[n++] = ' ';
			i++;
		} else {
			out[n++] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : (char)c;
			i++;
		}
	}
	out[n] = '\0';
	return out;
}

bool words_have_any(const char *words, const char *phrases, size_t size)
{
	for (const char *p = phrases; p < phrases + size && *p; p += strlen(p) + 1)
		if (strstr(words, p))
			return true;
	return false;
}

bool words_begin_any(const char *words, const char *phrases, size_t size)
{
	for (const char *p = phrases; p < phrases + size && *p; p += strlen(p) + 1)
		if (strncmp(words, p, strlen(p)) == 0)
			return true;
	return false;
}

static bool continues_character(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

size_t words_cut(const char *s, size_t max)
{
	size_t n = strnlen(s, max + 1);

	if (n <= max)
		return n;
	for (n = max; n > 0 && continues_character(s[n]); n--)
		;
	return n;
}

/* Where the local part of the address with this "@" begins; at itself when it has none. */
static size_t local_begin(const char *text, size_t from, size_t at)
{
	size_t n = at;

	if (n > from && text[n - 1] == '"') {
		for (n--; n > from && text[n - 1] != '"' && text[n - 1] != '\n'; n--)
			;
		return n > from && text[n - 1] == '"' ? n - 1 : at;
	}
	while (n > from && at - n < ADDRESS_MAX && is_address_char((unsigned char)text[n - 1]))
		n--;
	while (n < at && (continues_character(text[n]) || ((unsigned char)text[n] < 0x80 && strchr("'*.=|`", text[n]))))
		n++;
	return n;
}

static size_t domain_end(const char *text, size_t len, size_t at)
{
	size_t n = at + 1;

	if (n < len && text[n] == '[') {
		for (n++; n < len && n - at < 64 && (isalnum((unsigned char)text[n]) || strchr(".:-", text[n])); n++)
			;
		return n < len && text[n] == ']' ? n + 1 : at + 1;
	}
	while (n < len && n - at < ADDRESS_MAX && is_domain_char((unsigned char)text[n]))
		n++;
	while (n > at + 1 && n < len && continues_character(text[n]))
		n--;
	while (n > at + 1 && strchr(".-_", text[n - 1]))
		n--;
	return n;
}

/* Text before an "@" that makes it no mail address: a link, or the id of a message. */
static bool is_other(const char *text, size_t from, size_t begin, size_t end, size_t len)
{
	if (begin > from && strchr("/=@", text[begin - 1]))
		return true;
	if (end < len && (text[end] == '/' || text[end] == '@'))
		return true;
	return begin >= from + 7 && memcmp(text + begin - 7, "mailto:", 7) != 0 && text[begin - 1] == ':' && text[begin - 2] == 'd';
}

/* Without quotes that are there only because of dots: "anna..b"@example.com. */
static const char *unquoted(char *address)
{
	char *end = address[0] == '"' ? strchr(address + 1, '"') : NULL;

	if (!end || end[1] != '@')
		return address;
	for (const char *c = address + 1; c < end; c++)
		if (!is_address_char((unsigned char)*c))
			return address;
	memmove(address, address + 1, (size_t)(end - address - 1));
	memmove(end - 1, end + 1, strlen(end + 1) + 1);
	return address;
}

const char *words_address(struct arena *a, const char *text, size_t len, size_t *at)
{
	size_t from = *at;

	while (*at < len) {
		const char *sign = memchr(text + *at, '@', len - *at);
		size_t begin, end, here;

		if (!sign) {
			*at = len;
			return NULL;
		}
		here = (size_t)(sign - text);
		begin = local_begin(text, from, here);
		while (memchr(text + begin, '/', here - begin)) /* a path in front of the name */
			begin = (size_t)((const char *)memchr(text + begin, '/', here - begin) - text) + 1;
		end = domain_end(text, len, here);
		*at = end > here ? end : here + 1;
		if (begin < here && end > here + 1 && end - begin < ADDRESS_MAX && !is_other(text, from, begin, end, len))
			return unquoted(arena_strndup(a, text + begin, end - begin));
	}
	return NULL;
}

const char *words_header_address(struct arena *a, const char *value)
{
	const char *open = value ? strrchr(value, '<') : NULL, *found = NULL;
	size_t at = 0;

	if (open)
		found = words_address(a, open, strlen(open), &at);
	at = 0;
	if (!found && value)
		found = words_address(a, value, strlen(value), &at);
	return found ? found : "";
}
