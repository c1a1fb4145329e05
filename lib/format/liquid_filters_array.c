#include "base/random.h"
#include "format/liquid_filters.h"

#include <string.h>

#define FLATTEN_DEPTH 100

/* Filters on arrays work on a flat list of what they are given; a single value is a list of one. */
static int flatten(struct liquid_render *r, const struct value_array *array, struct value *ret, int depth)
{
	if (depth > FLATTEN_DEPTH)
		return liquid_fail(r, "arrays are nested more than %d deep", FLATTEN_DEPTH);
	if (liquid_spend(r, array->n) < 0)
		return -1;
	for (size_t i = 0; i < array->n; i++) {
		const struct value *item = &array->items[i];
		int rc = item->kind == VALUE_ARRAY ? flatten(r, item->array, ret, depth + 1) : liquid_push(r, ret, item);

		if (rc < 0)
			return -1;
	}
	return 0;
}

static bool is_flat(const struct value_array *array)
{
	for (size_t i = 0; i < array->n; i++)
		if (array->items[i].kind == VALUE_ARRAY)
			return false;
	return true;
}

static int range_items(struct liquid_render *r, const struct value *range, struct value *ret)
{
	int64_t n = value_size(range);

	if ((uint64_t)n > r->memory / sizeof(struct value))
		return liquid_fail(r, "this range is too long");
	if (liquid_new_array(r, (size_t)n, ret) < 0)
		return -1;
	for (int64_t i = 0; i < n; i++)
		ret->array->items[i] = value_int(range->from + i);
	return liquid_spend(r, (size_t)n);
}

int liquid_items(struct liquid_render *r, const struct value *input, struct value *ret)
{
	if (input->kind == VALUE_ARRAY && is_flat(input->array)) {
		*ret = *input;
		return liquid_spend(r, input->array->n);
	}
	if (input->kind == VALUE_RANGE)
		return range_items(r, input, ret);
	*ret = value_array(r->scratch);
	if (input->kind == VALUE_ARRAY)
		return flatten(r, input->array, ret, 0);
	return input->kind == VALUE_NIL ? 0 : liquid_push(r, ret, input);
}

bool liquid_has_properties(const struct value *v)
{
	return v->kind == VALUE_MAP || v->kind == VALUE_STRING || v->kind == VALUE_INT || v->kind == VALUE_ARRAY ||
	       v->kind == VALUE_LOOP;
}

static int no_property(struct liquid_render *r, const struct value *property)
{
	struct value name;

	if (liquid_text(r, property, &name) < 0)
		return -1;
	return liquid_fail(r, "cannot select the property '%.*s'", (int)(name.len < 100 ? name.len : 100), name.text);
}

static int text_property(struct liquid_render *r, const struct value *text, const struct value *property,
                         struct value *ret)
{
	struct value rest;
	int64_t at;

	if (property->kind == VALUE_STRING) {
		if (memmem(text->text, text->len, property->text, property->len))
			*ret = *property;
		return 1;
	}
	if (property->kind != VALUE_INT)
		return no_property(r, property);
	at = property->integer < 0 ? property->integer + value_size(text) : property->integer;
	if (at < 0 || at >= value_size(text))
		return 1;
	rest = value_text_n(text->text, text->len);
	rest.text += liquid_character(text, (size_t)at);
	rest.len -= (size_t)(rest.text - text->text);
	*ret = value_text_n(rest.text, liquid_character(&rest, 1));
	return 1;
}

/*
 * item[property]: the entry of a map, the part of a text. Returns 1, 0 when such a value has no properties
 * at all, or -1 after a failure.
 */
static int property_of(struct liquid_render *r, const struct value *item, const struct value *property,
                       struct value *ret)
{
	const struct value *found = NULL;

