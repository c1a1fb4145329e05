#include "base/random.h"
#include "base/utf8.h"
#include "format/decimal.h"
#include "format/liquid_runtime.h"

#include <string.h>

/* Doubles from here on have no int64_t. */
#define INT64_RANGE 9223372036854775808.0

static const struct value nil = { .kind = VALUE_NIL };

/* A variable that the template does not set: a counter, else the data. */
static const struct value *find_outside(const struct liquid_render *r, const char *name, size_t len, uint64_t hash)
{
	const struct value *found = NULL;

	if (r->counters.kind == VALUE_MAP)
		found = value_map_find(r->counters.map, name, len, hash);
	if (!found && r->root)
		found = value_map_find(r->root->map, name, len, hash);
	return found ? found : &nil;
}

static bool text_is(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(s, word, len) == 0;
}

/* {{ [name] }}: loops first, then what the template set, then the data. */
static const struct value *find_by_name(const struct liquid_render *r, const struct value *name)
{
	uint64_t hash;
	const struct value *slot;

	if (name->kind != VALUE_STRING)
		return &nil;
	for (const struct value_loop *l = r->loops; l; l = l->outer) {
		if (l->loop->len == name->len && memcmp(l->loop->variable, name->text, name->len) == 0)
			return &r->slots[l->loop->slot].value;
		if (text_is(name->text, name->len, l->table ? "tablerowloop" : "forloop"))
			return &r->slots[l->loop->loop_slot].value;
	}
	hash = hash_bytes(name->text, name->len);
	slot = value_map_find(r->template->slot_names.map, name->text, name->len, hash);
	if (slot && r->slots[slot->integer].set)
		return &r->slots[slot->integer].value;
	return find_outside(r, name->text, name->len, hash);
}

static struct value loop_member(const struct value_loop *l, const char *name, size_t len)
{
	const struct {
		const char *name;
		bool table_only;
		struct value value;
	} members[] = {
		{ "index", false, value_int(l->index + 1) },
		{ "index0", false, value_int(l->index) },
		{ "rindex", false, value_int(l->length - l->index) },
		{ "rindex0", false, value_int(l->length - l->index - 1) },
		{ "first", false, value_bool(l->index == 0) },
		{ "last", false, value_bool(l->index == l->length - 1) },
		{ "length", false, value_int(l->length) },
		{ "col", true, value_int(l->col) },
		{ "col0", true, value_int(l->col - 1) },
		{ "row", true, value_int(l->row) },
		{ "col_first", true, value_bool(l->col == 1) },
		{ "col_last", true, value_bool(l->col == l->cols) },
	};

	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (text_is(name, len, members[i].name) && (l->table || !members[i].table_only))
			return members[i].value;
	if (!l->table && text_is(name, len, "name"))
		return value_text(l->loop->name);
	if (!l->table && l->parent && text_is(name, len, "parentloop"))
		return (struct value){ .kind = VALUE_LOOP, .loop = l->parent };
	return nil;
}

static struct value array_item(const struct value_array *array, int64_t index)
{
	int64_t n = (int64_t)array->n;

	if (index < 0)
		index += n;
	return index >= 0 && index < n ? array->items[index] : nil;
}

/* The first or last character; "" of an empty text. */
static struct value text_end(const struct value *v, bool last)
{
	size_t from = last && v->len ? v->len - 1 : 0, n;
	uint32_t c;

	while (from > 0 && (v->text[from] & 0xc0) == 0x80)
		from--;
	n = utf8_decode(v->text + from, v->len - from, &c);
	return value_text_n(v->text + from, n || !v->len ? n : 1);
}

static struct value map_first(struct liquid_render *r, const struct value_map *map)
{
	struct value pair;

	if (map->n == 0)
		return nil;
	pair = value_array(r->scratch);
	value_array_add(&pair, value_text_n(map->entries[0].key, map->entries[0].len));
	value_array_add(&pair, map->entries[0].value);
	return pair;
}

struct value liquid_command(struct liquid_render *r, const struct value *v, enum liquid_command command)
{
	int64_t size;

