#include "format/liquid_runtime.h"

#include <inttypes.h>
#include <stdio.h>

/* The part of a collection that a loop goes through: items from `start`, `n` of them. */
struct span {
	const struct value *collection;
	int64_t start, n;
};

static int64_t add_capped(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return a > 0 ? INT64_MAX : INT64_MIN;
	return sum;
}

/* Texts are one item and are not cut; what cannot be gone through has none. */
static void make_span(const struct value *v, int64_t from, const int64_t *to, struct span *ret)
{
	int64_t end;

	*ret = (struct span){ .collection = v };
	if (v->kind == VALUE_STRING) {
		ret->n = v->len > 0;
		return;
	}
	if (v->kind != VALUE_ARRAY && v->kind != VALUE_MAP && v->kind != VALUE_RANGE)
		return;
	end = value_size(v);
	if (to && *to < end)
		end = *to;
	ret->start = from > 0 ? from : 0;
	ret->n = end > ret->start ? end - ret->start : 0;
}

static struct value pair(struct liquid_render *r, const struct value_entry *e)
{
	struct value v = value_array(r->scratch);

	value_array_add(&v, value_text_n(e->key, e->len));
	value_array_add(&v, e->value);
	return v;
}

static struct value span_item(struct liquid_render *r, const struct span *span, int64_t i)
{
	const struct value *v = span->collection;

	i += span->start;
	if (v->kind == VALUE_ARRAY)
		return v->array->items[i];
	if (v->kind == VALUE_MAP)
		return pair(r, &v->map->entries[i]);
	if (v->kind == VALUE_RANGE)
		return value_int(v->from + i);
	return *v;
}

/* limit and offset: nothing, a number, or the text of one. *set is false for nothing. */
static int eval_bound(struct liquid_render *r, const struct liquid_expr *e, int64_t *ret, bool *set)
{
	struct value tmp;
	const struct value *v = e ? liquid_eval(r, e, &tmp) : NULL;

	*set = false;
	*ret = 0;
	if (!e)
		return 0;
	if (!v)
		return -1;
	if (v->kind == VALUE_NIL)
		return 0;
	*set = true;
	return liquid_integer(r, v, ret);
}

static int for_span(struct liquid_render *r, const struct liquid_loop *loop, struct value *tmp, struct span *ret)
{
	const struct value *v;
	int64_t from, limit;
	bool set;

	if (eval_bound(r, loop->offset, &from, &set) < 0)
		return -1;
	if (loop->offset_continue)
		from = r->continues[loop->continue_id];
	v = liquid_eval(r, loop->collection, tmp);
	if (!v || eval_bound(r, loop->limit, &limit, &set) < 0)
		return -1;
	limit = add_capped(limit, from);
	make_span(v, from, set ? &limit : NULL, ret);
	r->continues[loop->continue_id] = add_capped(from, ret->n);
	return 0;
}

static struct value_loop *enter_loop(struct liquid_render *r, const struct liquid_loop *loop, int64_t length,
                                     bool table)
{
	struct value_loop *l = ARENA_NEW(r->scratch, struct value_loop);

	*l = (struct value_loop){ .parent = r->fors, .outer = r->loops, .loop = loop, .length = length, .table = table };
	r->loops = l;
	if (!table)
		r->fors = l;
	r->slots[loop->loop_slot] =
		(struct liquid_slot){ .set = true, .value = { .kind = VALUE_LOOP, .loop = l } };
	return l;
}

static void leave_loop(struct liquid_render *r, const struct value_loop *l)
{
	r->loops = l->outer;
	r->fors = l->parent;
}

/* One round. Returns 1 to go on, 0 after a break, -1 after a failure. */
static int render_round(struct liquid_render *r, const struct liquid_loop *loop, const struct value *item)
{
	enum liquid_interrupt interrupt;

	if (r->iterations-- == 0)
		return liquid_fail(r, "the loops go round more than %" PRIu64 " times", r->options.max_iterations);
	r->slots[loop->slot] = (struct liquid_slot){ .set = true, .value = *item };
	if (liquid_render_block(r, &loop->body) < 0)
		return -1;
	interrupt = r->interrupt;
	r->interrupt = INTERRUPT_NONE;
	return interrupt != INTERRUPT_BREAK && !r->out->over;
}

int liquid_render_for(struct liquid_render *r, const struct liquid_loop *loop)
{
	struct value tmp, item;
	struct value_loop *l;
	struct span span;
	int rc = 1;

	if (for_span(r, loop, &tmp, &span) < 0)
		return -1;
	if (span.n == 0)
		return liquid_render_block(r, &loop->otherwise);
	l = enter_loop(r, loop, span.n, false);
	for (int64_t i = 0; i < span.n && rc > 0; i++) {
		item = span_item(r, &span, loop->reversed ? span.n - 1 - i : i);
		l->index = i;
		rc = render_round(r, loop, &item);
	}
	l->index = l->index + (rc > 0);
	leave_loop(r, l);
	return rc < 0 ? -1 : 0;
}

static int tablerow_span(struct liquid_render *r, const struct liquid_loop *loop, const struct value *v,
                         struct span *ret)
{
	int64_t from, limit;
	bool offset_set, limit_set;

	if (eval_bound(r, loop->offset, &from, &offset_set) < 0 || eval_bound(r, loop->limit, &limit, &limit_set) < 0)
		return -1;
	limit = add_capped(limit, from);
	make_span(v, from, loop->limit ? &limit : NULL, ret);
	return 0;
}

static void write_row_end(struct liquid_render *r, struct value_loop *l)
{
	char text[64];
	int n;

	if (l->col == l->cols && l->index + 1 < l->length) {
		n = snprintf(text, sizeof text, "</tr>\n<tr class=\"row%" PRId64 "\">", l->row + 1);
		liquid_write_text(r, text, (size_t)n);
	}
	if (l->col == l->cols) {
		l->col = 1;
		l->row++;
	} else {
		l->col++;
	}
}

static int render_cell(struct liquid_render *r, const struct liquid_loop *loop, const struct value_loop *l,
                       const struct value *item)
{
	char text[64];
	int n = snprintf(text, sizeof text, "<td class=\"col%" PRId64 "\">", l->col), rc;

	liquid_write_text(r, text, (size_t)n);
	rc = render_round(r, loop, item);
	if (rc >= 0)
		liquid_write_text(r, "</td>", 5);
	return rc;
}

int liquid_render_tablerow(struct liquid_render *r, const struct liquid_loop *loop)
{
	struct value tmp, item;
	const struct value *v = liquid_eval(r, loop->collection, &tmp);
	struct value_loop *l;
	struct span span;
	int64_t cols;
	bool set;
	int rc = 1;

	if (!v || tablerow_span(r, loop, v, &span) < 0 || eval_bound(r, loop->cols, &cols, &set) < 0)
		return -1;
	if (!value_is_true(v))
		return 0;
	liquid_write_text(r, "<tr class=\"row1\">\n", 18);
	l = enter_loop(r, loop, span.n, true);
	l->row = l->col = 1;
	l->cols = loop->cols ? cols : span.n;
	for (int64_t i = 0; i < span.n && rc > 0; i++) {
		item = span_item(r, &span, i);
		l->index = i;
		rc = render_cell(r, loop, l, &item);
		if (rc > 0)
			write_row_end(r, l);
	}
	leave_loop(r, l);
	if (rc < 0)
		return -1;
	liquid_write_text(r, "</tr>\n", 6);
	return 0;
}
