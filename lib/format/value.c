#include "format/value.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/random.h"
#include "base/utf8.h"
#include "format/decimal.h"

#include <inttypes.h>
#include <string.h>

/* Up to this many entries a map is searched from front to back, beyond by its tree. */
#define SMALL_MAP 8

#define MAX_DEPTH 100

struct value value_nil(void)
{
	return (struct value){ .kind = VALUE_NIL };
}

struct value value_bool(bool b)
{
	return (struct value){ .kind = VALUE_BOOL, .boolean = b };
}

struct value value_int(int64_t i)
{
	return (struct value){ .kind = VALUE_INT, .integer = i };
}

struct value value_double(double d)
{
	return (struct value){ .kind = VALUE_DOUBLE, .real = d };
}

struct value value_range(int64_t from, int64_t to)
{
	return (struct value){ .kind = VALUE_RANGE, .from = from, .to = to };
}

struct value value_text_n(const char *s, size_t len)
{
	return (struct value){ .kind = VALUE_STRING, .text = s, .len = len };
}

struct value value_text(const char *s)
{
	return value_text_n(s, strlen(s));
}

struct value value_string(struct arena *a, const char *s)
{
	return s ? value_text(arena_strdup(a, s)) : value_nil();
}

struct value value_array(struct arena *a)
{
	struct value_array *array = ARENA_NEW(a, struct value_array);

	array->arena = a;
	return (struct value){ .kind = VALUE_ARRAY, .array = array };
}

/* A longer copy in the arena; the old one is left to it. */
static void *grow(struct arena *a, const void *items, size_t n, size_t *cap, size_t size)
{
	void *more;

	*cap = *cap ? *cap * 2 : 4;
	more = arena_array(a, *cap, size);
	if (n)
		memcpy(more, items, n * size);
	return more;
}

void value_array_add(struct value *array, struct value item)
{
	struct value_array *a = array->array;

	if (a->n == a->cap)
		a->items = grow(a->arena, a->items, a->n, &a->cap, sizeof *a->items);
	a->items[a->n++] = item;
}

struct value value_map(struct arena *a)
{
	struct value_map *map = ARENA_NEW(a, struct value_map);

	map->arena = a;
	return (struct value){ .kind = VALUE_MAP, .map = map };
}

/*
 * Larger maps carry an AA tree over their entries, ordered by hash and then by key: a lookup compares
 * numbers, and keys that were made to collide cost no more than others.
 */
static int entry_compare(const struct value_entry *e, const char *key, size_t len, uint64_t hash)
{
	if (e->hash != hash)
		return hash < e->hash ? -1 : 1;
	if (e->len != len)
		return len < e->len ? -1 : 1;
	return memcmp(key, e->key, len);
}

static struct value_entry *at(const struct value_map *map, uint32_t link)
{
	return &map->entries[link - 1];
}

static uint32_t level(const struct value_map *map, uint32_t link)
{
	return link ? at(map, link)->level : 0;
}

/* Moves the child on `side` above its parent. */
static uint32_t rotate(struct value_map *map, uint32_t link, int side)
{
	uint32_t child = at(map, link)->below[side];

	at(map, link)->below[side] = at(map, child)->below[!side];
	at(map, child)->below[!side] = link;
	return child;
}

static uint32_t balance(struct value_map *map, uint32_t link)
{
	uint32_t right;

	if (level(map, at(map, link)->below[0]) == at(map, link)->level)
		link = rotate(map, link, 0);
	right = at(map, link)->below[1];
	if (right && level(map, at(map, right)->below[1]) == at(map, link)->level) {
		link = rotate(map, link, 1);
		at(map, link)->level++;
	}
	return link;
}

static uint32_t tree_insert(struct value_map *map, uint32_t link, uint32_t new)
{
	const struct value_entry *e = at(map, new);
	int side;

	if (!link) {
		at(map, new)->level = 1;
		return new;
	}
	side = entry_compare(at(map, link), e->key, e->len, e->hash) > 0;
	at(map, link)->below[side] = tree_insert(map, at(map, link)->below[side], new);
	return balance(map, link);
}

static struct value_entry *entry_find(const struct value_map *map, const char *key, size_t len, uint64_t hash)
{
	uint32_t link = map->root;