	if (command == COMMAND_SIZE) {
		if (v->kind == VALUE_STRING && liquid_spend(r, v->len / STEP_BYTES) < 0)
			return nil;
		size = v->kind == VALUE_INT ? (int64_t)sizeof v->integer : value_size(v);
		return size < 0 ? nil : value_int(size);
	}
	if (v->kind == VALUE_ARRAY)
		return array_item(v->array, command == COMMAND_FIRST ? 0 : -1);
	if (v->kind == VALUE_RANGE)
		return value_int(command == COMMAND_FIRST ? v->from : v->to);
	if (v->kind == VALUE_STRING)
		return text_end(v, command == COMMAND_LAST);
	if (v->kind == VALUE_MAP && command == COMMAND_FIRST)
		return map_first(r, v->map);
	return nil;
}

static const struct value *step_named(struct liquid_render *r, const struct value *v,
                                      const struct liquid_segment *s, struct value *tmp)
{
	const struct value *found = NULL;

	if (v->kind == VALUE_MAP)
		found = value_map_find(v->map, s->name, s->len, s->hash);
	if (found)
		return found;
	if (v->kind == VALUE_LOOP)
		*tmp = loop_member(v->loop, s->name, s->len);
	else if (s->command != COMMAND_NONE)
		*tmp = liquid_command(r, v, s->command);
	else
		return &nil;
	return tmp;
}

static const struct value *step_computed(struct liquid_render *r, const struct value *v,
                                         const struct liquid_segment *s, struct value *tmp)
{
	struct value made;
	const struct value *key = liquid_eval(r, s->computed, &made), *found = NULL;

	if (!key)
		return NULL;
	if (key->kind == VALUE_STRING && liquid_spend(r, key->len / STEP_BYTES) < 0)
		return NULL;
	if (v->kind == VALUE_MAP && key->kind == VALUE_STRING)
		found = value_map_find(v->map, key->text, key->len, hash_bytes(key->text, key->len));
	if (found)
		return found;
	if (v->kind == VALUE_ARRAY && key->kind == VALUE_INT)
		*tmp = array_item(v->array, key->integer);
	else if (v->kind == VALUE_LOOP && key->kind == VALUE_STRING)
		*tmp = loop_member(v->loop, key->text, key->len);
	else
		return &nil;
	return tmp;
}

static const struct value *find_root(struct liquid_render *r, const struct liquid_path *path)
{
	struct value made;
	const struct value *name;

	if (path->slot != SLOT_NONE && r->slots[path->slot].set)
		return &r->slots[path->slot].value;
	if (!path->root)
		return find_outside(r, path->name, path->len, path->hash);
	name = liquid_eval(r, path->root, &made);
	if (!name || (name->kind == VALUE_STRING && liquid_spend(r, name->len / STEP_BYTES) < 0))
		return NULL;
	return find_by_name(r, name);
}

static const struct value *eval_path(struct liquid_render *r, const struct liquid_path *path, struct value *tmp)
{
	const struct value *v = find_root(r, path);

	for (size_t i = 0; i < path->n && v; i++) {
		const struct liquid_segment *s = &path->segments[i];

		if (v->kind == VALUE_NIL)
			return v;
		v = s->computed ? step_computed(r, v, s, tmp) : step_named(r, v, s, tmp);
	}
	return v;
}

int liquid_integer(struct liquid_render *r, const struct value *v, int64_t *ret)
{
	size_t from = 0, to = v->kind == VALUE_STRING ? v->len : 0;
	bool whole;
	double d;

	if (v->kind == VALUE_INT) {
		*ret = v->integer;
		return 0;
	}
	if (v->kind == VALUE_DOUBLE && (v->real >= INT64_RANGE || v->real < -INT64_RANGE)) {
		*ret = v->real > 0 ? INT64_MAX : INT64_MIN;
		return 0;
	}
	if (to > NUMBER_LENGTH)
		to = 0;
	while (from < to && (v->text[from] == ' ' || (v->text[from] >= '\t' && v->text[from] <= '\r')))
		from++;
	while (to > from && (v->text[to - 1] == ' ' || (v->text[to - 1] >= '\t' && v->text[to - 1] <= '\r')))
		to--;
	from += from < to && v->text[from] == '+';
	if (from < to && number_parse(v->text + from, to - from, &whole, ret, &d) && whole)
		return 0;
	return liquid_fail(r, "a whole number is needed here");
}

