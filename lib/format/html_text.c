#include "format/html_text.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "format/html_entity.h"

#include <stdbool.h>
#include <string.h>

enum { TAG_NAME_MAX = 12, LIST_DEPTH = 16, URL_MAX = 2000 };

struct span {
	const char *s;
	size_t len;
};

/* A tag as it stands: name in lower case ("" when longer than any we know), attributes unread. */
struct tag {
	char name[TAG_NAME_MAX + 1];
	bool closing;
	struct span attributes;
};

struct writer {
	struct buf *out;
	size_t start;                /* where our text begins in out */
	unsigned breaks;             /* line ends to write before the next text: 0, 1, 2 */
	bool blank;                  /* a blank to write before the next text */
	unsigned pre;                /* how many <pre> are open */
	unsigned depth;              /* how many lists are open; deeper ones than LIST_DEPTH count as "-" */
	unsigned number[LIST_DEPTH]; /* of the next item; 0: not numbered */
	size_t bullet_end;           /* where the mark of the last item ended */
	bool in_link;
	size_t link_start; /* where the text of the link began */
	struct buf url;
	char hidden_name[TAG_NAME_MAX + 1]; /* the element that is not shown; nothing is written within */
	unsigned hidden;                    /* how many elements of that name are open since */
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_no_break_space(const char *s, size_t len)
{
	return len >= 2 && s[0] == '\xc2' && s[1] == '\xa0';
}

static bool is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static void want_breaks(struct writer *w, unsigned n)
{
	if (w->breaks < n)
		w->breaks = n;
}

static void write_pending(struct writer *w)
{
	if (w->out->len > w->start) {
		for (unsigned i = 0; i < w->breaks; i++)
			buf_addc(w->out, '\n');
		if (w->breaks == 0 && w->blank)
			buf_addc(w->out, ' ');
	}
	w->breaks = 0;
	w->blank = false;
}

static void write_text(struct writer *w, const char *s, size_t len)
{
	if (w->hidden)
		return;
	write_pending(w);
	buf_add(w->out, s, len);
}

/* What pages pad with or hint line ends by: nothing that a plain text shows. */
static bool is_filler(uint32_t c)
{
	return c == 0xad || c == 0x034f || c == 0x200b || c == 0xfeff;
}

static void write_char(struct writer *w, uint32_t c)
{
	BUF_AUTO text = BUF_INIT(4);

	if (c < ' ' || (c >= 0x7f && c <= 0xa0))
		w->blank = true;
	else if (!is_filler(c))
		utf8_append(&text, c);
	if (text.len == 0)
		return;
	write_text(w, text.s, text.len);
}

static void write_space(struct writer *w, char c)
{
	if (!w->pre)
		w->blank = true;
	else if (c == '\n')
		w->breaks++;
	else if (c != '\r')
		write_text(w, " ", 1);
}

/* The length of text up to the next character that means something. */
static size_t plain_run(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] != '<' && s[n] != '&' && !is_space(s[n]) && !is_no_break_space(s + n, len - n))
		n++;
	return n;
}

static size_t add_reference(struct writer *w, const char *s, size_t len)
{
	uint32_t c;
	size_t n = html_entity(s, len, &c);

	if (n > 0)
		write_char(w, c);
	else
		write_text(w, s, 1);
	return n > 0 ? n : 1;
}

/* Attributes */

static bool name_is(struct span name, const char *want)
{
	return name.len == strlen(want) && strncasecmp(name.s, want, name.len) == 0;
}

static struct span take_value(struct span *rest)
{
	struct span value = { rest->s, 0 };
	char quote = rest->len && (rest->s[0] == '"' || rest->s[0] == '\'') ? rest->s[0] : '\0';
	size_t used;

	if (quote) {
		const char *end = memchr(rest->s + 1, quote, rest->len - 1);

		value.s++;
		value.len = end ? (size_t)(end - value.s) : rest->len - 1;
		used = value.len + (end ? 2 : 1);
	} else {
		while (value.len < rest->len && !is_space(value.s[value.len]))
			value.len++;
		used = value.len;
	}
	*rest = (struct span){ rest->s + used, rest->len - used };
	return value;
}

