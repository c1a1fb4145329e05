#include "base/fold.h"
#include "base/utf8.h"
#include "format/liquid_filters.h"

#include <string.h>

/* Letters whose upper case is more than one. */
static const char *long_upper(uint32_t c)
{
	static const char *const ligatures[] = { "FF", "FI", "FL", "FFI", "FFL", "ST", "ST" };

	if (c == 0xdf)
		return "SS";
	return c >= 0xfb00 && c <= 0xfb06 ? ligatures[c - 0xfb00] : NULL;
}

/* Appends the character at s in upper or lower case; returns its length. */
static size_t add_letter(struct buf *out, const char *s, size_t len, bool upper)
{
	uint32_t c;
	size_t n = utf8_decode(s, len, &c);
	const char *more = upper && n > 1 ? long_upper(c) : NULL;

	if (n == 0)
		buf_addc(out, *s);
	else if (more)
		buf_adds(out, more);
	else
		utf8_append(out, upper ? fold_upper(c) : fold_lower(c));
	return n ? n : 1;
}

static int change_case(struct liquid_render *r, const struct value *input, bool first_upper, bool rest_upper,
                       struct value *ret)
{
	struct value text;
	size_t i = 0;

	if (liquid_text(r, input, &text) < 0)
		return -1;
	buf_clear(&r->text);
	if (text.len > 0)
		i = add_letter(&r->text, text.text, text.len, first_upper);
	while (i < text.len)
		i += add_letter(&r->text, text.text + i, text.len - i, rest_upper);
	return liquid_keep_built(r, ret);
}

FILTER(upcase)
{
	return change_case(r, input, true, true, ret);
}

FILTER(downcase)
{
	return change_case(r, input, false, false, ret);
}

FILTER(capitalize)
{
	return change_case(r, input, true, false, ret);
}

static int join_two(struct liquid_render *r, const struct value *first, const struct value *second,
                    struct value *ret)
{
	struct value a, b;
	char *room;

	if (liquid_text(r, first, &a) < 0 || liquid_text(r, second, &b) < 0)
		return -1;
	room = liquid_room(r, a.len + b.len + 1);
	if (!room)
		return -1;
	memcpy(room, a.text, a.len);
	memcpy(room + a.len, b.text, b.len);
	*ret = value_text_n(room, a.len + b.len);
	return 0;
}

FILTER(append)
{
	return join_two(r, input, &args[0], ret);
}

FILTER(prepend)
{
	return join_two(r, &args[0], input, ret);
}

static bool is_stripped(char c)
{
	return liquid_is_space(c) || c == '\0';
}

static int strip(struct liquid_render *r, const struct value *input, bool left, bool right, struct value *ret)
{
	struct value text;
	size_t from = 0;

	if (liquid_text(r, input, &text) < 0 || liquid_spend(r, text.len / STEP_BYTES) < 0)
		return -1;
	while (left && from < text.len && is_stripped(text.text[from]))
		from++;
	while (right && text.len > from && is_stripped(text.text[text.len - 1]))
		text.len--;
	*ret = value_text_n(text.text + from, text.len - from);
	return 0;
}

FILTER(strip)
{
	return strip(r, input, true, true, ret);
}

FILTER(lstrip)
{
	return strip(r, input, true, false, ret);
}

FILTER(rstrip)
{
	return strip(r, input, false, true, ret);
}

FILTER(squish)
{
	struct value text;

	if (input->kind == VALUE_NIL)
		return 0;
	if (strip(r, input, true, true, &text) < 0)
		return -1;
	buf_clear(&r->text);
	for (size_t i = 0; i < text.len; i++)
		if (!liquid_is_space(text.text[i]))
			buf_addc(&r->text, text.text[i]);
		else if (i == 0 || !liquid_is_space(text.text[i - 1]))
			buf_addc(&r->text, ' ');
	return liquid_keep_built(r, ret);
}

/* Puts `with` in the place of each line end. */
static int replace_line_ends(struct liquid_render *r, const struct value *text, const char *with, struct value *ret)
{
	buf_clear(&r->text);
	for (size_t i = 0; i < text->len; i++) {
		bool pair = text->text[i] == '\r' && i + 1 < text->len && text->text[i + 1] == '\n';

		if (text->text[i] == '\n' || pair)
			buf_adds(&r->text, with);
		else
			buf_addc(&r->text, text->text[i]);
		i += pair;
	}
	return liquid_keep_built(r, ret);
}

FILTER(strip_newlines)
{
	struct value text;

	return liquid_text(r, input, &text) < 0 ? -1 : replace_line_ends(r, &text, "", ret);
}

