#include "format/liquid_filters.h"

#include <string.h>

/* The sorting of arrays: stable, by merging, because comparing can fail. */
struct keyed {
	struct value key, item;
};

typedef int compare_fn(struct liquid_render *r, const struct value *a, const struct value *b, int *ret);

/* Numbers among numbers, texts among texts; nil comes last; nothing else has an order. */
static int compare_strictly(struct liquid_render *r, const struct value *a, const struct value *b, int *ret)
{
	int equal;

	*ret = 0;
	if (value_is_number(a) && value_is_number(b)) {
		*ret = value_order(a, b);
		return 0;
	}
	if (a->kind == VALUE_STRING && b->kind == VALUE_STRING) {
		*ret = value_order(a, b);
		return liquid_spend(r, a->len / STEP_BYTES);
	}
	if (a->kind == VALUE_NIL || b->kind == VALUE_NIL) {
		*ret = (a->kind == VALUE_NIL) - (b->kind == VALUE_NIL);
		return 0;
	}
	equal = liquid_values_equal(r, a, b);
	if (equal == 0)
		return liquid_fail(r, "values of different types cannot be sorted");
	return equal < 0 ? -1 : 0;
}

static int fold(char c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : (unsigned char)c;
}

static int compare_naturally(struct liquid_render *r, const struct value *a, const struct value *b, int *ret)
{
	size_t i = 0;

	if (a->kind == VALUE_NIL || b->kind == VALUE_NIL) {
		*ret = (a->kind == VALUE_NIL) - (b->kind == VALUE_NIL);
		return 0;
	}
	while (i < a->len && i < b->len && fold(a->text[i]) == fold(b->text[i]))
		i++;
	if (i < a->len && i < b->len)
		*ret = fold(a->text[i]) - fold(b->text[i]);
	else
		*ret = (a->len > b->len) - (a->len < b->len);
	return liquid_spend(r, i / STEP_BYTES);
}

static int merge(struct liquid_render *r, compare_fn *compare, const struct keyed *from, size_t middle, size_t end,
                 struct keyed *to)
{
	size_t a = 0, b = middle;
	int order;

	for (size_t i = 0; i < end; i++) {
		order = 0;
		if (a < middle && b < end && compare(r, &from[a].key, &from[b].key, &order) < 0)
			return -1;
		to[i] = b >= end || (a < middle && order <= 0) ? from[a++] : from[b++];
	}
	return liquid_spend(r, end);
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Sorts list, with room for as many behind it. */
static int merge_sort(struct liquid_render *r, compare_fn *compare, struct keyed *list, size_t n)
{
	struct keyed *from = list, *to = list + n, *turn;

	for (size_t width = 1; width < n; width *= 2) {
		for (size_t i = 0; i < n; i += 2 * width)
			if (merge(r, compare, from + i, smaller(width, n - i), smaller(2 * width, n - i), to + i) < 0)
				return -1;
		turn = from;
		from = to;
		to = turn;
	}
	if (from != list && n > 0)
		memcpy(list, from, n * sizeof *list);
	return 0;
}

static int sort(struct liquid_render *r, compare_fn *compare, const struct value *items, const struct value *keys,
                struct value *ret)
{
	size_t n = items->array->n;
	struct keyed *list = liquid_room(r, 2 * n * sizeof *list);

	if (!list || liquid_new_array(r, n, ret) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		list[i] = (struct keyed){ keys->array->items[i], items->array->items[i] };
		if (compare == compare_naturally && list[i].key.kind != VALUE_NIL &&
		    liquid_text(r, &list[i].key, &list[i].key) < 0)
			return -1;
	}
	if (merge_sort(r, compare, list, n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		ret->array->items[i] = list[i].item;
	return 0;
}

/* With a property the items are sorted by that; if one cannot have any, the result is nil. */
static int sort_by(struct liquid_render *r, compare_fn *compare, const struct value *input,
                   const struct value *property, struct value *ret)
{
	struct value items, keys;

	if (liquid_items(r, input, &items) < 0)
		return -1;
	if (property->kind == VALUE_NIL)
		return sort(r, compare, &items, &items, ret);
	for (size_t i = 0; i < items.array->n; i++)
		if (!liquid_has_properties(&items.array->items[i]))
			return 0;
	if (liquid_filter_map(r, &items, property, 1, &keys) < 0)
		return -1;
	return sort(r, compare, &items, &keys, ret);
}

FILTER(sort)
{
	return sort_by(r, compare_strictly, input, &args[0], ret);
}

FILTER(sort_natural)
{
	return sort_by(r, compare_naturally, input, &args[0], ret);
}