static void skip(struct span *rest, const char *set)
{
	while (rest->len && (is_space(rest->s[0]) || (rest->s[0] && strchr(set, rest->s[0])))) {
		rest->s++;
		rest->len--;
	}
}

/* Takes the next attribute off rest; false when there is none. */
static bool next_attribute(struct span *rest, struct span *name, struct span *value)
{
	skip(rest, "/");
	*name = (struct span){ rest->s, 0 };
	*value = (struct span){ rest->s, 0 };
	while (rest->len && !is_space(rest->s[0]) && (rest->s[0] != '=' || name->len == 0) && rest->s[0] != '/') {
		rest->s++;
		rest->len--;
		name->len++;
	}
	skip(rest, "");
	if (rest->len && rest->s[0] == '=') {
		skip(rest, "=");
		*value = take_value(rest);
	}
	return name->len > 0;
}

static bool find_attribute(const struct tag *t, const char *want, struct span *ret)
{
	struct span rest = t->attributes, name;

	while (next_attribute(&rest, &name, ret)) {
		if (name_is(name, want))
			return true;
	}
	return false;
}

static void add_decoded(struct buf *b, struct span value)
{
	uint32_t c;

	for (size_t i = 0, n; i < value.len; i += n) {
		n = value.s[i] == '&' ? html_entity(value.s + i, value.len - i, &c) : 0;
		if (n > 0)
			utf8_append(b, c);
		else
			buf_addc(b, value.s[i]);
		n += n == 0;
	}
}

static bool says_display_none(struct span style)
{
	static const char want[] = "display:none";
	size_t matched = 0;

	for (size_t i = 0; i < style.len && matched < sizeof want - 1; i++) {
		char c = style.s[i];

		if (is_space(c))
			continue;
		c = is_letter(c) ? (char)(c | 0x20) : c;
		if (c != want[matched])
			matched = 0;
		matched += c == want[matched];
	}
	return matched == sizeof want - 1;
}

/* Elements */

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++) {
		if (strcmp(name, *names) == 0)
			return true;
	}
	return false;
}

static bool is_hidden(const struct tag *t)
{
	static const char *const void_elements[] = { "area",  "base", "br",   "col",    "hr",  "img",
		                                         "input", "link", "meta", "source", "wbr", NULL };
	struct span value;

	if (t->closing || is_one_of(t->name, void_elements) || t->attributes.len == 0)
		return false;
	return find_attribute(t, "hidden", &value) ||
	       (find_attribute(t, "style", &value) && says_display_none(value));
}

static unsigned breaks_of(const char *name)
{
	static const char *const paragraphs[] = { "p",  "h1", "h2", "h3",  "h4",    "h5",         "h6", "ul",
		                                      "ol", "dl", "hr", "pre", "table", "blockquote", NULL };
	static const char *const lines[] = { "address", "article", "aside",   "body",       "center",
		                                 "dd",      "div",     "dt",      "figcaption", "form",
		                                 "footer",  "header",  "html",    "li",         "main",
		                                 "nav",     "option",  "section", "tr",         NULL };

	return is_one_of(name, paragraphs) ? 2 : is_one_of(name, lines) ? 1 : 0;
}

static bool is_web_or_mail(const char *url)
{
	static const char *const schemes[] = { "http://", "https://", "mailto:", "tel:", "sms:" };

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0)
			return true;
	}
	return false;
}

static void begin_link(struct writer *w, const struct tag *t)
{
	struct span href;

	w->in_link = false;
	buf_clear(&w->url);
	if (!find_attribute(t, "href", &href))
		return;
	add_decoded(&w->url, href);
	while (w->url.len && is_space(w->url.s[w->url.len - 1]))
		buf_truncate(&w->url, w->url.len - 1);
	w->in_link = !w->url.over && is_web_or_mail(w->url.s);
	w->link_start = w->out->len;
}

