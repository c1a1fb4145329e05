#ifndef PW_FORMAT_LIQUID_FILTERS_H
#define PW_FORMAT_LIQUID_FILTERS_H

#include "format/decimal.h"
#include "format/liquid_runtime.h"

/* Every filter has this shape; the names are those of templates. */
#define LIQUID_FILTERS(X)            \
	X(abs, 0, 0)                     \
	X(append, 1, 1)                  \
	X(at_least, 1, 1)                \
	X(at_most, 1, 1)                 \
	X(base64_decode, 0, 0)           \
	X(base64_encode, 0, 0)           \
	X(base64_url_safe_decode, 0, 0)  \
	X(base64_url_safe_encode, 0, 0)  \
	X(capitalize, 0, 0)              \
	X(ceil, 0, 0)                    \
	X(compact, 0, 1)                 \
	X(concat, 1, 1)                  \
	X(date, 1, 1)                    \
	X(default, 0, 2)                 \
	X(divided_by, 1, 1)              \
	X(downcase, 0, 0)                \
	X(escape, 0, 0)                  \
	X(escape_once, 0, 0)             \
	X(find, 1, 2)                    \
	X(find_index, 1, 2)              \
	X(first, 0, 0)                   \
	X(floor, 0, 0)                   \
	X(h, 0, 0)                       \
	X(has, 1, 2)                     \
	X(join, 0, 1)                    \
	X(last, 0, 0)                    \
	X(lstrip, 0, 0)                  \
	X(map, 1, 1)                     \
	X(minus, 1, 1)                   \
	X(modulo, 1, 1)                  \
	X(newline_to_br, 0, 0)           \
	X(plus, 1, 1)                    \
	X(prepend, 1, 1)                 \
	X(raw, 0, 0)                     \
	X(reject, 1, 2)                  \
	X(remove, 1, 1)                  \
	X(remove_first, 1, 1)            \
	X(remove_last, 1, 1)             \
	X(replace, 1, 2)                 \
	X(replace_first, 1, 2)           \
	X(replace_last, 2, 2)            \
	X(reverse, 0, 0)                 \
	X(round, 0, 1)                   \
	X(rstrip, 0, 0)                  \
	X(size, 0, 0)                    \
	X(slice, 1, 2)                   \
	X(sort, 0, 1)                    \
	X(sort_natural, 0, 1)            \
	X(split, 1, 1)                   \
	X(squish, 0, 0)                  \
	X(strip, 0, 0)                   \
	X(strip_html, 0, 0)              \
	X(strip_newlines, 0, 0)          \
	X(sum, 0, 1)                     \
	X(times, 1, 1)                   \
	X(truncate, 0, 2)                \
	X(truncatewords, 0, 2)           \
	X(uniq, 0, 1)                    \
	X(upcase, 0, 0)                  \
	X(url_decode, 0, 0)              \
	X(url_encode, 0, 0)              \
	X(where, 1, 2)

/* The head of a filter: FILTER(upcase) { ... *ret = ...; return 0; } */
#define FILTER_UNUSED __attribute__((unused))
#define FILTER(name)                                                                                   \
	int liquid_filter_##name(FILTER_UNUSED struct liquid_render *r, FILTER_UNUSED const struct value *input, \
	                         FILTER_UNUSED const struct value *args, FILTER_UNUSED size_t n,               \
	                         FILTER_UNUSED struct value *ret)

#define X(name, min, max) liquid_filter_fn liquid_filter_##name;
LIQUID_FILTERS(X)
#undef X

/* A number as the filters compute with: a whole one, an exact decimal, or else a double. */
struct number {
	bool whole, exact;
	int64_t integer;
	struct decimal decimal; /* when exact */
	double real;            /* when neither */
};

/* What a value counts as: numbers themselves, texts what they begin with, all else 0. */
struct number liquid_number(const struct value *v);
int liquid_number_add(struct liquid_render *r, const struct number *a, const struct number *b, struct number *ret);
struct value liquid_number_value(const struct number *n);

/* Appends to an array, within the memory allowed. */
int liquid_push(struct liquid_render *r, struct value *array, const struct value *item);

/*
 * What the filters on arrays work on: a flat array of the items of an array or range, or of one value.
 * *ret may be the input itself, so it is not to be changed.
 */
int liquid_items(struct liquid_render *r, const struct value *input, struct value *ret);

/* Whether item[property] means anything for the value: maps and texts have properties. */
bool liquid_has_properties(const struct value *v);

/* White space of ASCII. */
bool liquid_is_space(char c);

/* The byte where character n of a text begins; len when it has fewer. */
size_t liquid_character(const struct value *text, size_t n);

#endif