	if (map->n <= SMALL_MAP) {
		for (size_t i = 0; i < map->n; i++)
			if (entry_compare(&map->entries[i], key, len, hash) == 0)
				return &map->entries[i];
		return NULL;
	}
	while (link) {
		int order = entry_compare(at(map, link), key, len, hash);

		if (order == 0)
			return at(map, link);
		link = at(map, link)->below[order > 0];
	}
	return NULL;
}

void value_map_set_n(struct value *map, const char *key, size_t len, struct value v)
{
	struct value_map *m = map->map;
	uint64_t hash = hash_bytes(key, len);
	struct value_entry *e = entry_find(m, key, len, hash);

	if (e) {
		e->value = v;
		return;
	}
	BUG_ON(m->n >= UINT32_MAX - 1);
	if (m->n == m->cap)
		m->entries = grow(m->arena, m->entries, m->n, &m->cap, sizeof *m->entries);
	m->entries[m->n++] =
		(struct value_entry){ .key = arena_strndup(m->arena, key, len), .len = len, .hash = hash, .value = v };
	if (m->n <= SMALL_MAP)
		return;
	for (size_t i = m->n == SMALL_MAP + 1 ? 1 : m->n; i <= m->n; i++)
		m->root = tree_insert(m, m->root, (uint32_t)i);
}

void value_map_set(struct value *map, const char *key, struct value v)
{
	value_map_set_n(map, key, strlen(key), v);
}

const struct value *value_map_find(const struct value_map *map, const char *key, size_t len, uint64_t hash)
{
	const struct value_entry *e = entry_find(map, key, len, hash);

	return e ? &e->value : NULL;
}

const struct value *value_get(const struct value *map, const char *key)
{
	size_t len = strlen(key);

	return map->kind == VALUE_MAP ? value_map_find(map->map, key, len, hash_bytes(key, len)) : NULL;
}

bool value_is_number(const struct value *v)
{
	return v->kind == VALUE_INT || v->kind == VALUE_DOUBLE;
}

static double real_of(const struct value *v)
{
	return v->kind == VALUE_INT ? (double)v->integer : v->real;
}

int value_order(const struct value *a, const struct value *b)
{
	int order;

	if (a->kind == VALUE_INT && b->kind == VALUE_INT)
		return (a->integer > b->integer) - (a->integer < b->integer);
	if (value_is_number(a))
		return (real_of(a) > real_of(b)) - (real_of(a) < real_of(b));
	order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);
	return order ? order : (a->len > b->len) - (a->len < b->len);
}

bool value_is_true(const struct value *v)
{
	return v->kind != VALUE_NIL && (v->kind != VALUE_BOOL || v->boolean);
}

static bool text_is_blank(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] != ' ' && (s[i] < '\t' || s[i] > '\r'))
			return false;
	return true;
}

bool value_is_blank(const struct value *v)
{
	if (v->kind == VALUE_STRING)
		return text_is_blank(v->text, v->len);
	if (v->kind == VALUE_ARRAY)
		return v->array->n == 0;
	if (v->kind == VALUE_MAP)
		return v->map->n == 0;
	return v->kind == VALUE_NIL || v->kind == VALUE_BLANK || v->kind == VALUE_EMPTY;
}

static bool equal(const struct value *a, const struct value *b, int depth);

static bool arrays_equal(const struct value_array *a, const struct value_array *b, int depth)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!equal(&a->items[i], &b->items[i], depth))
			return false;
	return true;
}

static bool maps_equal(const struct value_map *a, const struct value_map *b, int depth)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct value_entry *e = &a->entries[i];
		const struct value *other = value_map_find(b, e->key, e->len, e->hash);

		if (!other || !equal(&e->value, other, depth))
			return false;
	}
	return true;
}

static bool equal(const struct value *a, const struct value *b, int depth)
{
	if (a->kind != b->kind) {
		if (!value_is_number(a) || !value_is_number(b))
			return false;
		return a->kind == VALUE_INT ? (double)a->integer == b->real : a->real == (double)b->integer;
	}
	if (depth > MAX_DEPTH)
		return false;
	switch (a->kind) {
	case VALUE_BOOL:
		return a->boolean == b->boolean;
	case VALUE_INT:
		return a->integer == b->integer;
	case VALUE_DOUBLE:
		return a->real == b->real;
	case VALUE_STRING:
		return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
	case VALUE_ARRAY:
		return a->array == b->array || arrays_equal(a->array, b->array, depth + 1);
	case VALUE_MAP:
		return a->map == b->map || maps_equal(a->map, b->map, depth + 1);
	case VALUE_RANGE:
		return a->from == b->from && a->to == b->to;
	case VALUE_LOOP:
		return a->loop == b->loop;
	case VALUE_NIL:
	case VALUE_BLANK:
	case VALUE_EMPTY:
		break;
	}
	return true;
}