/* The text of a link says where it leads: its address, perhaps without scheme or last slash. */
static bool same_place(struct span text, const char *url)
{
	size_t len = strlen(url);
	const char *bare = strstr(url, "://");

	if (len > 0 && url[len - 1] == '/')
		len--;
	if (text.len > 0 && text.s[text.len - 1] == '/')
		text.len--;
	if (text.len == len && strncasecmp(text.s, url, len) == 0)
		return true;
	return bare && text.len == len - (size_t)(bare + 3 - url) && strncasecmp(text.s, bare + 3, text.len) == 0;
}

static void end_link(struct writer *w)
{
	const char *url = w->url.s;
	struct span text = { w->out->s + w->link_start, w->out->len - w->link_start };

	if (!w->in_link)
		return;
	w->in_link = false;
	while (text.len && is_space(text.s[0])) {
		text.s++;
		text.len--;
	}
	/* With a subject it is no address, and readers make a link only of the whole. */
	if (strncasecmp(url, "mailto:", 7) == 0 && !strchr(url, '?'))
		url += 7;
	if (w->out->over || same_place(text, url))
		return;
	if (text.len > 0 && w->breaks == 0)
		w->blank = true;
	write_text(w, "<", 1);
	write_text(w, url, strlen(url));
	write_text(w, ">", 1);
}

static void change_lists(struct writer *w, const struct tag *t)
{
	if (t->closing) {
		w->depth -= w->depth > 0;
		return;
	}
	if (w->depth < LIST_DEPTH)
		w->number[w->depth] = t->name[0] == 'o' ? 1 : 0;
	w->depth++;
}

static void begin_item(struct writer *w)
{
	unsigned level = w->depth > 0 ? w->depth - 1 : 0;

	for (unsigned i = 0; i < level && i < LIST_DEPTH; i++)
		write_text(w, "  ", 2);
	if (w->depth > 0 && level < LIST_DEPTH && w->number[level] > 0) {
		BUF_AUTO number = BUF_INIT(16);

		buf_addf(&number, "%u.", w->number[level]++);
		write_text(w, number.s, number.len);
	} else {
		write_text(w, "-", 1);
	}
	w->bullet_end = w->out->len;
	w->blank = true;
}

static void add_image(struct writer *w, const struct tag *t)
{
	BUF_AUTO text = BUF_INIT(URL_MAX);
	struct span alt;

	if (!find_attribute(t, "alt", &alt))
		return;
	add_decoded(&text, alt);
	if (text.len > 0)
		write_text(w, text.s, text.len);
}

static void begin_or_end(struct writer *w, const struct tag *t)
{
	bool is_list = strcmp(t->name, "ul") == 0 || strcmp(t->name, "ol") == 0;
	bool is_item = strcmp(t->name, "li") == 0;
	/* A paragraph that begins an item stays on its line. */
	bool stays = !t->closing && !is_list && !is_item && w->out->len == w->bullet_end;

	if (strcmp(t->name, "a") == 0) {
		end_link(w);
		if (!t->closing)
			begin_link(w, t);
		return;
	}
	if (is_list)
		change_lists(w, t);
	if (!stays)
		want_breaks(w, is_list && w->depth > (t->closing ? 0u : 1u) ? 1 : breaks_of(t->name));
	if (strcmp(t->name, "pre") == 0)
		w->pre = t->closing ? w->pre - (w->pre > 0) : w->pre + 1;
	if (t->closing)
		return;
	if (strcmp(t->name, "br") == 0)
		w->breaks += w->breaks < 2;
	else if (is_item)
		begin_item(w);
	else if (strcmp(t->name, "td") == 0 || strcmp(t->name, "th") == 0)
		w->blank = true;
	else if (strcmp(t->name, "img") == 0)
		add_image(w, t);
	else if (strcmp(t->name, "hr") == 0)
		write_text(w, "---", 3);
	if (strcmp(t->name, "hr") == 0)
		want_breaks(w, 2);
}

