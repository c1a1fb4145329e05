#include "format/liquid_html.h"

#include "base/attr.h"
#include "base/buf.h"
#include "base/utf8.h"

#include <string.h>
#include <strings.h>

/* The states of the HTML tokenizer (WHATWG HTML 13.2.5) as far as they matter for writing values. */
enum state {
	TEXT,
	TAG_OPEN,      /* behind < */
	TAG_NAME,
	IN_TAG,        /* before the name of an attribute */
	ATTRIBUTE,     /* in the name of an attribute */
	BEHIND_NAME,
	BEFORE_VALUE,
	VALUE_DOUBLE,
	VALUE_SINGLE,
	VALUE_UNQUOTED,
	UNTIL_CLOSE,   /* an end tag, <!doctype, <!--[if mso]: up to > */
	BANG,
	BANG_DASH,
	COMMENT_START, /* behind <!-- */
	COMMENT_START_DASH,
	COMMENT,
	COMMENT_DASH,
	COMMENT_DASHES,
	COMMENT_BANG,
	RAW,           /* what script and style hold */
	RAW_OPEN,
	RAW_END,
};

enum element { ELEMENT_OTHER, ELEMENT_SCRIPT, ELEMENT_STYLE };
enum attribute { ATTRIBUTE_PLAIN, ATTRIBUTE_URL, ATTRIBUTE_STYLE, ATTRIBUTE_CODE };
enum url { URL_START, URL_SCHEME, URL_REST };

/* In place of the length: a value was written into the name, so nobody knows what it is. */
#define NAME_UNKNOWN 255

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_alnum(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9');
}

static bool in_value(const struct html_context *c)
{
	return c->state == VALUE_DOUBLE || c->state == VALUE_SINGLE || c->state == VALUE_UNQUOTED;
}

static void name_start(struct html_context *c)
{
	c->n = 0;
	memset(c->name, 0, sizeof c->name);
}

static void name_add(struct html_context *c, char byte)
{
	if (c->n < sizeof c->name)
		c->name[c->n++] = byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
}

static bool name_is(const struct html_context *c, const char *name)
{
	return strlen(name) == c->n && memcmp(c->name, name, c->n) == 0;
}

static void finish_tag_name(struct html_context *c)
{
	c->element = name_is(c, "script") ? ELEMENT_SCRIPT : name_is(c, "style") ? ELEMENT_STYLE : ELEMENT_OTHER;
	name_start(c);
}

static void finish_attribute_name(struct html_context *c)
{
	static const char *const urls[] = { "href",     "src",      "action",     "formaction", "background", "cite",
		                                "data",     "poster",   "xlink:href", "srcset",     "longdesc",   "codebase",
		                                "classid",  "manifest", "usemap",     "dynsrc",     "lowsrc",     "ping",
		                                "icon",     "profile",  "archive",    "imagesrcset", "url" };

	c->attribute = ATTRIBUTE_PLAIN;
	c->url = URL_START;
	for (size_t i = 0; i < ARRAY_LEN(urls); i++)
		if (name_is(c, urls[i]))
			c->attribute = ATTRIBUTE_URL;
	if (name_is(c, "style"))
		c->attribute = ATTRIBUTE_STYLE;
	if (c->n == NAME_UNKNOWN || name_is(c, "srcdoc") || (c->n > 2 && memcmp(c->name, "on", 2) == 0))
		c->attribute = ATTRIBUTE_CODE;
	name_start(c);
}

static void start_text(struct html_context *c)
{
	*c = (struct html_context){ .state = TEXT };
}

static void close_tag(struct html_context *c)
{
	uint8_t element = c->element;

	start_text(c);
	if (element != ELEMENT_OTHER) {
		c->state = RAW;
		c->element = element;
	}
}

static void start_attribute(struct html_context *c, char byte)
{
	name_start(c);
	name_add(c, byte);
	c->state = ATTRIBUTE;
}

/*
 * How far a URL is known: a scheme ends at its colon, and there is none behind / ? #. All else may belong
 * to it, because browsers drop line ends and tabs and try to make sense of the rest.
 */
