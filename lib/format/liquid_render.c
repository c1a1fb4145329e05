#include "format/liquid_runtime.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_OUTPUT     ((size_t)1 << 20)
#define DEFAULT_MEMORY     ((size_t)16 << 20)
#define DEFAULT_ITERATIONS UINT64_C(100000)
#define DEFAULT_STEPS      UINT64_C(10000000)

#define ARRAY_DEPTH 100

int liquid_fail(struct liquid_render *r, const char *fmt, ...)
{
	struct liquid_problem *problem = &r->report->problem;
	va_list ap;

	problem->line = r->place.line;
	problem->column = r->place.column;
	va_start(ap, fmt);
	vsnprintf(problem->message, sizeof problem->message, fmt, ap);
	va_end(ap);
	return -1;
}

int liquid_spend(struct liquid_render *r, size_t n)
{
	if (n > r->steps) {
		r->steps = 0;
		return liquid_fail(r, "this takes more than %" PRIu64 " steps", r->options.max_steps);
	}
	r->steps -= n;
	return 0;
}

int liquid_spend_built(struct liquid_render *r)
{
	return r->text.over ? liquid_out_of_memory(r) : liquid_spend(r, r->text.len / STEP_BYTES);
}

int liquid_out_of_memory(struct liquid_render *r)
{
	return liquid_fail(r, "this takes more than %zu bytes of memory", r->options.max_memory);
}

void *liquid_room(struct liquid_render *r, size_t bytes)
{
	if (bytes > r->memory) {
		liquid_out_of_memory(r);
		return NULL;
	}
	r->memory -= bytes;
	return arena_alloc(r->scratch, bytes);
}

int liquid_keep(struct liquid_render *r, const char *s, size_t len, struct value *ret)
{
	char *copy = liquid_room(r, len + 1);

	if (!copy)
		return -1;
	memcpy(copy, s, len);
	*ret = value_text_n(copy, len);
	return 0;
}

int liquid_new_array(struct liquid_render *r, size_t n, struct value *ret)
{
	struct value_array *array = liquid_room(r, sizeof *array);
	struct value *items = array ? liquid_room(r, n * sizeof *items) : NULL;

	if (!items)
		return -1;
	*array = (struct value_array){ .arena = r->scratch, .items = items, .n = n, .cap = n };
	*ret = (struct value){ .kind = VALUE_ARRAY, .array = array };
	return 0;
}

int liquid_text(struct liquid_render *r, const struct value *v, struct value *ret)
{
	if (v->kind == VALUE_STRING) {
		*ret = *v;
		return 0;
	}
	if (v->kind == VALUE_NIL) {
		*ret = value_text("");
		return 0;
	}
	buf_clear(&r->text);
	value_append(&r->text, v);
	return liquid_keep_built(r, ret);
}

void liquid_write_text(struct liquid_render *r, const char *s, size_t len)
{
	buf_add(r->out, s, len);
	if (r->options.html)
		html_scan(&r->html, s, len);
}

static void write_text_node(struct liquid_render *r, const struct liquid_text *text)
{
	buf_add(r->out, text->s, text->len);
	if (!r->options.html)
		return;
	if (memcmp(&r->html, &text->before, sizeof r->html) == 0)
		r->html = text->after;
	else
		html_scan(&r->html, text->s, text->len);
}

/* As an output does. */
static int write_value(struct liquid_render *r, const struct value *v, enum html_trust trust);

static int write_array(struct liquid_render *r, const struct value_array *array, enum html_trust trust)
{
	int rc = 0;

	if (liquid_spend(r, array->n) < 0)
		return -1;
	if (r->depth >= ARRAY_DEPTH)
		return liquid_fail(r, "arrays are nested more than %d deep", ARRAY_DEPTH);
	r->depth++;
	for (size_t i = 0; i < array->n && rc == 0 && !r->out->over; i++)
		rc = write_value(r, &array->items[i], trust);
	r->depth--;
	return rc;
}

static int write_html(struct liquid_render *r, const struct value *v, enum html_trust trust)
{
	if (v->kind == VALUE_STRING) {
		if (trust == HTML_PLAIN && v->html)
			trust = HTML_MARKUP;
		html_write(&r->html, r->out, v->text, v->len, trust);
		return 0;
	}
	buf_clear(&r->text);
	value_append(&r->text, v);
	if (r->text.over)
		return liquid_out_of_memory(r);
	html_write(&r->html, r->out, r->text.s, r->text.len, trust);
	return 0;
}