static void take_tag(struct writer *w, const struct tag *t)
{
	if (w->hidden) {
		if (strcmp(t->name, w->hidden_name) == 0)
			w->hidden = t->closing ? w->hidden - 1 : w->hidden + 1;
	} else if (is_hidden(t) && t->name[0]) {
		memcpy(w->hidden_name, t->name, sizeof t->name);
		w->hidden = 1;
	} else {
		begin_or_end(w, t);
	}
}

/* Markup */

/* Where the tag that begins at s ends: behind the ">" that stands outside quotes; len when it never does. */
static size_t tag_length(const char *s, size_t len)
{
	char quote = '\0', before = '<';

	for (size_t i = 1; i < len; i++) {
		if (quote)
			quote = s[i] == quote ? '\0' : quote;
		else if (s[i] == '>')
			return i + 1;
		else if ((s[i] == '"' || s[i] == '\'') && before == '=')
			quote = s[i];
		before = is_space(s[i]) ? before : s[i];
	}
	return len;
}

static struct tag read_tag(const char *s, size_t len)
{
	struct tag t = { .closing = s[1] == '/' };
	size_t i = t.closing ? 2 : 1, n = 0;

	for (; i < len && !is_space(s[i]) && s[i] != '>' && s[i] != '/'; i++) {
		if (n < TAG_NAME_MAX)
			t.name[n] = is_letter(s[i]) ? (char)(s[i] | 0x20) : s[i];
		n++;
	}
	if (n > TAG_NAME_MAX)
		t.name[0] = '\0';
	t.attributes = (struct span){ s + i, len - i - (s[len - 1] == '>') };
	return t;
}

static size_t length_until(const char *s, size_t len, const char *end)
{
	const char *at = memmem(s, len, end, strlen(end));

	return at ? (size_t)(at - s) + strlen(end) : len;
}

/* The length of what follows <style> and its like, up to their end tag. */
static size_t raw_length(const char *s, size_t len, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i + 2 + n <= len; i++) {
		const char *open = memchr(s + i, '<', len - i);

		if (!open)
			return len;
		i = (size_t)(open - s);
		if (i + 2 + n <= len && s[i + 1] == '/' && strncasecmp(s + i + 2, name, n) == 0)
			return i;
	}
	return len;
}

static size_t add_markup(struct writer *w, const char *s, size_t len)
{
	static const char *const raw[] = { "script", "style", "title", "template", NULL };
	struct tag t;
	size_t n;

	if (len >= 4 && memcmp(s, "<!--", 4) == 0)
		return 2 + length_until(s + 2, len - 2, "-->");
	if (len >= 2 && (s[1] == '!' || s[1] == '?'))
		return length_until(s, len, ">");
	if (len < 2 || !(is_letter(s[1]) || (s[1] == '/' && len > 2 && is_letter(s[2])))) {
		write_text(w, "<", 1);
		return 1;
	}
	n = tag_length(s, len);
	t = read_tag(s, n);
	if (!t.closing && is_one_of(t.name, raw))
		return n + raw_length(s + n, len - n, t.name);
	take_tag(w, &t);
	if (!t.closing && strcmp(t.name, "pre") == 0 && n < len && s[n] == '\n')
		n++;
	return n;
}

void html_text(struct buf *out, const char *html, size_t len)
{
	struct writer w = { .out = out, .start = out->len, .url = BUF_INIT(URL_MAX) };

	for (size_t i = 0, n; i < len; i += n) {
		n = 1;
		if (html[i] == '<') {
			n = add_markup(&w, html + i, len - i);
		} else if (html[i] == '&') {
			n = add_reference(&w, html + i, len - i);
		} else if (is_space(html[i])) {
			write_space(&w, html[i]);
		} else if (is_no_break_space(html + i, len - i)) {
			write_space(&w, ' ');
			n = 2;
		} else {
			n = plain_run(html + i, len - i);
			write_text(&w, html + i, n);
		}
	}
	end_link(&w);
	if (out->len > w.start)
		buf_addc(out, '\n');
	buf_release(&w.url);
}
