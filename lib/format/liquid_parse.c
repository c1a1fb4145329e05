#include "base/utf8.h"
#include "format/liquid_parser.h"

#include <string.h>

static int parse_body(struct parser *p, struct body *body);

void *list_add(struct parser *p, struct list *list, size_t size)
{
	if (list->n == list->cap) {
		void *more;

		list->cap = list->cap ? list->cap * 2 : 4;
		more = arena_array(p->scratch, list->cap, size);
		if (list->n)
			memcpy(more, list->items, list->n * size);
		list->items = more;
	}
	return (char *)list->items + list->n++ * size;
}

void *list_finish(struct parser *p, const struct list *list, size_t size)
{
	void *copy;

	if (list->n == 0)
		return NULL;
	copy = arena_array(p->arena, list->n, size);
	return memcpy(copy, list->items, list->n * size);
}

struct liquid_block body_finish(struct parser *p, const struct body *body, bool drop_blank_text)
{
	struct liquid_node *nodes = body->nodes.items;
	struct liquid_block block = { .nodes = NULL };
	struct list kept = { 0 };

	if (!drop_blank_text)
		kept = body->nodes;
	for (size_t i = 0; drop_blank_text && i < body->nodes.n; i++)
		if (nodes[i].kind != NODE_TEXT)
			*(struct liquid_node *)list_add(p, &kept, sizeof *nodes) = nodes[i];
	block.nodes = list_finish(p, &kept, sizeof *nodes);
	block.n = kept.n;
	return block;
}

int body_wrong_end(struct parser *p, const struct body *body, const struct tag *open)
{
	const struct tag *stop = &body->stop;
	int n = (int)open->len;

	if (!body->ended)
		return parser_fail(p, open->start, "this '%.*s' is not closed: 'end%.*s' is missing", n, open->name, n,
		                   open->name);
	return parser_fail(p, stop->start, "'%.*s' does not belong into '%.*s', which ends with 'end%.*s'",
	                   (int)stop->len, stop->name, n, open->name, n, open->name);
}

int parse_block(struct parser *p, const struct tag *open, struct body *body)
{
	*body = (struct body){ .blank = true };
	if (p->block_depth >= LIQUID_BLOCK_DEPTH)
		return parser_fail(p, p->pos, "blocks are nested more than %d deep", LIQUID_BLOCK_DEPTH);
	p->block_depth++;
	if (parse_body(p, body) < 0)
		return -1;
	p->block_depth--;
	if (!body->ended)
		return body_wrong_end(p, body, open);
	return 0;
}

bool body_ends(const struct body *body, const struct tag *open)
{
	return body->stop.len == open->len + 3 && memcmp(body->stop.name, "end", 3) == 0 &&
	       memcmp(body->stop.name + 3, open->name, open->len) == 0;
}

int body_expect_end(struct parser *p, const struct body *body, const struct tag *open)
{
	return body_ends(body, open) ? 0 : body_wrong_end(p, body, open);
}

unsigned parser_id(struct value *ids, const char *name, unsigned *count)
{
	const struct value *known = value_get(ids, name);

	if (known)
		return (unsigned)known->integer;
	value_map_set(ids, name, value_int(*count));
	return (*count)++;
}

struct liquid_node text_node(struct parser *p, size_t from, size_t to)
{
	struct liquid_text *text = ARENA_NEW(p->arena, struct liquid_text);
	struct value v = value_text_n(p->text + from, to - from);

	text->s = v.text;
	text->len = v.len;
	text->before = p->html;
	html_scan(&p->html, v.text, v.len);
	text->after = p->html;
	return (struct liquid_node){ .kind = NODE_TEXT, .text = text, .blank = value_is_blank(&v) };
}

/* The lines of a liquid tag are tags; their nodes stand where the liquid tag stands. */
static int parse_lines(struct parser *p, const struct tag *tag, struct body *body)
{
	size_t pos = p->pos, lines_end = p->lines_end;
	bool trim = p->trim;

	if (p->block_depth >= LIQUID_BLOCK_DEPTH)
		return parser_fail(p, tag->start, "blocks are nested more than %d deep", LIQUID_BLOCK_DEPTH);
	if (tag->inner >= tag->end)
		return 0;
	p->pos = tag->inner;
	p->lines_end = tag->end;
	p->block_depth++;
	if (parse_body(p, body) < 0)
		return -1;
	if (body->ended)
		return liquid_unknown_tag(p, &body->stop);
	p->block_depth--;
	p->pos = pos;
	p->lines_end = lines_end;
	p->trim = trim;
	return 0;
}

int parse_output(struct parser *p, struct lexer *lx, struct liquid_node *node)
{
	node->kind = NODE_OUTPUT;
	node->output = parse_chain(p, lx, true);
	html_pass(&p->html);
	return node->output ? 0 : -1;
}

