#include "model/address.h"

#include "base/buf.h"
#include "base/fold.h"
#include "base/late.h"
#include "base/utf8.h"

#include <idn2.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LOCAL_MAX = 64, LABEL_MAX = 63, ADDRESS_MAX = ADDRESS_SIZE - 1 };

struct span {
	const char *s;
	size_t len;
};

static int refuse(struct err *err, struct span text, const char *fmt, ...) PW_FORMAT(3, 4);

static int refuse(struct err *err, struct span text, const char *fmt, ...)
{
	BUF_AUTO shown = BUF_INIT(1000);
	char why[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	utf8_safe(&shown, text.s, text.len > 80 ? 80 : text.len, false);
	err_set(err, ERR_INVALID, "'%s%s' is no e-mail address: %s", shown.s, text.len > 80 ? "..." : "", why);
	return -1;
}

static bool is_letter(unsigned char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool is_atext(unsigned char c)
{
	return is_letter(c) || is_digit(c) || c >= 0x80 ||
	       (c > ' ' && c < 0x7f && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static size_t blank_at_start(struct span t)
{
	if (t.len >= 2 && memcmp(t.s, "\xc2\xa0", 2) == 0)
		return 2;
	return t.len && strchr(" \t\r\n", t.s[0]) ? 1 : 0;
}

static size_t blank_at_end(struct span t)
{
	if (t.len >= 2 && memcmp(t.s + t.len - 2, "\xc2\xa0", 2) == 0)
		return 2;
	return t.len && strchr(" \t\r\n", t.s[t.len - 1]) ? 1 : 0;
}

static struct span trimmed(const char *text, size_t len)
{
	struct span t = { text, len };
	size_t n;

	while ((n = blank_at_start(t)) > 0) {
		t.s += n;
		t.len -= n;
	}
	while ((n = blank_at_end(t)) > 0)
		t.len -= n;
	return t;
}

static bool is_blank(uint32_t c)
{
	return c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f ||
	       c == 0x3000;
}

/* Shown as nothing, or as if it were not there: two addresses that look alike must not differ by it. */
static bool is_invisible(uint32_t c)
{
	return c == 0xad || c == 0x034f || c == 0x115f || c == 0x1160 || (c >= 0x17b4 && c <= 0x17b5) ||
	       (c >= 0x180b && c <= 0x180f) || c == 0x200b || c == 0x3164 || (c >= 0xfe00 && c <= 0xfe0f) ||
	       c == 0xffa0 || (c >= 0xe0100 && c <= 0xe01ef);
}

static bool is_joiner(uint32_t c)
{
	return c == 0x200c || c == 0x200d;
}

/* Persian and Indic domains need joiners; libidn2 checks where they may stand. Local parts do not. */
static int check_beyond_ascii(struct span all, uint32_t c, bool in_domain, struct err *err)
{
	if (is_blank(c))
		return refuse(err, all, "a blank in it (U+%04X)", (unsigned)c);
	if (utf8_is_control(c) || is_invisible(c) || (is_joiner(c) && !in_domain))
		return refuse(err, all, "an invisible character in it (U+%04X)", (unsigned)c);
	if ((c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef) || (c >= 0xe000 && c <= 0xf8ff) ||
	    c >= 0xf0000)
		return refuse(err, all, "a character in it that means nothing (U+%04X)", (unsigned)c);
	return 0;
}

static int check_characters(struct span all, struct err *err)
{
	bool in_domain = false;
	uint32_t c;

	for (size_t i = 0, n; i < all.len; i += n) {
		n = 1;
		if (all.s[i] >= ' ' && all.s[i] < 0x7f) {
			in_domain |= all.s[i] == '@';
			continue;
		}
		n = utf8_decode(all.s + i, all.len - i, &c);
		if (n == 0)
			return refuse(err, all, "it is not UTF-8");
		if (c == '\r' || c == '\n')
			return refuse(err, all, "a line break in it");
		if (c < 0xa0)
			return refuse(err, all, c == '\t' ? "a blank in it" : "a control character in it");
		if (check_beyond_ascii(all, c, in_domain, err) < 0)
			return -1;
	}
	return 0;
}

/* Where the closing quote of a quoted local part stands; 0 when there is none. */
static size_t closing_quote(struct span all)
{
	for (size_t i = 1; i < all.len; i++) {
		if (all.s[i] == '\\')
			i++;
		else if (all.s[i] == '"')
			return i;
	}
	return 0;
}

/* RFC 2047: none stands in an address, and whoever decodes it there gets another address, or another header. */
static bool has_encoded_word(struct span all)
{
	const char *start = memmem(all.s, all.len, "=?", 2);

	return start && memmem(start + 2, (size_t)(all.s + all.len - start) - 2, "?=", 2);
}

/* Splits at the @ that ends the local part. */
static int split(struct span all, struct span *local, struct span *domain, struct err *err)
{
	const char *at;

	if (all.s[0] == '"') {
		size_t end = closing_quote(all);

		if (end == 0)
			return refuse(err, all, "a quote that does not end");
		if (end + 1 == all.len || all.s[end + 1] != '@')
			return refuse(err, all, "no @ behind the closing quote");
		at = all.s + end + 1;
	} else {
		at = memchr(all.s, '@', all.len);
	}
	if (memchr(all.s, '<', all.len) && all.s[0] != '"')
		return refuse(err, all, "write the address alone, without name and angle brackets");
	if (!at)
		return refuse(err, all, "no @");
	if (has_encoded_word(all))
		return refuse(err, all, "an encoded word in it");
	*local = (struct span){ all.s, (size_t)(at - all.s) };
	*domain = (struct span){ at + 1, all.len - local->len - 1 };
	if (memchr(domain->s, '@', domain->len))
		return refuse(err, all, "two @");
	return 0;
}

static int check_dot_atom(struct span all, struct span local, struct err *err)
{
	if (local.s[0] == '.')
		return refuse(err, all, "a dot at its beginning");
	if (local.s[local.len - 1] == '.')
		return refuse(err, all, "a dot right before the @");
	for (size_t i = 0; i < local.len; i++) {
		if (local.s[i] == '.') {
			if (local.s[i + 1] == '.')
				return refuse(err, all, "two dots in a row");
		} else if (local.s[i] == ' ') {
			return refuse(err, all, "a blank in it");
		} else if (!is_atext((unsigned char)local.s[i])) {
			return refuse(err, all, "'%c' cannot stand before the @", local.s[i]);
		}
	}
	return 0;
}

static bool is_dot_atom(struct span raw)
{
	if (raw.s[0] == '.' || raw.s[raw.len - 1] == '.')
		return false;
	for (size_t i = 0; i < raw.len; i++) {
		if (raw.s[i] == '.' ? raw.s[i + 1] == '.' : !is_atext((unsigned char)raw.s[i]))
			return false;
	}
	return true;
}

static size_t unquote(struct span quoted, char *ret)
{
	size_t n = 0;

	for (size_t i = 1; i + 1 < quoted.len; i++) {
		if (quoted.s[i] == '\\')
			i++;
		ret[n++] = quoted.s[i];
	}
	ret[n] = '\0';
	return n;
}

/* Adds a local part as short as it can be written: quotes and backslashes only where they are needed. */
static void add_local(struct buf *b, struct span raw)
{
	if (is_dot_atom(raw)) {
		buf_add(b, raw.s, raw.len);
		return;
	}
	buf_addc(b, '"');
	for (size_t i = 0; i < raw.len; i++) {
		if (raw.s[i] == '"' || raw.s[i] == '\\')
			buf_addc(b, '\\');
		buf_addc(b, raw.s[i]);
	}
	buf_addc(b, '"');
}

/* A local part that is quoted or has characters beyond ASCII: through buffers, as its length may change. */
static int read_rare_local(struct span all, struct span raw, struct address *ret, struct err *err)
{
	BUF_AUTO nfc = BUF_INIT(2 * LOCAL_MAX);
	BUF_AUTO key = BUF_INIT(2 * LOCAL_MAX);
	BUF_AUTO wire = BUF_INIT(LOCAL_MAX);
	BUF_AUTO folded = BUF_INIT(2 * LOCAL_MAX);

	fold_nfc(&nfc, raw.s, raw.len);
	fold_key(&key, raw.s, raw.len);
	add_local(&wire, (struct span){ nfc.s, nfc.len });
	add_local(&folded, (struct span){ key.s, key.len });
	if (nfc.over || key.over || wire.over || folded.over)
		return refuse(err, all, "more than %d bytes before the @", LOCAL_MAX);
	memcpy(ret->wire, wire.s, wire.len + 1);
	memcpy(ret->folded, folded.s, folded.len + 1);
	return 0;
}

static bool has_8bit(struct span t)
{
	for (size_t i = 0; i < t.len; i++) {
		if ((unsigned char)t.s[i] >= 0x80)
			return true;
	}
	return false;
}

static int read_local(struct span all, struct span local, struct address *ret, struct err *err)
{
	char unquoted[ADDRESS_SIZE];
	struct span raw = local;

	if (local.len == 0)
		return refuse(err, all, "nothing before the @");
	ret->needs_smtputf8 = has_8bit(local);
	if (local.s[0] == '"') {
		raw = (struct span){ unquoted, unquote(local, unquoted) };
		if (raw.len == 0)
			return refuse(err, all, "nothing before the @");
	} else if (check_dot_atom(all, local, err) < 0) {
		return -1;
	}
	if (raw.len > LOCAL_MAX)
		return refuse(err, all, "more than %d bytes before the @", LOCAL_MAX);
	if (raw.s != local.s || ret->needs_smtputf8)
		return read_rare_local(all, raw, ret, err);
	for (size_t i = 0; i < local.len; i++) {
		ret->wire[i] = local.s[i];
		ret->folded[i] = lower(local.s[i]);
	}
	ret->wire[local.len] = ret->folded[local.len] = '\0';
	return 0;
}

static int check_label(struct span all, struct span label, struct err *err)
{
	if (label.len == 0)
		return refuse(err, all,
		              "the domain has an empty part: a dot at its beginning or end, or two in a row");
	if (label.len > LABEL_MAX)
		return refuse(err, all, "a part of the domain has more than %d letters", LABEL_MAX);
	if (label.s[0] == '-' || label.s[label.len - 1] == '-')
		return refuse(err, all, "a part of the domain begins or ends with a hyphen");
	for (size_t i = 0; i < label.len; i++) {
		unsigned char c = (unsigned char)label.s[i];

		if (c == ' ')
			return refuse(err, all, "a blank in it");
		if (!is_letter(c) && !is_digit(c) && c != '-')
			return refuse(err, all, "'%c' cannot stand in a domain", c);
	}
	return 0;
}

static bool all_digits(struct span t)
{
	for (size_t i = 0; i < t.len; i++) {
		if (!is_digit((unsigned char)t.s[i]))
			return false;
	}
	return true;
}

/* Letters, digits and hyphens between dots (RFC 1123), the last label no number. */
static int check_domain(struct span all, struct span domain, struct err *err)
{
	struct span rest = domain, label;
	const char *dot;

	do {
		dot = memchr(rest.s, '.', rest.len);
		label = (struct span){ rest.s, dot ? (size_t)(dot - rest.s) : rest.len };
		if (check_label(all, label, err) < 0)
			return -1;
		if (dot)
			rest = (struct span){ dot + 1, rest.len - label.len - 1 };
	} while (dot);
	if (label.s == domain.s)
		return refuse(err, all, "the domain '%.*s' has no dot", (int)domain.len, domain.s);
	if (all_digits(label))
		return refuse(err, all, "an IP address, where a domain name is needed");
	return 0;
}

static bool has_a_label(struct span domain)
{
	for (size_t i = 0; i + 4 <= domain.len; i++) {
		if ((i == 0 || domain.s[i - 1] == '.') && strncasecmp(domain.s + i, "xn--", 4) == 0)
			return true;
	}
	return false;
}

/* The domain with A-labels for its international ones, by IDNA2008 after the mapping of UTS 46. */
static int to_a_labels(struct span all, struct span domain, char ret[ADDRESS_SIZE], struct err *err)
{
	char text[ADDRESS_SIZE];
	char *ascii = NULL;
	int rc;

	memcpy(text, domain.s, domain.len);
	text[domain.len] = '\0';
	rc = LATE(LIBIDN2, idn2_lookup_u8)((const uint8_t *)text, (uint8_t **)&ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (rc != IDN2_OK)
		return refuse(err, all, "the domain '%s' is no valid international one: %s", text,
		              LATE(LIBIDN2, idn2_strerror)(rc));
	rc = strlen(ascii) < ADDRESS_SIZE ? 0 : -1;
	if (rc == 0)
		memcpy(ret, ascii, strlen(ascii) + 1);
	LATE(LIBIDN2, idn2_free)(ascii);
	return rc == 0 ? 0 : refuse(err, all, "more than %d bytes", ADDRESS_MAX);
}

static int read_domain(struct span all, struct span domain, struct address *ret, struct err *err)
{
	size_t wire = strlen(ret->wire), folded = strlen(ret->folded);
	char a_labels[ADDRESS_SIZE];

	if (domain.len == 0)
		return refuse(err, all, "nothing behind the @");
	if (domain.s[0] == '[')
		return refuse(err, all, "an address literal, where a domain name is needed");
	if (has_8bit(domain) || has_a_label(domain)) {
		if (to_a_labels(all, domain, a_labels, err) < 0)
			return -1;
		domain = (struct span){ a_labels, strlen(a_labels) };
	}
	if (check_domain(all, domain, err) < 0)
		return -1;
	if (wire + 1 + domain.len > ADDRESS_MAX || folded + 1 + domain.len > ADDRESS_MAX)
		return refuse(err, all, "more than %d bytes", ADDRESS_MAX);
	ret->wire[wire++] = ret->folded[folded++] = '@';
	for (size_t i = 0; i < domain.len; i++)
		ret->wire[wire + i] = ret->folded[folded + i] = lower(domain.s[i]);
	ret->wire[wire + domain.len] = ret->folded[folded + domain.len] = '\0';
	return 0;
}

static int parse_span(struct span all, struct address *ret, struct err *err)
{
	struct span local = { 0 }, domain = { 0 };

	if (all.len == 0)
		return refuse(err, all, "it is empty");
	if (all.len > ADDRESS_MAX)
		return refuse(err, all, "more than %d bytes", ADDRESS_MAX);
	if (check_characters(all, err) < 0 || split(all, &local, &domain, err) < 0)
		return -1;
	if (read_local(all, local, ret, err) < 0 || read_domain(all, domain, ret, err) < 0)
		return -1;
	memcpy(ret->as_written, all.s, all.len);
	ret->as_written[all.len] = '\0';
	return 0;
}

int address_parse(const char *text, struct address *ret, struct err *err)
{
	return parse_span(trimmed(text, strlen(text)), ret, err);
}

static int read_name(struct span name, char ret[ADDRESS_NAME_SIZE], struct err *err)
{
	size_t n = 0;
	uint32_t c;
	bool quoted = name.len >= 2 && name.s[0] == '"' && name.s[name.len - 1] == '"';

	if (name.len >= ADDRESS_NAME_SIZE)
		return err_set(err, ERR_INVALID, "the name before the address has more than %d bytes",
		               ADDRESS_NAME_SIZE - 1);
	for (size_t i = 0, len; i < name.len; i += len) {
		len = utf8_decode(name.s + i, name.len - i, &c);
		if (len == 0)
			return err_set(err, ERR_INVALID, "the name before the address is not UTF-8");
		if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029)
			return err_set(err, ERR_INVALID, "a control character in the name before the address");
		if (c == '<' || c == '>')
			return err_set(err, ERR_INVALID, "more than one angle bracket around the address");
	}
	if (quoted)
		n = unquote(name, ret);
	else
		memcpy(ret, name.s, n = name.len);
	ret[n] = '\0';
	return 0;
}

int address_parse_from(const char *text, char ret_name[ADDRESS_NAME_SIZE], struct address *ret,
                       struct err *err)
{
	struct span all = trimmed(text, strlen(text));
	const char *open;

	if (all.len == 0 || all.s[all.len - 1] != '>') {
		ret_name[0] = '\0';
		return parse_span(all, ret, err);
	}
	open = memrchr(all.s, '<', all.len);
	if (!open)
		return err_set(err, ERR_INVALID, "a '>' without '<'; write: Name <name@example.com>");
	if (read_name(trimmed(all.s, (size_t)(open - all.s)), ret_name, err) < 0)
		return -1;
	return parse_span((struct span){ open + 1, (size_t)(all.s + all.len - 1 - open - 1) }, ret, err);
}
