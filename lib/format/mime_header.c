#include "format/mime_private.h"

#include "base/buf.h"
#include "base/civil.h"
#include "base/clock.h"
#include "base/utf8.h"

#include <string.h>

enum { LINE_MAX_COLUMNS = 78, WORD_LINE = 76, ENCODED_WORD = 75, TOKEN_MAX = 900, TEXT_MAX = 64 * 1024 };

/* A field that is being written: a value is a row of tokens that are never broken, with blanks between. */
struct header {
	struct buf *out;
	size_t column;
};

static struct header header_begin(struct buf *out, const char *name)
{
	size_t start = out->len;

	buf_adds(out, name);
	buf_addc(out, ':');
	return (struct header){ out, out->len - start };
}

static void header_token(struct header *h, const char *s, size_t len)
{
	if (h->column + 1 + len > LINE_MAX_COLUMNS) {
		buf_add(h->out, "\r\n", 2);
		h->column = 0;
	}
	buf_addc(h->out, ' ');
	buf_add(h->out, s, len);
	h->column += 1 + len;
}

static void header_end(const struct header *h)
{
	buf_add(h->out, "\r\n", 2);
}

static bool breaks_line(uint32_t c)
{
	return (c >= '\t' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/* How many bytes from the front are printable ASCII. */
static size_t printable_run(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= ' ' && s[n] < 0x7f)
		n++;
	return n;
}

/* Adds a text in which line breaks and tabs are blanks; other controls are refused. */
static int add_without_breaks(struct buf *ret, const char *what, const char *value, struct err *err)
{
	size_t len = strlen(value);
	uint32_t c;

	for (size_t i = 0, n; i < len; i += n) {
		n = printable_run(value + i, len - i);
		if (n > 0) {
			buf_add(ret, value + i, n);
			continue;
		}
		n = utf8_decode(value + i, len - i, &c);
		if (n == 0)
			return err_set(err, ERR_INVALID, "%s: not UTF-8", what);
		if (!breaks_line(c) && (c < 0x20 || (c >= 0x7f && c < 0xa0)))
			return err_set(err, ERR_INVALID, "%s: a control character (U+%04X)", what, (unsigned)c);
		if (!breaks_line(c))
			buf_add(ret, value + i, n);
		else if (ret->len > 0 && ret->s[ret->len - 1] != ' ')
			buf_addc(ret, ' ');
	}
	return ret->over ? err_set(err, ERR_INVALID, "%s: longer than %d bytes", what, TEXT_MAX) : 0;
}

/* A text for a header, blanks around it cut off: what keeps a value inside its header. */
static int clean_text(struct buf *ret, const char *what, const char *value, struct err *err)
{
	if (add_without_breaks(ret, what, value + strspn(value, " \t\r\n"), err) < 0)
		return -1;
	while (ret->len > 0 && ret->s[ret->len - 1] == ' ')
		buf_truncate(ret, ret->len - 1);
	return 0;
}

/* The length of the next token of a plain text: up to a blank that something follows. */
static size_t next_word(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] == ' ')
		n++;
	while (n < len && s[n] != ' ')
		n++;
	return n;
}

/* Can go out as it is: ASCII that nobody takes for an encoded word, and that can be folded. */
static bool is_plain(const struct buf *text)
{
	if (!utf8_is_ascii(text->s, text->len) || strstr(text->s, "=?"))
		return false;
	for (size_t i = 0, n; i < text->len; i += n + 1) {
		n = next_word(text->s + i, text->len - i);
		if (n > LINE_MAX_COLUMNS - 2)
			return false;
	}
	return true;
}

static void add_plain(struct header *h, const struct buf *text)
{
	for (size_t i = 0, n; i < text->len; i += n + 1) {
		n = next_word(text->s + i, text->len - i);
		header_token(h, text->s + i, n);
	}
}

/* What may stand unencoded in a Q word wherever it is used (RFC 2047 5 (3)); a blank becomes "_". */
static bool is_q_safe(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == ' ' ||
	       c == '!' || c == '*' || c == '+' || c == '-' || c == '/';
}