FILTER(newline_to_br)
{
	struct value text;

	if (liquid_text(r, input, &text) < 0)
		return -1;
	if (r->options.html && !text.html) {
		buf_clear(&r->text);
		html_escape(&r->text, text.text, text.len, false);
		if (liquid_keep_built(r, &text) < 0)
			return -1;
	}
	if (replace_line_ends(r, &text, "<br />\n", ret) < 0)
		return -1;
	ret->html = r->options.html;
	return 0;
}

enum which { EVERY, ONLY_FIRST };

/* An empty pattern matches in front of each character and at the end. */
static void replace_empty(struct liquid_render *r, const struct value *text, const struct value *with,
                          enum which which)
{
	size_t i = 0, next;
	struct value rest;

	buf_add(&r->text, with->text, with->len);
	while (which == EVERY && i < text->len && !r->text.over) {
		rest = value_text_n(text->text + i, text->len - i);
		next = i + liquid_character(&rest, 1);
		buf_add(&r->text, text->text + i, next - i);
		buf_add(&r->text, with->text, with->len);
		i = next;
	}
	buf_add(&r->text, text->text + i, text->len - i);
}

static int replace(struct liquid_render *r, const struct value *input, const struct value *args, enum which which,
                   struct value *ret)
{
	struct value text, pattern, with;
	size_t i = 0;

	if (liquid_text(r, input, &text) < 0 || liquid_text(r, &args[0], &pattern) < 0 ||
	    liquid_text(r, &args[1], &with) < 0 || liquid_spend(r, text.len / STEP_BYTES) < 0)
		return -1;
	buf_clear(&r->text);
	if (pattern.len == 0) {
		replace_empty(r, &text, &with, which);
		return liquid_keep_built(r, ret);
	}
	for (bool first = true; (first || which == EVERY) && !r->text.over; first = false) {
		const char *found = memmem(text.text + i, text.len - i, pattern.text, pattern.len);

		if (!found)
			break;
		buf_add(&r->text, text.text + i, (size_t)(found - text.text) - i);
		buf_add(&r->text, with.text, with.len);
		i = (size_t)(found - text.text) + pattern.len;
	}
	buf_add(&r->text, text.text + i, text.len - i);
	return liquid_keep_built(r, ret);
}

FILTER(replace)
{
	return replace(r, input, args, EVERY, ret);
}

FILTER(replace_first)
{
	return replace(r, input, args, ONLY_FIRST, ret);
}

static char *reversed(struct liquid_render *r, const struct value *text)
{
	char *room = liquid_room(r, text->len + 1);

	for (size_t i = 0; room && i < text->len; i++)
		room[i] = text->text[text->len - 1 - i];
	return room;
}

/* Where the last match begins, or len: the first match from behind, which keeps this linear. */
static int find_last(struct liquid_render *r, const struct value *text, const struct value *pattern, size_t *ret)
{
	const char *back = reversed(r, text), *key = reversed(r, pattern), *found;

	if (!back || !key)
		return -1;
	found = memmem(back, text->len, key, pattern->len);
	*ret = found ? text->len - (size_t)(found - back) - pattern->len : text->len;
	return 0;
}

FILTER(replace_last)
{
	struct value text, pattern, with;
	size_t at, behind;

	if (liquid_text(r, input, &text) < 0 || liquid_text(r, &args[0], &pattern) < 0 ||
	    liquid_text(r, &args[1], &with) < 0 || liquid_spend(r, text.len / STEP_BYTES) < 0 ||
	    find_last(r, &text, &pattern, &at) < 0)
		return -1;
	behind = at < text.len ? at + pattern.len : at;
	buf_clear(&r->text);
	buf_add(&r->text, text.text, at);
	if (at < text.len || pattern.len == 0)
		buf_add(&r->text, with.text, with.len);
	buf_add(&r->text, text.text + behind, text.len - behind);
	return liquid_keep_built(r, ret);
}

FILTER(remove)
{
	const struct value both[] = { args[0], value_text("") };

	return replace(r, input, both, EVERY, ret);
}

FILTER(remove_first)
{
	const struct value both[] = { args[0], value_text("") };

	return replace(r, input, both, ONLY_FIRST, ret);
}

FILTER(remove_last)
{
	const struct value both[] = { args[0], value_text("") };

	return liquid_filter_replace_last(r, input, both, 2, ret);
}

FILTER(truncate)
{
	struct value text, end = value_text("...");
	int64_t length = 50, keep, size;

	if (input->kind == VALUE_NIL)
		return 0;
	if (liquid_text(r, input, &text) < 0 || (n > 0 && liquid_integer(r, &args[0], &length) < 0) ||
	    (n > 1 && liquid_text(r, &args[1], &end) < 0) || liquid_spend(r, text.len / STEP_BYTES) < 0)
		return -1;
	size = value_size(&text);
	*ret = text;
	if (size <= length)
		return 0;
	keep = length - value_size(&end);
	text = value_text_n(text.text, liquid_character(&text, keep > 0 ? (size_t)keep : 0));
	return join_two(r, &text, &end, ret);
}