static void follow_url(struct html_context *c, const char *s, size_t len)
{
	for (size_t i = 0; i < len && c->url != URL_REST; i++) {
		if (c->url == URL_START && is_space(s[i]))
			continue;
		c->url = s[i] && strchr(":/?#", s[i]) ? URL_REST : URL_SCHEME;
	}
}

static void step_tag_open(struct html_context *c, char byte)
{
	if (byte == '!') {
		c->state = BANG;
	} else if (byte == '/' || byte == '?') {
		c->state = UNTIL_CLOSE;
	} else if (is_letter(byte)) {
		name_start(c);
		name_add(c, byte);
		c->state = TAG_NAME;
	} else if (byte != '<') {
		start_text(c);
	}
}

static void step_tag_name(struct html_context *c, char byte)
{
	if (!is_space(byte) && byte != '/' && byte != '>') {
		name_add(c, byte);
		return;
	}
	finish_tag_name(c);
	c->state = IN_TAG;
	if (byte == '>')
		close_tag(c);
}

static void step_attribute(struct html_context *c, char byte)
{
	if (byte == '=') {
		finish_attribute_name(c);
		c->state = BEFORE_VALUE;
	} else if (byte == '>') {
		close_tag(c);
	} else if (byte == '/') {
		c->state = IN_TAG;
	} else if (is_space(byte)) {
		c->state = BEHIND_NAME;
	} else {
		name_add(c, byte);
	}
}

static void step_in_tag(struct html_context *c, char byte)
{
	if (byte == '>')
		close_tag(c);
	else if (byte == '=' && c->state == BEHIND_NAME)
		step_attribute(c, byte);
	else if (byte == '/')
		c->state = IN_TAG;
	else if (!is_space(byte))
		start_attribute(c, byte);
}

static void step_before_value(struct html_context *c, char byte)
{
	if (byte == '"') {
		c->state = VALUE_DOUBLE;
	} else if (byte == '\'') {
		c->state = VALUE_SINGLE;
	} else if (byte == '>') {
		close_tag(c);
	} else if (!is_space(byte)) {
		c->state = VALUE_UNQUOTED;
		follow_url(c, &byte, 1);
	}
}

static void step_value(struct html_context *c, char byte)
{
	bool ends = c->state == VALUE_DOUBLE   ? byte == '"'
	            : c->state == VALUE_SINGLE ? byte == '\''
	                                       : is_space(byte) || byte == '>';

	if (!ends) {
		follow_url(c, &byte, 1);
		return;
	}
	c->state = IN_TAG;
	c->attribute = c->url = 0;
	if (byte == '>')
		close_tag(c);
}

static bool in_comment(const struct html_context *c)
{
	return c->state >= COMMENT_START && c->state <= COMMENT_BANG;
}

static void step_comment(struct html_context *c, char byte)
{
	if (byte == '>' && c->state != COMMENT && c->state != COMMENT_DASH)
		start_text(c);
	else if (byte == '[' && c->state == COMMENT_START)
		c->state = UNTIL_CLOSE;
	else if (byte == '!' && c->state == COMMENT_DASHES)
		c->state = COMMENT_BANG;
	else if (byte != '-')
		c->state = COMMENT;
	else if (c->state == COMMENT_START)
		c->state = COMMENT_START_DASH;
	else if (c->state == COMMENT || c->state == COMMENT_BANG)
		c->state = COMMENT_DASH;
	else
		c->state = COMMENT_DASHES;
}

static void step_bang(struct html_context *c, char byte)
{
	if (byte == '>')
		start_text(c);
	else if (byte != '-')
		c->state = UNTIL_CLOSE;
	else
		c->state = c->state == BANG ? BANG_DASH : COMMENT_START;
}

static void step_raw(struct html_context *c, char byte)
{
	if (c->state == RAW_OPEN && byte == '/') {
		name_start(c);
		c->state = RAW_END;
	} else if (c->state == RAW_END && is_letter(byte)) {
		name_add(c, byte);
	} else if (c->state == RAW_END && (is_space(byte) || byte == '/' || byte == '>') &&
	           name_is(c, c->element == ELEMENT_SCRIPT ? "script" : "style")) {
		start_text(c);
		c->state = byte == '>' ? TEXT : UNTIL_CLOSE;
	} else {
		name_start(c);
		c->state = byte == '<' ? RAW_OPEN : RAW;
	}
}