static size_t q_length(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += is_q_safe((unsigned char)s[i]) ? 1 : 3;
	return n;
}

static size_t b_length(size_t len)
{
	return (len + 2) / 3 * 4;
}

/* How many bytes of s, whole characters, fit into a Q word with that room. At least one character. */
static size_t q_fit(const char *s, size_t len, size_t room)
{
	size_t fit = 0, used = 0;
	uint32_t c;

	while (fit < len) {
		size_t n = utf8_decode(s + fit, len - fit, &c);

		used += q_length(s + fit, n);
		if (fit > 0 && used > room)
			break;
		fit += n;
	}
	return fit;
}

/*
 * The same for a B word, or 0 when there is no good place to end. Only the last word may have padding:
 * readers that decode the words of a row as one stop at the first "=" (GMime does).
 */
static size_t b_fit(const char *s, size_t len, size_t room)
{
	size_t fit = 0, most = room / 4 * 3;
	uint32_t c;

	if (len <= most)
		return len;
	for (size_t i = 0; i <= most; i += utf8_decode(s + i, len - i, &c)) {
		if (i % 3 == 0)
			fit = i;
	}
	return fit;
}

static void add_q(struct buf *b, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == ' ')
			buf_addc(b, '_');
		else if (is_q_safe(c))
			buf_addc(b, (char)c);
		else
			buf_add(b, (char[]){ '=', "0123456789ABCDEF"[c >> 4], "0123456789ABCDEF"[c & 15] }, 3);
	}
}

/* One encoded word (RFC 2047); returns how many bytes of s are in it. */
static size_t make_word(struct buf *word, const char *s, size_t len, bool use_b, size_t room)
{
	enum { FRAME = sizeof "=?utf-8?Q?" - 1 + 2 };
	size_t n = use_b ? b_fit(s, len, room - FRAME) : 0;

	if (n > 0) {
		buf_adds(word, "=?utf-8?B?");
		base64_add(word, s, n);
	} else {
		n = q_fit(s, len, room - FRAME);
		buf_adds(word, "=?utf-8?Q?");
		add_q(word, s, n);
	}
	buf_add(word, "?=", 2);
	return n;
}

/* Encoded words, B or Q as is shorter, of whole characters, in lines of at most 76 columns. */
static void add_encoded(struct header *h, const char *s, size_t len)
{
	enum { LEAST = 30 };
	bool use_b = b_length(len) < q_length(s, len);

	for (size_t i = 0, n; i < len; i += n) {
		BUF_AUTO word = BUF_INIT(ENCODED_WORD);
		bool new_line = h->column + LEAST > WORD_LINE;

		n = make_word(&word, s + i, len - i, use_b, new_line ? ENCODED_WORD : WORD_LINE - 1 - h->column);
		if (h->column + 1 + word.len > WORD_LINE)
			h->column = LINE_MAX_COLUMNS;
		header_token(h, word.s, word.len);
	}
}

int header_text(struct buf *out, const char *name, const char *value, struct err *err)
{
	BUF_AUTO text = BUF_INIT(TEXT_MAX);
	struct header h;

	if (clean_text(&text, name, value, err) < 0)
		return -1;
	h = header_begin(out, name);
	if (text.len == 0)
		buf_addc(out, ' ');
	else if (is_plain(&text))
		add_plain(&h, &text);
	else
		add_encoded(&h, text.s, text.len);
	header_end(&h);
	return 0;
}

static bool is_atom_text(const struct buf *text)
{
	for (size_t i = 0; i < text->len; i++) {
		char c = text->s[i];

		if (c == ' ' ? text->s[i + 1] == ' ' : !(is_q_safe((unsigned char)c) || strchr("#$%&'=?^_`{|}~", c)))
			return false;
	}
	return true;
}