static int write_value(struct liquid_render *r, const struct value *v, enum html_trust trust)
{
	const struct value nothing = value_nil();

	if (v->kind == VALUE_ARRAY && v->array->n > 0)
		return write_array(r, v->array, trust);
	if (v->kind == VALUE_ARRAY)
		v = &nothing;
	if (r->options.html)
		return write_html(r, v, trust);
	value_append(r->out, v);
	return 0;
}

/* {% assign x = contact.name %}{{ x.first }} lacks contact.name.first: that is what can be mended. */
static void write_hole_name(struct liquid_render *r, const struct liquid_expr *e)
{
	const char *origin = NULL;

	if (e->kind == EXPR_PATH && e->path.slot != SLOT_NONE && r->slots[e->path.slot].set)
		origin = r->slots[e->path.slot].origin;
	buf_clear(&r->text);
	if (origin)
		buf_adds(&r->text, origin);
	buf_adds(&r->text, e->text + (origin ? e->path.len : 0));
}

static int add_hole(struct liquid_render *r, const struct liquid_chain *chain)
{
	struct liquid_report *report = r->report;
	struct liquid_hole *list;
	const char *name;

	write_hole_name(r, chain->base);
	if (r->holes.kind == VALUE_NIL)
		r->holes = value_map(r->scratch);
	if (liquid_spend_built(r) < 0)
		return -1;
	if (value_get(&r->holes, r->text.s))
		return 0;
	name = arena_strndup(r->scratch, r->text.s, r->text.len);
	value_map_set(&r->holes, name, value_bool(true));
	if (report->n_holes == r->hole_cap) {
		r->hole_cap = r->hole_cap ? r->hole_cap * 2 : 8;
		list = arena_array(r->scratch, r->hole_cap, sizeof *list);
		if (report->n_holes)
			memcpy(list, r->hole_list, report->n_holes * sizeof *list);
		report->holes = r->hole_list = list;
	}
	r->hole_list[report->n_holes++] = (struct liquid_hole){
		.name = name, .line = chain->place.line, .column = chain->place.column, .conditional = chain->conditional
	};
	return 0;
}

static int render_output(struct liquid_render *r, const struct liquid_chain *chain)
{
	struct value tmp;
	const struct value *v;

	r->place = chain->place;
	v = liquid_eval_chain(r, chain, &tmp);
	if (!v)
		return -1;
	if (r->options.strict && chain->base && !chain->has_default && value_is_blank(v) && add_hole(r, chain) < 0)
		return -1;
	return write_value(r, v, chain->raw ? HTML_RAW : HTML_PLAIN);
}

static const char *origin_of(const struct liquid_render *r, const struct liquid_assign *assign)
{
	const struct liquid_path *path;

	if (!assign->origin)
		return NULL;
	path = &assign->chain->base->path;
	if (path->slot == SLOT_NONE || !r->slots[path->slot].set)
		return assign->origin;
	return path->n == 0 ? r->slots[path->slot].origin : NULL;
}

static int render_assign(struct liquid_render *r, const struct liquid_assign *assign)
{
	struct liquid_slot *slot = &r->slots[assign->slot];
	const char *origin = origin_of(r, assign);
	struct value tmp;
	const struct value *v;

	r->place = assign->chain->place;
	v = liquid_eval_chain(r, assign->chain, &tmp);
	if (!v)
		return -1;
	*slot = (struct liquid_slot){ .set = true, .origin = origin, .value = *v };
	return 0;
}

/* Renders a block aside; *ret is its text. */
static int render_aside(struct liquid_render *r, const struct liquid_block *block, struct value *ret)
{
	BUF_AUTO text = BUF_INIT(r->options.max_output);
	struct buf *out = r->out;
	int rc;

	r->out = &text;
	rc = liquid_render_block(r, block);
	r->out = out;
	if (rc == 0 && text.over)
		return liquid_fail(r, "the text is longer than %zu bytes", r->options.max_output);
	if (rc == 0)
		rc = liquid_keep(r, text.s, text.len, ret);
	return rc;
}

