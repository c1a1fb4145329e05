#include "format/liquid_filters.h"

#include <string.h>

static const struct liquid_filter filters[] = {
#define X(name, min, max) { #name, min, max, liquid_filter_##name },
	LIQUID_FILTERS(X)
#undef X
};

static const char *const filter_names[] = {
#define X(name, min, max) #name,
	LIQUID_FILTERS(X)
#undef X
};

const char *const *liquid_filter_names(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(filter_names);
	return filter_names;
}

const struct liquid_filter *liquid_find_filter(const char *name, size_t len)
{
	size_t from = 0, to = ARRAY_LEN(filters);

	while (from < to) {
		size_t middle = (from + to) / 2;
		int order = strncmp(name, filters[middle].name, len);

		if (order == 0 && filters[middle].name[len] == '\0')
			return &filters[middle];
		if (order > 0)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

int liquid_keep_built(struct liquid_render *r, struct value *ret)
{
	if (r->text.over)
		return liquid_out_of_memory(r);
	return liquid_keep(r, r->text.s, r->text.len, ret);
}

int liquid_push(struct liquid_render *r, struct value *array, const struct value *item)
{
	if (r->memory < 2 * sizeof *item)
		return liquid_out_of_memory(r);
	r->memory -= 2 * sizeof *item;
	value_array_add(array, *item);
	return liquid_spend(r, 1);
}

bool liquid_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

size_t liquid_character(const struct value *text, size_t n)
{
	size_t i = 0;

	while (n > 0 && i < text->len) {
		i++;
		while (i < text->len && (text->text[i] & 0xc0) == 0x80)
			i++;
		n--;
	}
	return i;
}

/* In a template `raw` never runs: the compiler turns it into a property of the output. */
FILTER(raw)
{
	*ret = *input;
	return 0;
}

FILTER(default)
{
	const struct value *allow_false = &args[LIQUID_FILTER_ARGS - 1];
	bool missing = value_is_true(allow_false) ? input->kind == VALUE_NIL : !value_is_true(input);

	if ((input->kind == VALUE_STRING && input->len == 0) ||
	    ((input->kind == VALUE_ARRAY || input->kind == VALUE_MAP) && value_size(input) == 0))
		missing = true;
	*ret = *input;
	if (missing)
		*ret = n > 0 ? args[0] : value_text("");
	return 0;
}

FILTER(size)
{
	int64_t size = value_size(input);

	if (input->kind == VALUE_INT)
		size = sizeof input->integer;
	*ret = value_int(size < 0 ? 0 : size);
	return liquid_spend(r, input->kind == VALUE_STRING ? input->len / STEP_BYTES : 0);
}