static void step(struct html_context *c, char byte)
{
	switch ((enum state)c->state) {
	case TEXT:
		if (byte == '<')
			c->state = TAG_OPEN;
		break;
	case TAG_OPEN:
		step_tag_open(c, byte);
		break;
	case TAG_NAME:
		step_tag_name(c, byte);
		break;
	case IN_TAG:
	case BEHIND_NAME:
		step_in_tag(c, byte);
		break;
	case ATTRIBUTE:
		step_attribute(c, byte);
		break;
	case BEFORE_VALUE:
		step_before_value(c, byte);
		break;
	case VALUE_DOUBLE:
	case VALUE_SINGLE:
	case VALUE_UNQUOTED:
		step_value(c, byte);
		break;
	case UNTIL_CLOSE:
		if (byte == '>')
			start_text(c);
		break;
	case BANG:
	case BANG_DASH:
		step_bang(c, byte);
		break;
	case COMMENT_START:
	case COMMENT_START_DASH:
	case COMMENT:
	case COMMENT_DASH:
	case COMMENT_DASHES:
	case COMMENT_BANG:
		step_comment(c, byte);
		break;
	case RAW:
	case RAW_OPEN:
	case RAW_END:
		step_raw(c, byte);
		break;
	}
}

void html_scan(struct html_context *c, const char *s, size_t len)
{
	size_t i = 0;

	while (i < len) {
		if (c->state == TEXT) {
			const char *tag = memchr(s + i, '<', len - i);

			if (!tag)
				return;
			i = (size_t)(tag - s);
		}
		step(c, s[i++]);
	}
}

static bool in_raw(const struct html_context *c)
{
	return c->state == RAW || c->state == RAW_OPEN || c->state == RAW_END;
}

/* Where a value ends up that is written here. */
static void enter(struct html_context *c)
{
	if (c->state == BEFORE_VALUE)
		c->state = VALUE_UNQUOTED;
	else if (c->state == TAG_OPEN)
		c->state = TAG_NAME;
	else if (c->state == IN_TAG || c->state == BEHIND_NAME)
		c->state = ATTRIBUTE;
	else if (c->state == BANG || c->state == BANG_DASH)
		c->state = UNTIL_CLOSE;
	else if (in_comment(c))
		c->state = COMMENT;
	else if (in_raw(c))
		c->state = RAW;
	if (c->state == TAG_NAME || c->state == ATTRIBUTE) {
		name_start(c);
		c->n = NAME_UNKNOWN;
	}
}

void html_pass(struct html_context *c)
{
	enter(c);
	if (in_value(c))
		c->url = URL_REST;
}

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* The &name; or &#123; at s, which is left as it is. */
static bool begins_entity(const char *s, size_t len)
{
	size_t i = 1;
	bool number = len > 2 && s[1] == '#';

	i += number;
	while (i < len && (number ? s[i] >= '0' && s[i] <= '9' : is_letter(s[i])))
		i++;
	return i > 1u + number && i < len && s[i] == ';';
}

void html_escape(struct buf *out, const char *s, size_t len, bool once)
{
	size_t plain = 0;

	for (size_t i = 0; i < len; i++) {
		const char *e = entity(s[i]);

		if (!e)
			continue;
		if (once && s[i] == '&' && begins_entity(s + i, len - i))
			continue;
		buf_add(out, s + plain, i - plain);
		buf_adds(out, e);
		plain = i + 1;
	}
	buf_add(out, s + plain, len - plain);
}

/* For places where markup could do harm whatever is escaped: only what has no meaning there passes. */
static void write_harmless(struct buf *out, const char *s, size_t len, const char *also)
{
	for (size_t i = 0; i < len; i++)
		if (is_alnum(s[i]) || (s[i] & 0x80) || (s[i] && strchr(also, s[i])))
			buf_addc(out, s[i]);
}

static bool begins_with(const char *s, size_t len, const char *prefix)
{
	size_t n = strlen(prefix);

	return len >= n && strncasecmp(s, prefix, n) == 0;
}

static bool is_safe_url(const char *s, size_t len)
{
	static const char *const schemes[] = { "http:", "https:", "mailto:", "tel:", "cid:", "/", "?", "#" };

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (begins_with(s, len, schemes[i]))
			return true;
	return false;
}