static void add_quoted(struct header *h, const struct buf *text)
{
	BUF_AUTO quoted = BUF_INIT(2 * TEXT_MAX);

	buf_addc(&quoted, '"');
	for (size_t i = 0; i < text->len; i++) {
		if (text->s[i] == '"' || text->s[i] == '\\')
			buf_addc(&quoted, '\\');
		buf_addc(&quoted, text->s[i]);
	}
	buf_addc(&quoted, '"');
	header_token(h, quoted.s, quoted.len);
}

static void add_phrase(struct header *h, const struct buf *text)
{
	if (!is_plain(text) || text->len > WORD_LINE / 2)
		add_encoded(h, text->s, text->len);
	else if (is_atom_text(text))
		add_plain(h, text);
	else
		add_quoted(h, text);
}

static bool address_char_ok(uint32_t c, bool quoted, bool domain)
{
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-')
		return true;
	if (c >= 0x80)
		return !domain && c >= 0xa0 && c != 0x2028 && c != 0x2029;
	if (c < ' ' || c == 0x7f)
		return false;
	return quoted || (c != ' ' && !strchr("<>()[]:;,\\\"", (int)c));
}

/* Not whether the address is a good one (model/address.h), only that it stays what it is in a header. */
static bool address_ok(const char *s)
{
	size_t len = strlen(s), at = 0;
	bool quoted = false;
	uint32_t c;

	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_decode(s + i, len - i, &c);
		if (n == 0)
			return false;
		if (c == '"' && (i == 0 || quoted)) {
			quoted = !quoted;
		} else if (c == '\\' && quoted) {
			if (i + 1 == len || !address_char_ok((unsigned char)s[i + 1], true, true))
				return false;
			n = 2;
		} else if (!address_char_ok(c, quoted, at > 0)) {
			return false;
		} else if (c == '@' && !quoted && at++ > 0) {
			return false;
		}
	}
	return len > 2 && len < 255 && at == 1 && s[0] != '@' && s[len - 1] != '@' && !quoted;
}

int header_mailbox(struct buf *out, const char *name, const struct mime_mailbox *value, struct err *err)
{
	BUF_AUTO text = BUF_INIT(TEXT_MAX);
	BUF_AUTO address = BUF_INIT(TOKEN_MAX);
	struct header h;

	if (!value->address || !address_ok(value->address))
		return err_set(err, ERR_INVALID, "%s: no address that can stand in a header", name);
	if (value->name && clean_text(&text, name, value->name, err) < 0)
		return -1;
	h = header_begin(out, name);
	if (text.len > 0) {
		add_phrase(&h, &text);
		buf_addc(&address, '<');
	}
	buf_adds(&address, value->address);
	if (text.len > 0)
		buf_addc(&address, '>');
	header_token(&h, address.s, address.len);
	header_end(&h);
	return 0;
}

static void add_two_digits(struct buf *b, int n)
{
	buf_add(b, (char[]){ (char)('0' + n / 10), (char)('0' + n % 10) }, 2);
}

static void add_time_of_day(struct buf *b, const struct civil *c)
{
	add_two_digits(b, c->hour);
	buf_addc(b, ':');
	add_two_digits(b, c->minute);
	buf_addc(b, ':');
	add_two_digits(b, c->second);
}

static void add_date(struct buf *b, const struct civil *c)
{
	static const char days[] = "Mon, Tue, Wed, Thu, Fri, Sat, Sun, ";
	static const char months[] = " Jan  Feb  Mar  Apr  May  Jun  Jul  Aug  Sep  Oct  Nov  Dec ";

	buf_add(b, days + 5 * (int)c->weekday, 5);
	if (c->day < 10)
		buf_addc(b, (char)('0' + c->day));
	else
		add_two_digits(b, c->day);
	buf_add(b, months + 5 * (c->month - 1), 5);
	add_two_digits(b, c->year / 100);
	add_two_digits(b, c->year % 100);
	buf_addc(b, ' ');
	add_time_of_day(b, c);
}