/* Whole number that a text begins with, 0 when it begins with none: how ranges read texts. */
static int64_t leading_integer(const struct value *v)
{
	size_t i = 0, digits, len = v->len < NUMBER_LENGTH ? v->len : NUMBER_LENGTH;
	bool negative, whole;
	int64_t n = 0;
	double d = 0;

	while (i < len && (v->text[i] == ' ' || (v->text[i] >= '\t' && v->text[i] <= '\r')))
		i++;
	negative = i < len && v->text[i] == '-';
	i += i < len && (v->text[i] == '-' || v->text[i] == '+');
	for (digits = 0; i + digits < len && v->text[i + digits] >= '0' && v->text[i + digits] <= '9';)
		digits++;
	if (!number_parse(v->text + i, digits, &whole, &n, &d))
		return 0;
	if (!whole)
		return negative ? INT64_MIN : INT64_MAX;
	return negative ? -n : n;
}

static int eval_range_end(struct liquid_render *r, const struct liquid_expr *e, bool literal, int64_t *ret)
{
	struct value tmp;
	const struct value *v = liquid_eval(r, e, &tmp);

	if (!v)
		return -1;
	if (v->kind == VALUE_NIL)
		*ret = 0;
	else if (v->kind == VALUE_STRING)
		*ret = leading_integer(v);
	else if (literal && v->kind == VALUE_DOUBLE && v->real < INT64_RANGE && v->real > -INT64_RANGE)
		*ret = (int64_t)v->real;
	else
		return liquid_integer(r, v, ret);
	return 0;
}

static const struct value *eval_range(struct liquid_render *r, const struct liquid_expr *e, struct value *tmp)
{
	bool literal = e->from->kind == EXPR_VALUE && e->to->kind == EXPR_VALUE;
	int64_t from, to;

	if (eval_range_end(r, e->from, literal, &from) < 0 || eval_range_end(r, e->to, literal, &to) < 0)
		return NULL;
	*tmp = value_range(from, to);
	return tmp;
}

const struct value *liquid_eval(struct liquid_render *r, const struct liquid_expr *e, struct value *tmp)
{
	switch (e->kind) {
	case EXPR_VALUE:
		break;
	case EXPR_PATH:
		return eval_path(r, &e->path, tmp);
	case EXPR_RANGE:
		return eval_range(r, e, tmp);
	}
	return &e->value;
}

static int run_filter(struct liquid_render *r, const struct liquid_filter_use *use, const struct value *input,
                      struct value *ret)
{
	struct value args[LIQUID_FILTER_ARGS], tmp;
	const struct value *v;

	for (size_t i = 0; i < LIQUID_FILTER_ARGS; i++) {
		args[i] = nil;
		if (!use->args[i])
			continue;
		v = liquid_eval(r, use->args[i], &tmp);
		if (!v)
			return -1;
		args[i] = *v;
	}
	r->place = use->place;
	*ret = nil;
	return use->filter->run(r, input, args, use->n, ret);
}

const struct value *liquid_eval_chain(struct liquid_render *r, const struct liquid_chain *chain, struct value *tmp)
{
	const struct value *v = chain->base ? liquid_eval(r, chain->base, tmp) : &nil;
	struct value made;

	if (!v)
		return NULL;
	for (size_t i = 0; i < chain->n; i++) {
		if (liquid_spend(r, 1) < 0 || run_filter(r, &chain->filters[i], v, &made) < 0)
			return NULL;
		*tmp = made;
		v = tmp;
	}
	return v;
}

static bool is_blank_word(const struct value *v, const struct value *word)
{
	switch (v->kind) {
	case VALUE_STRING:
		return word->kind == VALUE_BLANK ? value_is_blank(v) : v->len == 0;
	case VALUE_ARRAY:
	case VALUE_MAP:
		return value_size(v) == 0;
	case VALUE_NIL:
		return word->kind == VALUE_BLANK;
	case VALUE_BOOL:
		return word->kind == VALUE_BLANK && !v->boolean;
	case VALUE_INT:
	case VALUE_DOUBLE:
	case VALUE_RANGE:
	case VALUE_BLANK:
	case VALUE_EMPTY:
	case VALUE_LOOP:
		break;
	}
	return false;
}