static size_t skip_space(const struct value *text, size_t i)
{
	while (i < text->len && liquid_is_space(text->text[i]))
		i++;
	return i;
}

static size_t skip_word(const struct value *text, size_t i)
{
	while (i < text->len && !liquid_is_space(text->text[i]))
		i++;
	return i;
}

FILTER(truncatewords)
{
	struct value text, end = value_text("...");
	int64_t words = 15;
	int64_t count = 0;
	size_t i, stop = 0;

	if (input->kind == VALUE_NIL)
		return 0;
	if (liquid_text(r, input, &text) < 0 || (n > 0 && liquid_integer(r, &args[0], &words) < 0) ||
	    (n > 1 && liquid_text(r, &args[1], &end) < 0))
		return -1;
	if (words < 1)
		words = 1;
	buf_clear(&r->text);
	for (i = skip_space(&text, 0); count < words && i < text.len; count++) {
		stop = skip_word(&text, i);
		if (count > 0)
			buf_addc(&r->text, ' ');
		buf_add(&r->text, text.text + i, stop - i);
		i = skip_space(&text, stop);
	}
	if (count < words || stop == text.len) {
		*ret = text;
		return 0;
	}
	buf_add(&r->text, end.text, end.len);
	return liquid_keep_built(r, ret);
}

static int slice_array(struct liquid_render *r, const struct value_array *array, size_t from, size_t count,
                       struct value *ret)
{
	if (liquid_new_array(r, count, ret) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		ret->array->items[i] = array->items[from + i];
	return 0;
}

FILTER(slice)
{
	struct value text = *input, rest;
	int64_t from, length = 1, size;
	size_t start;

	if (liquid_integer(r, &args[0], &from) < 0 ||
	    (value_is_true(&args[1]) && liquid_integer(r, &args[1], &length) < 0))
		return -1;
	if (input->kind != VALUE_ARRAY && liquid_text(r, input, &text) < 0)
		return -1;
	size = value_size(&text);
	if (liquid_spend(r, (size_t)size / STEP_BYTES) < 0)
		return -1;
	if (from < 0)
		from += size;
	if (from < 0 || from > size || length < 0)
		from = size, length = 0;
	if (length > size - from)
		length = size - from;
	if (text.kind == VALUE_ARRAY)
		return slice_array(r, text.array, (size_t)from, (size_t)length, ret);
	start = liquid_character(&text, (size_t)from);
	rest = value_text_n(text.text + start, text.len - start);
	*ret = value_text_n(rest.text, liquid_character(&rest, (size_t)length));
	return 0;
}

static int split_words(struct liquid_render *r, const struct value *text, struct value *ret)
{
	struct value word;
	size_t stop;

	for (size_t i = skip_space(text, 0); i < text->len; i = skip_space(text, stop)) {
		stop = skip_word(text, i);
		word = value_text_n(text->text + i, stop - i);
		if (liquid_push(r, ret, &word) < 0)
			return -1;
	}
	return 0;
}

static int split_characters(struct liquid_render *r, const struct value *text, struct value *ret)
{
	struct value rest = *text, character;

	rest.html = false;
	while (rest.len > 0) {
		character = value_text_n(rest.text, liquid_character(&rest, 1));
		if (liquid_push(r, ret, &character) < 0)
			return -1;
		rest.text += character.len;
		rest.len -= character.len;
	}
	return 0;
}

/* Empty parts at the end are dropped, those in front and between stay. */
static int split_at(struct liquid_render *r, const struct value *text, const struct value *by, struct value *ret)
{
	struct value part;
	const char *found;
	size_t i = 0;

	do {
		found = memmem(text->text + i, text->len - i, by->text, by->len);
		part = value_text_n(text->text + i, (found ? (size_t)(found - text->text) : text->len) - i);
		if (liquid_push(r, ret, &part) < 0)
			return -1;
		i += part.len + by->len;
	} while (found);
	while (ret->array->n > 0 && ret->array->items[ret->array->n - 1].len == 0)
		ret->array->n--;
	return 0;
}

FILTER(split)
{
	struct value text, by;

	if (liquid_text(r, input, &text) < 0 || liquid_text(r, &args[0], &by) < 0 ||
	    liquid_spend(r, text.len / STEP_BYTES) < 0)
		return -1;
	*ret = value_array(r->scratch);
	if (by.len == 0)
		return split_characters(r, &text, ret);
	if (by.len == 1 && by.text[0] == ' ')
		return split_words(r, &text, ret);
	return split_at(r, &text, &by, ret);
}