static int parse_braces(struct parser *p, const struct piece *piece, struct liquid_node *node)
{
	struct lexer lx;

	if (!piece->closed)
		return parser_fail(p, piece->start, "this '{{' is not closed by '}}'");
	node->place = parser_place(p, piece->start);
	lexer_start(&lx, p, piece->inner, piece->end);
	return parse_output(p, &lx, node);
}

static void add_node(struct parser *p, struct body *body, const struct liquid_node *node)
{
	*(struct liquid_node *)list_add(p, &body->nodes, sizeof *node) = *node;
	body->blank = body->blank && node->blank;
}

/* A tag that begins something becomes a node; any other one stops the body and is left to the caller. */
static int parse_tag(struct parser *p, const struct piece *piece, struct body *body)
{
	struct liquid_node node = { .place = parser_place(p, piece->start) };
	struct tag tag;
	liquid_tag_fn *parse;

	if (!piece->closed)
		return parser_fail(p, piece->start, "this '{%%' is not closed by '%%}'");
	if (!tag_split(p, piece, &tag))
		return parser_fail(p, piece->start, "the name of a tag expected here");
	if (tag_is(&tag, "liquid"))
		return parse_lines(p, &tag, body);
	parse = liquid_find_tag(&tag);
	if (!parse) {
		body->stop = tag;
		body->ended = true;
		return 0;
	}
	if (parse(p, &tag, &node) < 0)
		return -1;
	if (node.kind != NODE_TEXT || node.text->len > 0)
		add_node(p, body, &node);
	return 0;
}

static int parse_body(struct parser *p, struct body *body)
{
	struct liquid_node node;
	struct piece piece;

	while (!body->ended) {
		piece = piece_next(p);
		if (piece.kind == PIECE_END) {
			body->stop.start = piece.start;
			return 0;
		}
		node = (struct liquid_node){ .kind = NODE_TEXT };
		if (piece.kind == PIECE_TAG) {
			if (parse_tag(p, &piece, body) < 0)
				return -1;
			continue;
		}
		if (piece.kind == PIECE_OUTPUT) {
			if (parse_braces(p, &piece, &node) < 0)
				return -1;
		} else if (piece.inner < piece.end) {
			node = text_node(p, piece.inner, piece.end);
		} else {
			continue;
		}
		add_node(p, body, &node);
	}
	return 0;
}

/* Only now is it known which names the template sets somewhere. */
static void give_slots(struct parser *p)
{
	struct liquid_path **paths = p->paths.items;

	for (size_t i = 0; i < p->paths.n; i++) {
		const struct value *slot =
			value_map_find(p->template->slot_names.map, paths[i]->name, paths[i]->len, paths[i]->hash);

		if (slot)
			paths[i]->slot = (int)slot->integer;
	}
}

static void give_roots(struct parser *p)
{
	struct liquid_path **paths = p->paths.items;
	struct value seen = value_map(p->scratch);
	struct list roots = { 0 };

	for (size_t i = 0; i < p->paths.n; i++) {
		if (value_map_find(seen.map, paths[i]->name, paths[i]->len, paths[i]->hash))
			continue;
		value_map_set_n(&seen, paths[i]->name, paths[i]->len, value_bool(true));
		*(const char **)list_add(p, &roots, sizeof(char *)) = arena_strndup(p->arena, paths[i]->name, paths[i]->len);
	}
	p->template->roots = list_finish(p, &roots, sizeof(char *));
	p->template->n_roots = roots.n;
}

static int compile(struct parser *p)
{
	struct body body = { .blank = true };

	if (parse_body(p, &body) < 0)
		return -1;
	if (body.ended)
		return liquid_unknown_tag(p, &body.stop);
	give_slots(p);
	give_roots(p);
	p->template->block = body_finish(p, &body, false);
	p->template->variables = list_finish(p, &p->variables, sizeof *p->template->variables);
	p->template->n_variables = p->variables.n;
	return 0;
}

int liquid_compile(struct arena *a, const char *text, size_t len, const struct liquid **ret,
                   struct liquid_problem *problem)
{
	ARENA_AUTO scratch = { 0 };
	struct parser p = { .arena = a, .scratch = &scratch, .problem = problem, .len = len };

	*problem = (struct liquid_problem){ 0 };
	p.template = ARENA_NEW(a, struct liquid);
	p.template->slot_names = value_map(a);
	p.text = arena_strndup(a, text, len);
	p.unnamed_cycles = value_map(&scratch);
	p.continues = value_map(&scratch);
	if (!utf8_valid(text, len))
		return parser_fail(&p, 0, "this is not UTF-8");
	if (compile(&p) < 0)
		return -1;
	*ret = p.template;
	return 0;
}

const struct liquid_variable *liquid_variables(const struct liquid *t, size_t *ret_n)
{
	*ret_n = t->n_variables;
	return t->variables;
}

bool liquid_roots(const struct liquid *t, const char *const **ret, size_t *ret_n)
{
	*ret = t->roots;
	*ret_n = t->n_roots;
	return !t->computes_roots;
}

bool liquid_prints_plainly(const struct liquid *t)
{
	return !t->has_odd_output && t->n_slots == 0;
}