	*ret = value_nil();
	if (!liquid_has_properties(item))
		return 0;
	if (item->kind == VALUE_STRING)
		return liquid_spend(r, item->len / STEP_BYTES) < 0 ? -1 : text_property(r, item, property, ret);
	if (item->kind == VALUE_INT || item->kind == VALUE_ARRAY)
		return no_property(r, property);
	if (item->kind == VALUE_MAP && property->kind == VALUE_STRING)
		found = value_map_find(item->map, property->text, property->len,
		                       hash_bytes(property->text, property->len));
	if (found)
		*ret = *found;
	return 1;
}

/* What where, find and kin look for: a property that is true, or equal to args[1]. Like property_of. */
static int matches(struct liquid_render *r, const struct value *item, const struct value *args, bool *ret)
{
	struct value v;
	int rc = property_of(r, item, &args[0], &v), equal;

	if (rc <= 0)
		return rc;
	if (args[1].kind == VALUE_NIL) {
		*ret = value_is_true(&v);
		return 1;
	}
	equal = liquid_values_equal(r, &v, &args[1]);
	*ret = equal > 0;
	return equal < 0 ? -1 : 1;
}

/* The items that match, or do not. Something without properties among them makes the result nil. */
static int select_items(struct liquid_render *r, const struct value *input, const struct value *args, bool wanted,
                        struct value *ret)
{
	struct value items, selected = value_array(r->scratch);
	bool match;
	int rc;

	if (liquid_items(r, input, &items) < 0)
		return -1;
	for (size_t i = 0; i < items.array->n; i++) {
		rc = matches(r, &items.array->items[i], args, &match);
		if (rc <= 0)
			return rc;
		if (match == wanted && liquid_push(r, &selected, &items.array->items[i]) < 0)
			return -1;
	}
	*ret = selected;
	return 0;
}

FILTER(where)
{
	return select_items(r, input, args, true, ret);
}

FILTER(reject)
{
	return select_items(r, input, args, false, ret);
}

/* The index of the first match. Returns 1 with *found false when there is none; otherwise like matches. */
static int find_item(struct liquid_render *r, const struct value *items, const struct value *args, size_t *index,
                     bool *found)
{
	int rc = 1;

	*found = false;
	for (*index = 0; *index < items->array->n; ++*index) {
		rc = matches(r, &items->array->items[*index], args, found);
		if (rc <= 0 || *found)
			return rc;
	}
	return 1;
}

FILTER(has)
{
	struct value items;
	size_t index;
	bool found;
	int rc;

	if (liquid_items(r, input, &items) < 0)
		return -1;
	rc = find_item(r, &items, args, &index, &found);
	if (rc > 0)
		*ret = value_bool(found);
	return rc < 0 ? -1 : 0;
}

FILTER(find)
{
	struct value items;
	size_t index;
	bool found;

	if (liquid_items(r, input, &items) < 0 || find_item(r, &items, args, &index, &found) < 0)
		return -1;
	if (found)
		*ret = items.array->items[index];
	return 0;
}

FILTER(find_index)
{
	struct value items;
	size_t index;
	bool found;

	if (liquid_items(r, input, &items) < 0 || find_item(r, &items, args, &index, &found) < 0)
		return -1;
	if (found)
		*ret = value_int((int64_t)index);
	return 0;
}

FILTER(map)
{
	struct value items, mapped;

	if (liquid_items(r, input, &items) < 0 || liquid_new_array(r, items.array->n, &mapped) < 0)
		return -1;
	for (size_t i = 0; i < items.array->n; i++)
		if (property_of(r, &items.array->items[i], &args[0], &mapped.array->items[i]) < 0)
			return -1;
	*ret = mapped;
	return 0;
}

FILTER(compact)
{
	struct value items, kept = value_array(r->scratch), v;
	int rc;

	if (liquid_items(r, input, &items) < 0)
		return -1;
	for (size_t i = 0; i < items.array->n; i++) {
		v = items.array->items[i];
		rc = args[0].kind == VALUE_NIL ? 1 : property_of(r, &items.array->items[i], &args[0], &v);
		if (rc <= 0)
			return rc;
		if (v.kind != VALUE_NIL && liquid_push(r, &kept, &items.array->items[i]) < 0)
			return -1;
	}
	*ret = kept;
	return 0;
}