static int render_capture(struct liquid_render *r, const struct liquid_capture *capture)
{
	struct html_context html = r->html;
	struct value text;

	r->html = (struct html_context){ 0 };
	if (render_aside(r, &capture->block, &text) < 0)
		return -1;
	r->html = html;
	text.html = r->options.html;
	r->slots[capture->slot] = (struct liquid_slot){ .set = true, .value = text };
	return 0;
}

static int render_ifchanged(struct liquid_render *r, const struct liquid_block *block)
{
	struct html_context html = r->html;
	struct value text;

	if (render_aside(r, block, &text) < 0)
		return -1;
	if (value_equal(&text, &r->unchanged)) {
		r->html = html;
		return 0;
	}
	r->unchanged = text;
	buf_add(r->out, text.text, text.len);
	return 0;
}

static int render_if(struct liquid_render *r, const struct liquid_branches *branches)
{
	int yes;

	for (size_t i = 0; i < branches->n; i++) {
		yes = liquid_eval_branch(r, &branches->branches[i]);
		if (yes < 0)
			return -1;
		if (yes)
			return liquid_render_block(r, &branches->branches[i].block);
	}
	return 0;
}

/* Each candidate that matches renders the block once more: that is how Liquid defines it. */
static int render_when(struct liquid_render *r, const struct liquid_branch *branch, const struct value *subject,
                       bool *matched)
{
	struct value tmp;
	const struct value *candidate;
	int equal;

	for (size_t i = 0; i < branch->n; i++) {
		candidate = liquid_eval(r, branch->candidates[i], &tmp);
		if (!candidate || liquid_spend(r, 1) < 0)
			return -1;
		equal = liquid_values_equal(r, subject, candidate);
		if (equal < 0)
			return -1;
		if (!equal)
			continue;
		*matched = true;
		if (liquid_render_block(r, &branch->block) < 0)
			return -1;
	}
	return 0;
}