static void write_style(struct buf *out, const char *s, size_t len)
{
	bool url = begins_with(s, len, "https://") || begins_with(s, len, "http://");

	write_harmless(out, s, len, url ? "-_.,#% ~:/?&=+@" : "-_.,#% ");
}

/* In an attribute without quotes all passes as a number that some parser might take for its end. */
static void write_unquoted(struct buf *out, const char *s, size_t len, bool once)
{
	size_t plain = 0, n;
	uint32_t c;

	for (size_t i = 0; i < len; i += n) {
		n = utf8_decode(s + i, len - i, &c);
		if (n == 1 && (is_alnum(s[i]) || (s[i] && strchr("-_.~:/?#%&;@,+!*()<>\"'", s[i]))))
			continue;
		html_escape(out, s + plain, i - plain, once);
		n = n ? n : 1;
		buf_addf(out, "&#%u;", n == 1 ? (unsigned char)s[i] : (unsigned)c);
		plain = i + n;
	}
	html_escape(out, s + plain, len - plain, once);
}

static void write_quoted(const struct html_context *c, struct buf *out, const char *s, size_t len, bool once)
{
	if (c->state == VALUE_UNQUOTED)
		write_unquoted(out, s, len, once);
	else
		html_escape(out, s, len, once);
}

/* What follows "java" must not make a scheme of it ("script:..."), so its colons are encoded. */
static void write_scheme_part(const struct html_context *c, struct buf *out, const char *s, size_t len)
{
	size_t plain = 0, i;

	for (i = 0; i < len && !(s[i] && strchr("/?#", s[i])); i++) {
		if (s[i] != ':')
			continue;
		write_quoted(c, out, s + plain, i - plain, false);
		buf_adds(out, "%3A");
		plain = i + 1;
	}
	write_quoted(c, out, s + plain, len - plain, false);
}

static void write_url(struct html_context *c, struct buf *out, const char *s, size_t len, bool once)
{
	size_t blank = 0;

	while (c->url == URL_START && blank < len && is_space(s[blank]))
		blank++;
	s += blank;
	len -= blank;
	if (len == 0 && c->state != VALUE_UNQUOTED)
		return;
	if (c->url == URL_START && !is_safe_url(s, len)) {
		buf_addc(out, '#');
		c->url = URL_REST;
		return;
	}
	if (c->url == URL_SCHEME)
		write_scheme_part(c, out, s, len);
	else
		write_quoted(c, out, s, len, once);
	follow_url(c, s, len);
}

static void write_value(struct html_context *c, struct buf *out, const char *s, size_t len, bool once)
{
	switch ((enum attribute)c->attribute) {
	case ATTRIBUTE_PLAIN:
		write_quoted(c, out, s, len, once);
		break;
	case ATTRIBUTE_URL:
		write_url(c, out, s, len, once);
		break;
	case ATTRIBUTE_STYLE:
		if (c->state == VALUE_UNQUOTED)
			write_harmless(out, s, len, "-_.,#%");
		else
			write_style(out, s, len);
		break;
	case ATTRIBUTE_CODE:
		write_harmless(out, s, len, "_.");
		break;
	}
}

/* Without quotes an attribute with no value would take the next attribute for its value. */
static void write_nothing(struct html_context *c, struct buf *out)
{
	if (c->state != BEFORE_VALUE)
		return;
	buf_adds(out, "\"\"");
	c->state = IN_TAG;
	c->attribute = c->url = 0;
}

void html_write(struct html_context *c, struct buf *out, const char *s, size_t len, enum html_trust trust)
{
	if (trust == HTML_RAW || (trust == HTML_MARKUP && c->state == TEXT)) {
		buf_add(out, s, len);
		html_scan(c, s, len);
		return;
	}
	if (c->state == TEXT) {
		html_escape(out, s, len, false);
		return;
	}
	if (len == 0) {
		write_nothing(c, out);
		return;
	}
	enter(c);
	if (in_value(c))
		write_value(c, out, s, len, trust == HTML_MARKUP);
	else if (c->state == RAW && c->element == ELEMENT_STYLE)
		write_style(out, s, len);
	else
		write_harmless(out, s, len, c->state == TAG_NAME || c->state == ATTRIBUTE ? "-" : "_., ");
}