/* Whether the value was seen before; remembers it. Values are told apart by how they are written. */
static int is_new(struct liquid_render *r, struct value *seen, const struct value *v, bool *ret)
{
	buf_clear(&r->text);
	value_inspect(&r->text, v);
	if (liquid_spend_built(r) < 0)
		return -1;
	*ret = value_map_find(seen->map, r->text.s, r->text.len, hash_bytes(r->text.s, r->text.len)) == NULL;
	if (!*ret)
		return 0;
	if (r->memory < r->text.len + 2 * sizeof(struct value_entry))
		return liquid_out_of_memory(r);
	r->memory -= r->text.len + 2 * sizeof(struct value_entry);
	value_map_set_n(seen, r->text.s, r->text.len, value_bool(true));
	return 0;
}

FILTER(uniq)
{
	struct value items, kept = value_array(r->scratch), seen = value_map(r->scratch), v;
	bool new;
	int rc;

	if (liquid_items(r, input, &items) < 0)
		return -1;
	for (size_t i = 0; i < items.array->n; i++) {
		v = items.array->items[i];
		rc = args[0].kind == VALUE_NIL ? 1 : property_of(r, &items.array->items[i], &args[0], &v);
		if (rc <= 0)
			return rc;
		if (is_new(r, &seen, &v, &new) < 0 || (new && liquid_push(r, &kept, &items.array->items[i]) < 0))
			return -1;
	}
	*ret = kept;
	return 0;
}

FILTER(concat)
{
	struct value items, all;

	if (args[0].kind != VALUE_ARRAY)
		return liquid_fail(r, "the filter 'concat' needs an array");
	if (liquid_items(r, input, &items) < 0 || liquid_new_array(r, items.array->n + args[0].array->n, &all) < 0)
		return -1;
	if (items.array->n)
		memcpy(all.array->items, items.array->items, items.array->n * sizeof(struct value));
	if (args[0].array->n)
		memcpy(all.array->items + items.array->n, args[0].array->items, args[0].array->n * sizeof(struct value));
	*ret = all;
	return liquid_spend(r, args[0].array->n);
}

FILTER(reverse)
{
	struct value items, turned;

	if (liquid_items(r, input, &items) < 0 || liquid_new_array(r, items.array->n, &turned) < 0)
		return -1;
	for (size_t i = 0; i < items.array->n; i++)
		turned.array->items[i] = items.array->items[items.array->n - 1 - i];
	*ret = turned;
	return 0;
}

FILTER(join)
{
	struct value items, glue = value_text(" ");

	if (liquid_items(r, input, &items) < 0 || (n > 0 && liquid_text(r, &args[0], &glue) < 0))
		return -1;
	buf_clear(&r->text);
	for (size_t i = 0; i < items.array->n && !r->text.over; i++) {
		if (i > 0)
			buf_add(&r->text, glue.text, glue.len);
		value_append(&r->text, &items.array->items[i]);
	}
	return liquid_keep_built(r, ret);
}

FILTER(first)
{
	*ret = liquid_command(r, input, COMMAND_FIRST);
	return 0;
}

FILTER(last)
{
	*ret = liquid_command(r, input, COMMAND_LAST);
	return 0;
}

FILTER(sum)
{
	struct value items, v;
	struct number total = { .whole = true }, next;
	struct value parts = value_array(r->scratch);

	if (liquid_items(r, input, &items) < 0)
		return -1;
	for (size_t i = 0; i < items.array->n; i++) {
		v = items.array->items[i];
		if (args[0].kind != VALUE_NIL && property_of(r, &items.array->items[i], &args[0], &v) < 0)
			return -1;
		if (liquid_push(r, &parts, &v) < 0)
			return -1;
	}
	if (liquid_items(r, &parts, &items) < 0)
		return -1;
	for (size_t i = 0; i < items.array->n; i++) {
		next = liquid_number(&items.array->items[i]);
		if (liquid_number_add(r, &total, &next, &total) < 0)
			return -1;
	}
	*ret = liquid_number_value(&total);
	return 0;
}