bool value_equal(const struct value *a, const struct value *b)
{
	return equal(a, b, 0);
}

int64_t value_size(const struct value *v)
{
	int64_t n;

	if (v->kind == VALUE_STRING)
		return (int64_t)utf8_length(v->text, v->len);
	if (v->kind == VALUE_ARRAY)
		return (int64_t)v->array->n;
	if (v->kind == VALUE_MAP)
		return (int64_t)v->map->n;
	if (v->kind != VALUE_RANGE)
		return -1;
	if (v->to < v->from)
		return 0;
	if (__builtin_sub_overflow(v->to, v->from, &n) || n == INT64_MAX)
		return INT64_MAX;
	return n + 1;
}

static void inspect(struct buf *b, const struct value *v, int depth);

static void inspect_string(struct buf *b, const char *s, size_t len)
{
	static const char named[] = "\a\b\t\n\v\f\r\x1b\"\\", letters[] = "abtnvfre\"\\";

	size_t plain = 0;

	buf_addc(b, '"');
	for (size_t i = 0; i < len; i++) {
		const char *found = NULL;

		if ((unsigned char)s[i] >= 0x20 && s[i] != 0x7f && s[i] != '"' && s[i] != '\\')
			continue;
		buf_add(b, s + plain, i - plain);
		plain = i + 1;
		if (s[i])
			found = strchr(named, s[i]);
		if (found)
			buf_addf(b, "\\%c", letters[found - named]);
		else
			buf_addf(b, "\\u%04X", (unsigned char)s[i]);
	}
	buf_add(b, s + plain, len - plain);
	buf_addc(b, '"');
}

static void inspect_array(struct buf *b, const struct value_array *a, int depth)
{
	buf_addc(b, '[');
	for (size_t i = 0; i < a->n && !b->over; i++) {
		if (i)
			buf_adds(b, ", ");
		inspect(b, &a->items[i], depth);
	}
	buf_addc(b, ']');
}

static void inspect_map(struct buf *b, const struct value_map *map, int depth)
{
	buf_addc(b, '{');
	for (size_t i = 0; i < map->n && !b->over; i++) {
		if (i)
			buf_adds(b, ", ");
		inspect_string(b, map->entries[i].key, map->entries[i].len);
		buf_adds(b, "=>");
		inspect(b, &map->entries[i].value, depth);
	}
	buf_addc(b, '}');
}

static void append(struct buf *b, const struct value *v, int depth)
{
	char number[NUMBER_TEXT];

	switch (v->kind) {
	case VALUE_NIL:
	case VALUE_BLANK:
	case VALUE_EMPTY:
		break;
	case VALUE_BOOL:
		buf_adds(b, v->boolean ? "true" : "false");
		break;
	case VALUE_INT:
		buf_addf(b, "%" PRId64, v->integer);
		break;
	case VALUE_DOUBLE:
		buf_add(b, number, number_format(v->real, number));
		break;
	case VALUE_STRING:
		buf_add(b, v->text, v->len);
		break;
	case VALUE_ARRAY:
		if (depth < MAX_DEPTH)
			inspect_array(b, v->array, depth + 1);
		break;
	case VALUE_MAP:
		if (depth < MAX_DEPTH)
			inspect_map(b, v->map, depth + 1);
		break;
	case VALUE_RANGE:
		buf_addf(b, "%" PRId64 "..%" PRId64, v->from, v->to);
		break;
	case VALUE_LOOP:
		buf_adds(b, "Liquid::ForloopDrop");
		break;
	}
}

static void inspect(struct buf *b, const struct value *v, int depth)
{
	if (v->kind == VALUE_STRING)
		inspect_string(b, v->text, v->len);
	else if (v->kind == VALUE_NIL)
		buf_adds(b, "nil");
	else
		append(b, v, depth);
}

void value_append(struct buf *b, const struct value *v)
{
	append(b, v, 0);
}

void value_inspect(struct buf *b, const struct value *v)
{
	inspect(b, v, 0);
}