int header_date(struct buf *out, int64_t date, int zone_offset_minutes, struct err *err)
{
	int minutes = zone_offset_minutes < 0 ? -zone_offset_minutes : zone_offset_minutes;
	struct civil local;

	if (minutes > 1439 || date < INSTANT_MIN || date > INSTANT_MAX)
		return err_set(err, ERR_INVALID, "Date: out of range");
	civil_from_seconds(date + (int64_t)zone_offset_minutes * 60, &local);
	buf_adds(out, "Date: ");
	add_date(out, &local);
	buf_adds(out, zone_offset_minutes < 0 ? " -" : " +");
	add_two_digits(out, minutes / 60);
	add_two_digits(out, minutes % 60);
	buf_add(out, "\r\n", 2);
	return 0;
}

static bool is_id_text(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* dot-atom-text (RFC 5322 3.2.3) of that length. */
static bool is_dot_atom(const char *s, size_t len)
{
	if (len == 0 || s[0] == '.' || s[len - 1] == '.')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '.' ? s[i + 1] == '.' : !is_id_text((unsigned char)s[i]))
			return false;
	}
	return true;
}

static void add_in_angles(struct header *h, const char *s, const char *behind)
{
	BUF_AUTO token = BUF_INIT(TOKEN_MAX + 4);

	buf_addc(&token, '<');
	buf_adds(&token, s);
	buf_addc(&token, '>');
	buf_adds(&token, behind);
	header_token(h, token.s, token.len);
}

int header_message_id(struct buf *out, const char *id, struct err *err)
{
	const char *at = id ? strchr(id, '@') : NULL;
	struct header h;

	if (!at || strlen(id) > TOKEN_MAX || !is_dot_atom(id, (size_t)(at - id)) ||
	    !is_dot_atom(at + 1, strlen(at + 1)))
		return err_set(err, ERR_INVALID, "Message-ID: not of the form name@domain");
	h = header_begin(out, "Message-ID");
	add_in_angles(&h, id, "");
	header_end(&h);
	return 0;
}

/* Printable ASCII without blanks and angle brackets. */
static bool is_token(const char *s)
{
	size_t len = strlen(s);

	for (size_t i = 0; i < len; i++) {
		if (s[i] <= ' ' || s[i] > '~' || s[i] == '<' || s[i] == '>')
			return false;
	}
	return len > 0 && len <= TOKEN_MAX;
}

bool mime_message_id_ok(const char *id)
{
	return is_token(id) && strchr(id, '@') && id[0] != '@' && id[strlen(id) - 1] != '@';
}

int header_references(struct buf *out, const char *name, const char *const *ids, size_t n, struct err *err)
{
	struct header h;

	for (size_t i = 0; i < n; i++) {
		if (!mime_message_id_ok(ids[i]))
			return err_set(err, ERR_INVALID, "%s: not a message id", name);
	}
	if (n == 0)
		return 0;
	h = header_begin(out, name);
	for (size_t i = 0; i < n; i++)
		add_in_angles(&h, ids[i], "");
	header_end(&h);
	return 0;
}

static bool uri_ok(const char *uri, const char *scheme)
{
	return strncasecmp(uri, scheme, strlen(scheme)) == 0 && uri[strlen(scheme)] && is_token(uri);
}

int header_unsubscribe(struct buf *out, const struct mime_message *m, struct err *err)
{
	const char *mailto = m->unsubscribe_mailto, *https = m->unsubscribe_https;
	struct header h;

	if (mailto && !uri_ok(mailto, "mailto:"))
		return err_set(err, ERR_INVALID, "List-Unsubscribe: not a mailto URI");
	if (https && !uri_ok(https, "https://") && !uri_ok(https, "http://"))
		return err_set(err, ERR_INVALID, "List-Unsubscribe: not an https URI");
	if (m->unsubscribe_one_click && (!https || !uri_ok(https, "https://")))
		return err_set(err, ERR_INVALID, "List-Unsubscribe-Post: one click needs an https URI");
	if (!mailto && !https)
		return 0;
	h = header_begin(out, "List-Unsubscribe");
	if (https)
		add_in_angles(&h, https, mailto ? "," : "");
	if (mailto)
		add_in_angles(&h, mailto, "");
	header_end(&h);
	if (m->unsubscribe_one_click)
		buf_adds(out, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
	return 0;
}
