#ifndef PW_FORMAT_VALUE_H
#define PW_FORMAT_VALUE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct value_array;
struct value_map;
struct value_loop;

/*
 * A value of the data that templates see and that JSON text becomes: the engine builds a contact's data
 * with these, json_parse() makes them, liquid_render() reads them.
 *
 * A value is small and copied freely; what it points to (texts, arrays, maps) belongs to the arena it
 * was made in. Values are not changed once they are in use by a render, except by building them further.
 */
enum value_kind {
	VALUE_NIL,
	VALUE_BOOL,
	VALUE_INT,
	VALUE_DOUBLE,
	VALUE_STRING,
	VALUE_ARRAY,
	VALUE_MAP,
	VALUE_RANGE, /* the whole numbers from..to, both included */
	VALUE_BLANK, /* the word `blank` in a condition of a template */
	VALUE_EMPTY, /* the word `empty` in a condition of a template */
	VALUE_LOOP,  /* `forloop` and `tablerowloop`; made by the renderer only */
};

struct value {
	enum value_kind kind;
	bool html; /* a string that is HTML already and is not escaped again; set by the renderer only */
	union {
		bool boolean;
		int64_t integer;
		double real;
		struct {
			const char *text; /* UTF-8, not NULL, not necessarily NUL-terminated */
			size_t len;
		};
		struct value_array *array;
		struct value_map *map;
		struct {
			int64_t from, to;
		};
		const struct value_loop *loop;
	};
};

struct value_array {
	struct arena *arena;
	struct value *items;
	size_t n, cap;
};

struct value_entry {
	const char *key;
	size_t len;
	uint64_t hash;
	struct value value;
	uint32_t below[2]; /* tree of the larger maps: index + 1 of smaller and greater */
	uint32_t level;
};

/* Entries keep the order in which their keys were first set. */
struct value_map {
	struct arena *arena;
	struct value_entry *entries;
	size_t n, cap;
	uint32_t root;
};

struct value value_nil(void);
struct value value_bool(bool b);
struct value value_int(int64_t i);
struct value value_double(double d);
struct value value_range(int64_t from, int64_t to);

/* A copy of s in the arena. NULL gives nil. */
struct value value_string(struct arena *a, const char *s);

/* The text itself, which the caller keeps alive and unchanged as long as the value is used. */
struct value value_text(const char *s);
struct value value_text_n(const char *s, size_t len);

/* An empty array; value_array_add() appends (array->kind is VALUE_ARRAY). */
struct value value_array(struct arena *a);
void value_array_add(struct value *array, struct value item);

/*
 * An empty map; value_map_set() sets key, replacing what it had (map->kind is VALUE_MAP). The key is
 * copied. Any bytes are allowed in a key.
 */
struct value value_map(struct arena *a);
void value_map_set(struct value *map, const char *key, struct value v);
void value_map_set_n(struct value *map, const char *key, size_t len, struct value v);

/* The value at key, or NULL: no such key, or not a map. Owned by the map; valid until the next set. */
const struct value *value_get(const struct value *map, const char *key);

/* Like value_get, for a key whose hash_bytes() is known already. */
const struct value *value_map_find(const struct value_map *map, const char *key, size_t len, uint64_t hash);

bool value_is_number(const struct value *v);

/* Which of two numbers, or of two strings by their bytes, is less: below 0, 0, above 0. */
int value_order(const struct value *a, const struct value *b);

/* Everything but nil and false. */
bool value_is_true(const struct value *v);

/* Nil, text of white space only, an empty array or map; not false, not 0. What makes an output a hole. */
bool value_is_blank(const struct value *v);

/* Equal as Liquid's == has it: 1 == 1.0, "1" != 1, arrays and maps by content. */
bool value_equal(const struct value *a, const struct value *b);

/* The characters of a string, the items of an array, map or range; -1 for what has no size. */
int64_t value_size(const struct value *v);

/*
 * Appends the value as Liquid turns it into text: nil is nothing, 1.0 stays "1.0", an array or a map
 * inside a text is written as ["a", 1] and {"k"=>"v"}. Nesting beyond 100 is cut.
 */
void value_append(struct buf *b, const struct value *v);

/* The same with quotes around strings and the word nil: how items of arrays are written. */
void value_inspect(struct buf *b, const struct value *v);

#endif
