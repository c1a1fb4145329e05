#include "format/json.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/late.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "format/decimal.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * cJSON checks the grammar and builds the tree. It turns every number into a double, cuts strings at
 * \u0000 and nests without much of a limit, so the text is scanned first; `at` follows the numbers of the
 * text while the tree is converted in the same order.
 */
struct source {
	struct arena *arena;
	const char *text;
	size_t len;
	size_t at;
	struct err *err;
};

static int fail_at(struct source *s, size_t pos, const char *what)
{
	unsigned line = 1, column = 1;

	for (size_t i = 0; i < pos && i < s->len; i++) {
		if (s->text[i] == '\n') {
			line++;
			column = 1;
		} else if ((s->text[i] & 0xc0) != 0x80) {
			column++;
		}
	}
	return err_set(s->err, ERR_INVALID, "%u:%u: %s", line, column, what);
}

static bool starts_number(char c)
{
	return c == '-' || (c >= '0' && c <= '9');
}

static size_t number_length(const struct source *s, size_t pos)
{
	size_t n = 0;

	while (pos + n < s->len && (starts_number(s->text[pos + n]) || strchr("+.eE", s->text[pos + n])))
		n++;
	return n;
}

static int check_number(struct source *s, size_t *pos)
{
	const char *p = s->text + *pos;
	size_t n = number_length(s, *pos), sign = *p == '-';
	bool whole;
	int64_t i;
	double d;

	if ((n > sign + 1 && p[sign] == '0' && p[sign + 1] >= '0' && p[sign + 1] <= '9') ||
	    !number_parse(p, n, &whole, &i, &d))
		return fail_at(s, *pos, "this is no number");
	if (!isfinite(d))
		return fail_at(s, *pos, "this number is too large");
	*pos += n - 1;
	return 0;
}

/* From the opening quote to the closing one. */
static int check_string(struct source *s, size_t *pos)
{
	size_t i = *pos + 1;

	for (; i < s->len && s->text[i] != '"'; i++) {
		if ((unsigned char)s->text[i] < 0x20)
			return fail_at(s, i, "a control character in a string must be written as \\u00XX");
		if (s->text[i] == '\\') {
			if (s->len - i > 5 && memcmp(s->text + i, "\\u0000", 6) == 0)
				return fail_at(s, i, "\\u0000 is not accepted");
			i++;
		}
	}
	if (i >= s->len)
		return fail_at(s, *pos, "this string is not closed");
	*pos = i;
	return 0;
}

static int check_source(struct source *s)
{
	int depth = 0;

	for (size_t i = 0; i < s->len; i++) {
		char c = s->text[i];

		if (c == '\0')
			return fail_at(s, i, "a NUL byte is not accepted");
		if (c == '"' && check_string(s, &i) < 0)
			return -1;
		if (starts_number(c) && check_number(s, &i) < 0)
			return -1;
		if ((c == '[' || c == '{') && ++depth > JSON_DEPTH)
			return fail_at(s, i, "nested too deeply");
		if (c == ']' || c == '}')
			depth--;
	}
	return 0;
}

static void skip_string(struct source *s)
{
	for (s->at++; s->text[s->at] != '"'; s->at++)
		if (s->text[s->at] == '\\')
			s->at++;
}

/* The next number of the text: what cJSON has at this place of the tree. */
static struct value next_number(struct source *s)
{
	bool whole;
	int64_t i;
	double d;
	size_t n;

	for (; !starts_number(s->text[s->at]); s->at++)
		if (s->text[s->at] == '"')
			skip_string(s);
	n = number_length(s, s->at);
	if (!number_parse(s->text + s->at, n, &whole, &i, &d))
		BUG("a number that was checked is none");
	s->at += n;
	return whole ? value_int(i) : value_double(d);
}

static struct value convert(struct source *s, const cJSON *json)
{
	struct value v;

	switch (json->type & 0xff) { /* the other bits say whose its memory is */
	case cJSON_False:
	case cJSON_True:
		return value_bool((json->type & cJSON_True) != 0);
	case cJSON_Number:
		return next_number(s);
	case cJSON_String:
		return value_string(s->arena, json->valuestring);
	case cJSON_Array:
		v = value_array(s->arena);
		for (const cJSON *item = json->child; item; item = item->next)
			value_array_add(&v, convert(s, item));
		return v;
	case cJSON_Object:
		v = value_map(s->arena);
		for (const cJSON *item = json->child; item; item = item->next)
			value_map_set(&v, item->string, convert(s, item));
		return v;
	default:
		return value_nil();
	}
}

