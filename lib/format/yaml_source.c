#include "format/yaml_private.h"

#include "base/arena.h"
#include "base/utf8.h"

#include <string.h>

static bool is_break(const char *s, size_t i, size_t len)
{
	return s[i] == '\n' || (s[i] == '\r' && (i + 1 == len || s[i + 1] != '\n'));
}

static void note_lines(struct arena *a, struct yaml_file *f)
{
	size_t n = 1;

	for (size_t i = 0; i < f->len; i++)
		n += is_break(f->text, i, f->len);
	f->lines = arena_array(a, n, sizeof *f->lines);
	f->n_lines = 1;
	for (size_t i = 0; i < f->len; i++)
		if (is_break(f->text, i, f->len))
			f->lines[f->n_lines++] = (uint32_t)i + 1;
}

static struct place place_of_byte(const struct yaml_file *f, size_t at)
{
	size_t line = f->n_lines;

	while (line > 1 && f->lines[line - 1] > at)
		line--;
	return (struct place){ f->name, (int)line,
		               (int)utf8_length(f->text + f->lines[line - 1], at - f->lines[line - 1]) + 1 };
}

static bool refused(uint32_t c)
{
	return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7f && c < 0xa0) || c == 0x2028 ||
	       c == 0x2029 || c == 0xfffe || c == 0xffff;
}

static int check_characters(const struct yaml_file *f, struct diags *diags)
{
	uint32_t c;

	for (size_t i = 0, n; i < f->len; i += n) {
		n = 1;
		if (f->text[i] >= 0x20 && f->text[i] < 0x7f)
			continue;
		n = utf8_decode(f->text + i, f->len - i, &c);
		if (n == 0)
			return diag_error(diags, place_of_byte(f, i), "byte 0x%02X is no UTF-8: save the file as UTF-8",
			                  (unsigned char)f->text[i]);
		if (c == 0)
			return diag_error(diags, place_of_byte(f, i), "a NUL byte: this is no text file (UTF-16? save it as UTF-8)");
		if (refused(c))
			return diag_error(diags, place_of_byte(f, i),
			                  "control character U+%04X: remove it, or write it as an escape in double quotes", c);
	}
	return 0;
}

int yaml_source_check(struct arena *a, struct yaml_file *f, const char *text, size_t len, struct diags *diags)
{
	struct place whole = { f->name, 0, 0 };

	if (len > YAML_SIZE_MAX)
		return diag_error(diags, whole, "the file has %zu bytes; at most %zu (1 MiB) are read", len, YAML_SIZE_MAX);
	if (len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
		return diag_error(diags, whole, "this is UTF-16: save the file as UTF-8");
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	f->text = text;
	f->len = len;
	note_lines(a, f);
	return check_characters(f, diags);
}

const char *yaml_source_line(const struct yaml_file *f, int line, size_t *ret_len)
{
	const char *from, *end = f->text + f->len;
	size_t n;

	*ret_len = 0;
	if (line < 1 || (size_t)line > f->n_lines)
		return "";
	from = f->text + f->lines[line - 1];
	if ((size_t)line < f->n_lines)
		end = f->text + f->lines[line];
	n = (size_t)(end - from);
	while (n > 0 && (from[n - 1] == '\n' || from[n - 1] == '\r'))
		n--;
	*ret_len = n;
	return from;
}

struct place yaml_place(const struct yaml_file *f, const struct yaml *node)
{
	return (struct place){ f->name, node->line, node->column };
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_blanks(const struct yaml_file *f, size_t i)
{
	while (i < f->len && is_blank(f->text[i]))
		i++;
	return i;
}

static size_t byte_of(const struct yaml_file *f, int line, int column)
{
	size_t i = f->lines[line - 1];
	uint32_t c;

	for (int k = 1; k < column && i < f->len; k++) {
		size_t n = utf8_decode(f->text + i, f->len - i, &c);

		i += n ? n : 1;
	}
	return i;
}

/* How many bytes an escape of a double-quoted scalar has, and whether it stands for a blank. */
static size_t escape_length(const char *s, size_t len, bool *ret_blank)
{
	size_t n = len > 1 ? 2 : 1;

	*ret_blank = n == 2 && strchr("ntr e_NLP\r\n", s[1]) != NULL;
	if (n == 2 && s[1] == 'x')
		n = 4;
	else if (n == 2 && s[1] == 'u')
		n = 6;
	else if (n == 2 && s[1] == 'U')
		n = 10;
	return n < len ? n : len;
}

/* The bytes that one character of the scalar's text takes in the file; *ret_blank: it is only a blank. */
static size_t source_step(const struct yaml_file *f, const struct yaml *scalar, size_t i, bool *ret_blank)
{
	const char *s = f->text + i;
	size_t left = f->len - i;
	uint32_t c;

	*ret_blank = is_blank(*s);
	if (scalar->style == YAML_DOUBLE && *s == '\\')
		return escape_length(s, left, ret_blank);
	if (scalar->style == YAML_SINGLE && *s == '\'' && left > 1)
		return 2;
	return utf8_decode(s, left, &c);
}

static size_t content_start(const struct yaml_file *f, const struct yaml *scalar)
{
	size_t i = byte_of(f, scalar->line, scalar->column);

	if (scalar->style == YAML_SINGLE || scalar->style == YAML_DOUBLE)
		return i + 1;
	if (scalar->style == YAML_LITERAL || scalar->style == YAML_FOLDED)
		return (size_t)scalar->line < f->n_lines ? f->lines[scalar->line] : f->len;
	return i;
}

/*
 * Folding and indentation change only blanks, so the characters that are not blank correspond one to one
 * in text and file, whatever the style.
 */
struct place yaml_place_in(const struct yaml_file *f, const struct yaml *scalar, size_t offset)
{
	size_t i, n, wanted = 0;
	bool blank;

	if (scalar->line <= 0)
		return yaml_place(f, scalar);
	for (size_t k = 0; k < offset && k < scalar->len; k++)
		wanted += !is_blank(scalar->text[k]) && ((unsigned char)scalar->text[k] & 0xc0) != 0x80;
	i = skip_blanks(f, content_start(f, scalar));
	while (i < f->len) {
		n = source_step(f, scalar, i, &blank);
		if (!blank && wanted-- == 0)
			break;
		i += n ? n : 1;
	}
	return i < f->len ? place_of_byte(f, i) : yaml_place(f, scalar);
}
