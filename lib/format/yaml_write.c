#include "format/yaml.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <string.h>

#define INDENT 2
#define INLINE_MAX 100 /* bytes of a list that is written in brackets */

static void write_node(const struct yaml *node, int indent, struct buf *out);

static void write_blanks(int n, struct buf *out)
{
	static const char blanks[] = "                                ";

	for (; n > 0; n -= (int)sizeof blanks - 1)
		buf_add(out, blanks, n < (int)sizeof blanks - 1 ? (size_t)n : sizeof blanks - 1);
}

static void begin_line(int indent, struct buf *out)
{
	buf_addc(out, '\n');
	write_blanks(indent, out);
}

/* May stand without quotes: in brackets, or behind a key. Placeholders are always quoted, as people are told to. */
static bool plain_safe(const char *s, size_t len, bool inside)
{
	if (len == 0 || s[0] == ' ' || s[len - 1] == ' ' || s[len - 1] == ':')
		return false;
	if (strchr("?:,[]{}#&*!|>'\"%@`=", s[0]) || memcmp(s, "<<", len < 2 ? len : 2) == 0)
		return false;
	if (s[0] == '-' && (len == 1 || s[1] == ' ' || s[1] == '-' || s[1] == ','))
		return false;
	if (len >= 3 && memcmp(s, "...", 3) == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)s[i] < 0x20 || strchr(inside ? ",[]{}" : "{}", s[i]))
			return false;
		if (s[i] == ':' && strchr(" ?", s[i + 1]))
			return false;
		if (s[i] == '#' && s[i - 1] == ' ')
			return false;
	}
	return true;
}

/* Turns the order of what is read around: in a document that people review it would hide what it says. */
static bool turns_text(uint32_t c)
{
	return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Has characters that only an escape in double quotes can carry, or should. */
static bool needs_escapes(const char *s, size_t len)
{
	uint32_t c;

	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_decode(s + i, len - i, &c);
		if (n == 0 || (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 ||
		    c == 0xfeff || c == 0xfffe || c == 0xffff || turns_text(c))
			return true;
	}
	return false;
}

static void write_escaped(const char *s, size_t len, struct buf *out)
{
	uint32_t c;

	buf_addc(out, '"');
	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_decode(s + i, len - i, &c);
		if (c == '"' || c == '\\')
			buf_addf(out, "\\%c", (char)c);
		else if (c == '\n')
			buf_adds(out, "\\n");
		else if (c == '\t')
			buf_adds(out, "\\t");
		else if (n == 0 || c < 0x20 || c == 0x7f)
			buf_addf(out, "\\x%02X", (unsigned char)s[i]);
		else if (needs_escapes(s + i, n))
			buf_addf(out, "\\u%04X", c);
		else
			buf_add(out, s + i, n);
		if (n == 0)
			n = 1;
	}
	buf_addc(out, '"');
}

static void write_quoted(const char *s, size_t len, struct buf *out)
{
	bool single = !needs_escapes(s, len) && strcspn(s, "\n\t'") == len && strcspn(s, "\"\\") < len;

	if (single)
		buf_addf(out, "'%s'", s);
	else
		write_escaped(s, len, out);
}

/* Several lines, as people write mails; a text that begins with a blank or an empty line needs the number. */
static void write_literal(const char *s, size_t len, int indent, struct buf *out)
{
	const char *end = s + len;

	buf_addc(out, '|');
	if (*s == ' ' || *s == '\t' || *s == '\n')
		buf_addf(out, "%d", INDENT);
	if (end[-1] != '\n')
		buf_addc(out, '-');
	else if (len > 1 && end[-2] == '\n')
		buf_addc(out, '+');
	while (s < end) {
		const char *stop = memchr(s, '\n', (size_t)(end - s));

		if (!stop)
			stop = end;
		buf_addc(out, '\n');
		if (stop > s)
			write_blanks(indent, out);
		buf_add(out, s, (size_t)(stop - s));
		s = stop + 1;
	}
}

static bool literal_fits(const struct yaml *node)
{
	const char *newline = memchr(node->text, '\n', node->len);

	return newline && strspn(node->text, "\n ") < node->len && !needs_escapes(node->text, node->len);
}

static void write_scalar(const struct yaml *node, int indent, bool inside, struct buf *out)
{
	if (literal_fits(node))
		write_literal(node->text, node->len, indent, out);
	else if (plain_safe(node->text, node->len, inside) && !needs_escapes(node->text, node->len))
		buf_add(out, node->text, node->len);
	else
		write_quoted(node->text, node->len, out);
}

static bool inline_list(const struct yaml *list)
{
	size_t bytes = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct yaml *item = list->items[i];

		if (item->type != YAML_SCALAR || memchr(item->text, '\n', item->len))
			return false;
		bytes += item->len + 2;
	}
	return bytes <= INLINE_MAX;
}

static void write_inline_list(const struct yaml *list, struct buf *out)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < list->n; i++) {
		if (i > 0)
			buf_adds(out, ", ");
		write_scalar(list->items[i], 0, true, out);
	}
	buf_addc(out, ']');
}

/* The items begin in column `indent`; the first line's indentation is there already. */
static void write_block_list(const struct yaml *list, int indent, struct buf *out)
{
	for (size_t i = 0; i < list->n; i++) {
		if (i > 0)
			begin_line(indent, out);
		buf_adds(out, "- ");
		write_node(list->items[i], indent + INDENT, out);
	}
}

static bool is_block(const struct yaml *node)
{
	return node->n > 0 && (node->type == YAML_MAP || (node->type == YAML_LIST && !inline_list(node)));
}

static void write_block_map(const struct yaml *map, int indent, struct buf *out)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct yaml *key = map->pairs[i].key, *value = map->pairs[i].value;

		if (i > 0)
			begin_line(indent, out);
		if (plain_safe(key->text, key->len, true) && !needs_escapes(key->text, key->len))
			buf_adds(out, key->text);
		else
			write_escaped(key->text, key->len, out);
		buf_addc(out, ':');
		if (value->type != YAML_SCALAR && is_block(value))
			begin_line(indent + INDENT, out);
		else
			buf_addc(out, ' ');
		write_node(value, indent + INDENT, out);
	}
}

/* indent: the column in which a block that begins here continues; the content of a text goes there too. */
static void write_node(const struct yaml *node, int indent, struct buf *out)
{
	if (node->type == YAML_SCALAR)
		write_scalar(node, indent, false, out);
	else if (node->n == 0)
		buf_adds(out, node->type == YAML_MAP ? "{}" : "[]");
	else if (node->type == YAML_MAP)
		write_block_map(node, indent, out);
	else if (inline_list(node))
		write_inline_list(node, out);
	else
		write_block_list(node, indent, out);
}

void yaml_write(const struct yaml *node, struct buf *out)
{
	/* The lines of a text that is the whole document must be indented too. */
	write_node(node, node->type == YAML_SCALAR ? INDENT : 0, out);
	buf_addc(out, '\n');
}