static int syntax_error(struct source *s, const char *end)
{
	size_t pos = end && end >= s->text && end <= s->text + s->len ? (size_t)(end - s->text) : 0;

	while (pos < s->len && strchr(" \t\r\n", s->text[pos]))
		pos++;
	return fail_at(s, pos, pos >= s->len ? "the text ends too early" : "this is not JSON");
}

int json_parse(struct arena *a, const char *text, size_t len, size_t limit, struct value *ret,
               struct err *err)
{
	struct source s = { .arena = a, .text = text, .len = len, .err = err };
	const char *end = NULL;
	cJSON *json;

	if (len > limit)
		return err_set(err, ERR_INVALID, "1:1: longer than %zu bytes", limit);
	if (!utf8_valid(text, len))
		return err_set(err, ERR_INVALID, "1:1: this is not UTF-8");
	if (check_source(&s) < 0)
		return -1;
	LATE(LIBCJSON, cJSON_InitHooks)(&(cJSON_Hooks){ .malloc_fn = xmalloc, .free_fn = free });
	/* With its NUL, because cJSON 1.7.15 reads beyond an unterminated text. */
	s.text = arena_strndup(a, text, len);
	json = LATE(LIBCJSON, cJSON_ParseWithLengthOpts)(s.text, len + 1, &end, true);
	if (!json)
		return syntax_error(&s, end);
	*ret = convert(&s, json);
	LATE(LIBCJSON, cJSON_Delete)(json);
	return 0;
}