static int render_case(struct liquid_render *r, const struct liquid_branches *branches)
{
	struct value tmp;
	const struct value *subject = liquid_eval(r, branches->subject, &tmp);
	bool matched = false;
	int rc;

	if (!subject)
		return -1;
	for (size_t i = 0; i < branches->n && r->interrupt == INTERRUPT_NONE; i++) {
		const struct liquid_branch *branch = &branches->branches[i];

		if (branch->n > 0)
			rc = render_when(r, branch, subject, &matched);
		else
			rc = matched ? 0 : liquid_render_block(r, &branch->block);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* The turn of a cycle with a name: the name's value tells it from others. */
static int named_turn(struct liquid_render *r, const struct liquid_cycle *cycle, size_t *ret)
{
	struct value tmp;
	const struct value *group = liquid_eval(r, cycle->group, &tmp), *turn;

	if (!group)
		return -1;
	if (r->cycle_groups.kind == VALUE_NIL)
		r->cycle_groups = value_map(r->scratch);
	buf_clear(&r->text);
	value_inspect(&r->text, group);
	if (liquid_spend_built(r) < 0)
		return -1;
	turn = value_get(&r->cycle_groups, r->text.s);
	*ret = turn ? (size_t)turn->integer : 0;
	value_map_set(&r->cycle_groups, r->text.s, value_int(*ret + 1 >= cycle->n ? 0 : (int64_t)*ret + 1));
	return 0;
}

static int render_cycle(struct liquid_render *r, const struct liquid_cycle *cycle)
{
	struct value tmp;
	const struct value *v;
	size_t turn;

	if (cycle->group) {
		if (named_turn(r, cycle, &turn) < 0)
			return -1;
	} else {
		turn = r->cycles[cycle->id];
		r->cycles[cycle->id] = turn + 1 >= cycle->n ? 0 : turn + 1;
	}
	if (turn >= cycle->n)
		return 0;
	v = liquid_eval(r, cycle->values[turn], &tmp);
	return v ? write_value(r, v, HTML_PLAIN) : -1;
}

/* increment prints and then adds, decrement subtracts and then prints; a number of the data is the start. */
static int render_counter(struct liquid_render *r, const struct liquid_counter *counter)
{
	const struct value *known;
	int64_t now, next;
	struct value printed;

	if (r->counters.kind == VALUE_NIL)
		r->counters = value_map(r->scratch);
	known = value_map_find(r->counters.map, counter->name, counter->len, counter->hash);
	if (!known && r->root)
		known = value_map_find(r->root->map, counter->name, counter->len, counter->hash);
	now = known && known->kind == VALUE_INT ? known->integer : 0;
	if (__builtin_add_overflow(now, counter->step, &next))
		return liquid_fail(r, "the counter '%.*s' is out of range", (int)counter->len, counter->name);
	value_map_set_n(&r->counters, counter->name, counter->len, value_int(next));
	printed = value_int(counter->step > 0 ? now : next);
	return write_value(r, &printed, HTML_PLAIN);
}

static int render_node(struct liquid_render *r, const struct liquid_node *node)
{
	switch (node->kind) {
	case NODE_TEXT:
		write_text_node(r, node->text);
		return 0;
	case NODE_OUTPUT:
		return render_output(r, node->output);
	case NODE_ASSIGN:
		return render_assign(r, node->assign);
	case NODE_CAPTURE:
		return render_capture(r, node->capture);
	case NODE_IF:
		return render_if(r, node->branches);
	case NODE_CASE:
		return render_case(r, node->branches);
	case NODE_FOR:
		return liquid_render_for(r, node->loop);
	case NODE_TABLEROW:
		return liquid_render_tablerow(r, node->loop);
	case NODE_CYCLE:
		return render_cycle(r, node->cycle);
	case NODE_COUNTER:
		return render_counter(r, node->counter);
	case NODE_IFCHANGED:
		return render_ifchanged(r, node->block);
	case NODE_BREAK:
		r->interrupt = INTERRUPT_BREAK;
		return 0;
	case NODE_CONTINUE:
		r->interrupt = INTERRUPT_CONTINUE;
		return 0;
	}
	return 0;
}

int liquid_render_block(struct liquid_render *r, const struct liquid_block *block)
{
	for (size_t i = 0; i < block->n && r->interrupt == INTERRUPT_NONE; i++) {
		const struct liquid_node *node = &block->nodes[i];

		if (node->kind != NODE_OUTPUT)
			r->place = node->place;
		if (liquid_spend(r, 1) < 0 || render_node(r, node) < 0)
			return -1;
	}
	return 0;
}

static void prepare(struct liquid_render *r, const struct liquid_options *options)
{
	struct liquid_options *o = &r->options;

	if (options)
		*o = *options;
	o->max_output = o->max_output ? o->max_output : DEFAULT_OUTPUT;
	o->max_memory = o->max_memory ? o->max_memory : DEFAULT_MEMORY;
	o->max_iterations = o->max_iterations ? o->max_iterations : DEFAULT_ITERATIONS;
	o->max_steps = o->max_steps ? o->max_steps : DEFAULT_STEPS;
	r->steps = o->max_steps;
	r->memory = o->max_memory;
	r->iterations = o->max_iterations;
	r->slots = arena_array(r->scratch, r->template->n_slots, sizeof *r->slots);
	r->cycles = arena_array(r->scratch, r->template->n_cycles, sizeof *r->cycles);
	r->continues = arena_array(r->scratch, r->template->n_continue, sizeof *r->continues);
	buf_init(&r->text, o->max_memory);
}

int liquid_render(const struct liquid *t, const struct value *root, const struct liquid_options *options,
                  struct arena *scratch, struct buf *out, struct liquid_report *report)
{
	struct liquid_render r = { .template = t, .scratch = scratch, .out = out, .report = report };
	size_t limit = out->limit;
	int rc;

	*report = (struct liquid_report){ .n_holes = 0 };
	r.root = root && root->kind == VALUE_MAP ? root : NULL;
	prepare(&r, options);
	if (limit - out->len > r.options.max_output)
		out->limit = out->len + r.options.max_output;
	rc = liquid_render_block(&r, &t->block);
	if (rc == 0 && out->over)
		rc = liquid_fail(&r, "the result is longer than %zu bytes", r.options.max_output);
	/* What gives a value and no status, as .size does, has failed too. */
	if (*report->problem.message)
		rc = -1;
	out->limit = limit;
	buf_release(&r.text);
	return rc;
}