/* Takes a step for each part of the value, so that comparing large ones is not free. */
static int weigh(struct liquid_render *r, const struct value *v, int depth)
{
	if (liquid_spend(r, 1) < 0)
		return -1;
	if (v->kind == VALUE_ARRAY)
		for (size_t i = 0; i < v->array->n && depth < 100; i++)
			if (weigh(r, &v->array->items[i], depth + 1) < 0)
				return -1;
	if (v->kind == VALUE_MAP)
		for (size_t i = 0; i < v->map->n && depth < 100; i++)
			if (weigh(r, &v->map->entries[i].value, depth + 1) < 0)
				return -1;
	if (v->kind == VALUE_STRING)
		return liquid_spend(r, v->len / STEP_BYTES);
	return 0;
}

static bool is_word(const struct value *v)
{
	return v->kind == VALUE_BLANK || v->kind == VALUE_EMPTY;
}

int liquid_values_equal(struct liquid_render *r, const struct value *left, const struct value *right)
{
	if (is_word(left))
		return weigh(r, right, 100) < 0 ? -1 : is_blank_word(right, left);
	if (is_word(right))
		return weigh(r, left, 100) < 0 ? -1 : is_blank_word(left, right);
	if (left->kind == right->kind && weigh(r, left, 0) < 0)
		return -1;
	return value_equal(left, right);
}

static int contains(struct liquid_render *r, const struct value *left, const struct value *right)
{
	struct value part;

	if (!value_is_true(left) || !value_is_true(right))
		return 0;
	switch (left->kind) {
	case VALUE_STRING:
		if (liquid_text(r, right, &part) < 0 || liquid_spend(r, left->len / STEP_BYTES) < 0)
			return -1;
		return memmem(left->text, left->len, part.text, part.len) != NULL;
	case VALUE_ARRAY:
		if (weigh(r, left, 0) < 0)
			return -1;
		for (size_t i = 0; i < left->array->n; i++)
			if (value_equal(&left->array->items[i], right))
				return 1;
		return 0;
	case VALUE_MAP:
		return right->kind == VALUE_STRING &&
		       value_map_find(left->map, right->text, right->len, hash_bytes(right->text, right->len)) != NULL;
	case VALUE_RANGE:
		return right->kind == VALUE_INT && right->integer >= left->from && right->integer <= left->to;
	case VALUE_NIL:
	case VALUE_BOOL:
	case VALUE_INT:
	case VALUE_DOUBLE:
	case VALUE_BLANK:
	case VALUE_EMPTY:
	case VALUE_LOOP:
		break;
	}
	return 0;
}

/* < > <= >= are for numbers and texts; between both they are an error, with anything else false. */
static int compare(struct liquid_render *r, enum liquid_operator op, const struct value *left,
                   const struct value *right)
{
	int order;

	if ((!value_is_number(left) && left->kind != VALUE_STRING) || (!value_is_number(right) && right->kind != VALUE_STRING))
		return 0;
	if (value_is_number(left) != value_is_number(right))
		return liquid_fail(r, "a text and a number cannot be compared");
	if (left->kind == VALUE_STRING && liquid_spend(r, left->len / STEP_BYTES) < 0)
		return -1;
	order = value_order(left, right);
	if (op == OP_LT)
		return order < 0;
	if (op == OP_GT)
		return order > 0;
	return op == OP_LE ? order <= 0 : order >= 0;
}

static int eval_comparison(struct liquid_render *r, const struct liquid_comparison *c)
{
	struct value left_tmp, right_tmp;
	const struct value *left = liquid_eval(r, c->left, &left_tmp), *right;
	int equal;

	if (!left)
		return -1;
	if (c->op == OP_NONE)
		return value_is_true(left);
	right = liquid_eval(r, c->right, &right_tmp);
	if (!right)
		return -1;
	if (c->op == OP_CONTAINS)
		return contains(r, left, right);
	if (c->op != OP_EQ && c->op != OP_NE)
		return compare(r, c->op, left, right);
	equal = liquid_values_equal(r, left, right);
	return equal < 0 ? -1 : equal == (c->op == OP_EQ);
}

/* From left to right; `and` goes on while true, `or` while false, so the last ones bind closest. */
int liquid_eval_branch(struct liquid_render *r, const struct liquid_branch *branch)
{
	int result = 1;

	for (size_t i = 0; i < branch->n; i++) {
		const struct liquid_comparison *c = &branch->comparisons[i];

		if (liquid_spend(r, 1) < 0)
			return -1;
		result = eval_comparison(r, c);
		if (result < 0)
			return -1;
		if (c->next == JUNCTION_END || result == (c->next == JUNCTION_OR))
			break;
	}
	return branch->negated ? !result : result;
}