static bool stands_for_itself(char c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

void json_text(struct buf *b, const char *s, size_t len)
{
	static const char named[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	size_t plain = 0;
	uint32_t c;

	buf_addc(b, '"');
	for (size_t i = 0, n; i < len; i += n) {
		const char *found;

		n = 1;
		if (stands_for_itself(s[i]))
			continue;
		n = utf8_decode(s + i, len - i, &c);
		if (n && !utf8_is_control(c) && c != '"' && c != '\\')
			continue;
		buf_add(b, s + plain, i - plain);
		found = n == 1 && c ? strchr(named, (int)c) : NULL;
		if (n == 0)
			buf_adds(b, "\xef\xbf\xbd");
		else if (found)
			buf_addf(b, "\\%c", letters[found - named]);
		else if (c < 0x10000)
			buf_addf(b, "\\u%04x", (unsigned)c);
		else
			buf_addf(b, "\\u%04x\\u%04x", (unsigned)(0xd7c0 + (c >> 10)), (unsigned)(0xdc00 | (c & 0x3ff)));
		n = n ? n : 1;
		plain = i + n;
	}
	buf_add(b, s + plain, len - plain);
	buf_addc(b, '"');
}

/* Puts the comma that the next entry needs. */
static void before_entry(struct json_writer *w)
{
	uint64_t bit = w->depth ? UINT64_C(1) << (w->depth - 1) : 0;

	if (w->keyed) {
		w->keyed = false;
		return;
	}
	BUG_ON(w->objects & bit);
	if (w->started & bit)
		buf_addc(w->buf, ',');
	w->started |= bit;
}

static void begin(struct json_writer *w, bool object)
{
	uint64_t bit = UINT64_C(1) << w->depth;

	BUG_ON(w->depth >= JSON_DEPTH);
	before_entry(w);
	buf_addc(w->buf, object ? '{' : '[');
	w->depth++;
	w->started &= ~bit;
	w->objects = object ? w->objects | bit : w->objects & ~bit;
}

static void finish(struct json_writer *w, bool object)
{
	BUG_ON(w->depth == 0 || w->keyed);
	w->depth--;
	BUG_ON((w->objects >> w->depth & 1) != object);
	buf_addc(w->buf, object ? '}' : ']');
}

void json_begin_object(struct json_writer *w)
{
	begin(w, true);
}

void json_end_object(struct json_writer *w)
{
	finish(w, true);
}

void json_begin_array(struct json_writer *w)
{
	begin(w, false);
}

void json_end_array(struct json_writer *w)
{
	finish(w, false);
}

static void key_n(struct json_writer *w, const char *key, size_t len)
{
	uint64_t bit;

	BUG_ON(w->depth == 0 || w->keyed);
	bit = UINT64_C(1) << (w->depth - 1);
	BUG_ON(!(w->objects & bit));
	if (w->started & bit)
		buf_addc(w->buf, ',');
	w->started |= bit;
	json_text(w->buf, key, len);
	buf_addc(w->buf, ':');
	w->keyed = true;
}

void json_key(struct json_writer *w, const char *key)
{
	key_n(w, key, strlen(key));
}

void json_put_null(struct json_writer *w)
{
	before_entry(w);
	buf_adds(w->buf, "null");
}

void json_put_bool(struct json_writer *w, bool b)
{
	before_entry(w);
	buf_adds(w->buf, b ? "true" : "false");
}

static void json_put_int(struct json_writer *w, int64_t i)
{
	before_entry(w);
	buf_addf(w->buf, "%lld", (long long)i);
}

static void json_put_double(struct json_writer *w, double d)
{
	char text[NUMBER_TEXT];
	size_t n = number_format(d, text);

	before_entry(w);
	if (isfinite(d))
		buf_add(w->buf, text, n);
	else
		buf_adds(w->buf, "null");
}

static void json_put_string_n(struct json_writer *w, const char *s, size_t len)
{
	before_entry(w);
	json_text(w->buf, s, len);
}

void json_put_string(struct json_writer *w, const char *s)
{
	if (s)
		json_put_string_n(w, s, strlen(s));
	else
		json_put_null(w);
}

static void put_items(struct json_writer *w, const struct value_array *array)
{
	json_begin_array(w);
	for (size_t i = 0; i < array->n && !w->buf->over; i++)
		json_put_value(w, &array->items[i]);
	json_end_array(w);
}

static void put_entries(struct json_writer *w, const struct value_map *map)
{
	json_begin_object(w);
	for (size_t i = 0; i < map->n && !w->buf->over; i++) {
		key_n(w, map->entries[i].key, map->entries[i].len);
		json_put_value(w, &map->entries[i].value);
	}
	json_end_object(w);
}

static void put_range(struct json_writer *w, int64_t from, int64_t to)
{
	json_begin_array(w);
	for (int64_t i = from; i <= to && !w->buf->over; i++) {
		json_put_int(w, i);
		if (i == INT64_MAX)
			break;
	}
	json_end_array(w);
}

void json_put_value(struct json_writer *w, const struct value *v)
{
	bool deep = w->depth >= JSON_DEPTH;

	switch (v->kind) {
	case VALUE_BOOL:
		json_put_bool(w, v->boolean);
		return;
	case VALUE_INT:
		json_put_int(w, v->integer);
		return;
	case VALUE_DOUBLE:
		json_put_double(w, v->real);
		return;
	case VALUE_STRING:
		json_put_string_n(w, v->text, v->len);
		return;
	case VALUE_ARRAY:
		if (!deep)
			put_items(w, v->array);
		break;
	case VALUE_MAP:
		if (!deep)
			put_entries(w, v->map);
		break;
	case VALUE_RANGE:
		if (!deep)
			put_range(w, v->from, v->to);
		break;
	case VALUE_NIL:
	case VALUE_BLANK:
	case VALUE_EMPTY:
	case VALUE_LOOP:
		json_put_null(w);
		return;
	}
	if (deep)
		json_put_null(w);
}

void json_value(struct buf *b, const struct value *v)
{
	struct json_writer w = { .buf = b };

	json_put_value(&w, v);
}

void json_key_null(struct json_writer *w, const char *key)
{
	json_key(w, key);
	json_put_null(w);
}

void json_key_bool(struct json_writer *w, const char *key, bool b)
{
	json_key(w, key);
	json_put_bool(w, b);
}

void json_key_int(struct json_writer *w, const char *key, int64_t i)
{
	json_key(w, key);
	json_put_int(w, i);
}

void json_key_string(struct json_writer *w, const char *key, const char *s)
{
	json_key(w, key);
	json_put_string(w, s);
}

void json_key_value(struct json_writer *w, const char *key, const struct value *v)
{
	json_key(w, key);
	json_put_value(w, v);
}
