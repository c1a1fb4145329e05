#include "format/yaml_private.h"

#include <string.h>

#define QUOTE "put the whole value in quotes"

/*
 * What libyaml says, what we say instead, the hint. begin: it is better shown where the scalar began; opens: where
 * the bracket was opened, if that is in another line.
 */
static const struct wording {
	const char *what, *message, *hint;
	bool begin, opens;
} wordings[] = {
	{ "mapping values are not allowed", "a second ': ' in one value", QUOTE, false, false },
	{ "found unexpected ':'", "a ':' inside of a value in brackets", QUOTE, false, false },
	{ "did not find expected ',' or ']'", "a list in brackets is not closed", "write a list: [a, b]", false, true },
	{ "did not find expected ',' or '}'", "a map in braces is not closed", "write a map: {a: 1, b: 2}", false, true },
	{ "did not find expected node content", "a value is missing", "write a list: [a, b]", false, false },
	{ "did not find expected '-' indicator", "this is no item of the list above",
	  "begin all items of a list with '- ' in one column", false, false },
	{ "block sequence entries are not allowed", "a list cannot begin here",
	  "write it on lines of its own, or as [a, b]", false, false },
	{ "could not find expected ':'", "a key without ':'",
	  "write `key: value`, or put a text of several lines behind `key: |`", true, false },
	{ "found unexpected end of stream", "a quote is not closed", "end the value with the quote that began it", true, false },
	{ "found unexpected document indicator", "a quote is not closed",
	  "end the value with the quote that began it", true, false },
	{ "found unknown escape character", "no such escape in double quotes",
	  "write \\\\ for a backslash, or use single quotes", false, false },
	{ "did not find expected hexdecimal number", "no such escape in double quotes",
	  "write \\\\ for a backslash, or use single quotes", false, false },
	{ "invalid Unicode character escape code", "no such character", "write the character itself", false, false },
	{ "did not find expected <document start>", "more text behind the end of the document",
	  "divide documents by a line with ---", false, false },
	{ "did not find expected alphabetic or numeric character", "a value cannot begin with '*' or '&'", QUOTE, false, false },
	{ "did not find expected comment or line break", "text behind '|' or '>'",
	  "begin the text on the next line, or put the whole value in quotes", false, false },
	{ "tab character", "a tab", "indent with blanks", false, false },
	{ "did not find expected tag URI", "a value cannot begin with '!'", QUOTE, false, false },
	{ "did not find expected '!'", "a value cannot begin with '!'", QUOTE, false, false },
	{ "found undefined tag handle", "a value cannot begin with '!'", QUOTE, false, false },
	{ "did not find URI escaped octet", "a value cannot begin with '!'", QUOTE, false, false },
	{ "did not find expected whitespace or line break", "a value cannot begin with '!'", QUOTE, false, false },
};

struct line {
	const char *s;
	size_t len, at; /* at: where the parser gave up */
};

static size_t indent_of(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && (s[n] == ' ' || s[n] == '\t'))
		n++;
	return n;
}

static bool contains(const char *s, size_t len, const char *what)
{
	return memmem(s, len, what, strlen(what)) != NULL;
}

static bool behind_quote(const struct line *l)
{
	size_t n = l->at;

	while (n > 0 && l->s[n - 1] == ' ')
		n--;
	return n > 0 && (l->s[n - 1] == '"' || l->s[n - 1] == '\'');
}

/* `key:` below and deeper than `other: value` reads as the end of that value. */
static bool deeper_than_above(const struct yaml_file *f, int line, const struct line *l)
{
	size_t above_len;
	const char *above = yaml_source_line(f, line - 1, &above_len);

	return above_len > 0 && !contains(l->s, l->at, ": ") &&
	       indent_of(l->s, l->len) > indent_of(above, above_len);
}

static struct wording strange_character(char c)
{
	if (c == '\t')
		return (struct wording){ "", "a tab", "indent with blanks", false, false };
	if (c == '%')
		return (struct wording){ "", "a value cannot begin with '%'", QUOTE, false, false };
	if (c == '@' || c == '`')
		return (struct wording){ "", "a value cannot begin with '@' or '`'", QUOTE, false, false };
	return (struct wording){ "", "this is no YAML", QUOTE, false, false };
}

static struct wording choose(const struct yaml_file *f, const struct yaml_problem *p, const struct line *l)
{
	if (contains(l->s, l->len, "{{") && strstr(p->what, "did not find expected"))
		return (struct wording){ "", "a text with '{{' needs quotes", QUOTE, false, false };
	if (strstr(p->what, "cannot start any token"))
		return strange_character(l->at < l->len ? l->s[l->at] : '\0');
	if (strstr(p->what, "did not find expected key"))
		return behind_quote(l) ? (struct wording){ "", "text behind the closing quote", QUOTE, false, false }
		                       : (struct wording){ "", "this line does not fit to the lines above",
		                                           "begin all keys of a map in one column", false, false };
	if (strstr(p->what, "mapping values are not allowed") && deeper_than_above(f, p->line, l))
		return (struct wording){ "", "this line is indented deeper than the one above, which has a value",
		                         "begin all keys of a map in one column", false, false };
	for (size_t i = 0; i < ARRAY_LEN(wordings); i++)
		if (strstr(p->what, wordings[i].what))
			return wordings[i];
	return (struct wording){ "", "this is no YAML", QUOTE, false, false };
}

void yaml_report(const struct yaml_file *f, const struct yaml_problem *p, struct diags *diags)
{
	struct line l = { 0 };
	struct wording w;
	struct place at = { f->name, p->line, p->column };

	l.s = yaml_source_line(f, p->line, &l.len);
	l.at = (size_t)p->column - 1 < l.len ? (size_t)p->column - 1 : l.len;
	w = choose(f, p, &l);
	if (p->from_line > 0 && (w.begin || (w.opens && p->from_line != p->line))) {
		at.line = p->from_line;
		at.column = p->from_column;
		l.s = yaml_source_line(f, at.line, &l.len);
	}
	diag_error(diags, at, "%s; %s", w.message, w.hint);
	if (l.len > 0)
		diag_show_line(diags, l.s, l.len);
}
