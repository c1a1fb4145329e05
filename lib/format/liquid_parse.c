#include "base/near.h"
#include "base/random.h"
#include "base/utf8.h"
#include "format/liquid_parser.h"

#include <string.h>

typedef int tag_fn(struct parser *p, const struct tag *tag, struct liquid_node *node);

/* The nodes of a block while it is read, and the tag that ended it (none: the template ended). */
struct body {
	struct list nodes;
	bool blank;
	bool ended;
	struct tag stop;
};

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

static struct liquid_block finish_body(struct parser *p, const struct body *body, bool drop_blank_text)
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

static int wrong_end(struct parser *p, const struct body *body, const char *opener)
{
	const struct tag *stop = &body->stop;

	if (!body->ended)
		return parser_fail(p, stop->start, "'%s' is not closed: 'end%s' is missing", opener, opener);
	return parser_fail(p, stop->start, "'%.*s' does not belong into '%s', which ends with 'end%s'",
	                   (int)stop->len, stop->name, opener, opener);
}

/* Reads a block up to its end tag, which must be `end<opener>`. */
static int parse_block(struct parser *p, const char *opener, struct body *body)
{
	*body = (struct body){ .blank = true };
	if (p->block_depth >= LIQUID_BLOCK_DEPTH)
		return parser_fail(p, p->pos, "blocks are nested more than %d deep", LIQUID_BLOCK_DEPTH);
	p->block_depth++;
	if (parse_body(p, body) < 0)
		return -1;
	p->block_depth--;
	if (!body->ended)
		return wrong_end(p, body, opener);
	return 0;
}

static bool ends_block(const struct body *body, const char *opener)
{
	return body->stop.len == strlen(opener) + 3 && memcmp(body->stop.name, "end", 3) == 0 &&
	       memcmp(body->stop.name + 3, opener, strlen(opener)) == 0;
}

static void start(struct parser *p, const struct tag *tag, struct lexer *lx)
{
	lexer_start(lx, p, tag->inner, tag->end);
}

static int tag_assign(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	struct liquid_assign *assign = ARENA_NEW(p->arena, struct liquid_assign);
	struct lexeme name;
	struct lexer lx;

	start(p, tag, &lx);
	name = lx.now;
	if (lexer_expect(p, &lx, LEX_WORD, "the name of a variable") < 0 || lexer_expect(p, &lx, LEX_ASSIGN, "'='") < 0)
		return -1;
	assign->chain = parse_chain(p, &lx, false);
	if (!assign->chain)
		return -1;
	if (assign->chain->base && assign->chain->base->kind == EXPR_PATH && !assign->chain->has_default)
		assign->origin = assign->chain->base->text;
	assign->slot = parser_slot(p, p->text + name.start, name.end - name.start);
	node->kind = NODE_ASSIGN;
	node->assign = assign;
	node->blank = true;
	return 0;
}

static int tag_capture(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	struct liquid_capture *capture = ARENA_NEW(p->arena, struct liquid_capture);
	struct html_context html = p->html;
	struct lexeme name;
	struct lexer lx;
	struct body body;

	start(p, tag, &lx);
	name = lx.now;
	if (!lexer_accept(&lx, LEX_WORD) && !lexer_accept(&lx, LEX_STRING))
		return lexer_unexpected(p, &lx, "the name of a variable");
	if (lexer_finish(p, &lx) < 0)
		return -1;
	p->html = (struct html_context){ 0 };
	if (parse_block(p, "capture", &body) < 0)
		return -1;
	if (!ends_block(&body, "capture"))
		return wrong_end(p, &body, "capture");
	p->html = html;
	capture->block = finish_body(p, &body, false);
	capture->slot = parser_slot(p, p->text + name.start, name.end - name.start);
	node->kind = NODE_CAPTURE;
	node->capture = capture;
	node->blank = true;
	return 0;
}

/* Branches and their bodies, until the whole tag is read and it is known whether all are blank. */
struct branches {
	struct list branches, bodies;
	bool blank;
};

static void add_branch(struct parser *p, struct branches *all, const struct liquid_branch *branch,
                       const struct body *body)
{
	*(struct liquid_branch *)list_add(p, &all->branches, sizeof *branch) = *branch;
	*(struct body *)list_add(p, &all->bodies, sizeof *body) = *body;
	all->blank = all->blank && body->blank;
}

static void finish_branches(struct parser *p, struct branches *all, struct liquid_branches *ret)
{
	struct liquid_branch *branches = all->branches.items;
	const struct body *bodies = all->bodies.items;

	for (size_t i = 0; i < all->branches.n; i++)
		branches[i].block = finish_body(p, &bodies[i], all->blank);
	ret->branches = list_finish(p, &all->branches, sizeof *branches);
	ret->n = all->branches.n;
}

static int read_condition(struct parser *p, const struct tag *tag, struct liquid_branch *branch)
{
	struct lexer lx;

	start(p, tag, &lx);
	return parse_condition(p, &lx, branch);
}

static int parse_if(struct parser *p, const struct tag *tag, struct liquid_branches *ret, bool *blank)
{
	const char *opener = tag_is(tag, "if") ? "if" : "unless";
	struct liquid_branch branch = { .negated = *opener == 'u' };
	struct branches all = { .blank = true };
	struct body body;

	if (read_condition(p, tag, &branch) < 0)
		return -1;
	for (;;) {
		if (parse_block(p, opener, &body) < 0)
			return -1;
		add_branch(p, &all, &branch, &body);
		branch = (struct liquid_branch){ .n = 0 };
		if (ends_block(&body, opener))
			break;
		if (tag_is(&body.stop, "elsif") ? read_condition(p, &body.stop, &branch) < 0 : !tag_is(&body.stop, "else"))
			return p->problem->line ? -1 : wrong_end(p, &body, opener);
	}
	finish_branches(p, &all, ret);
	*blank = all.blank;
	return 0;
}

static int tag_if(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	struct liquid_branches *branches = ARENA_NEW(p->arena, struct liquid_branches);

	p->conditional++;
	if (parse_if(p, tag, branches, &node->blank) < 0)
		return -1;
	p->conditional--;
	node->kind = NODE_IF;
	node->branches = branches;
	return 0;
}

static int read_when(struct parser *p, const struct tag *tag, struct liquid_branch *branch)
{
	struct lexer lx;

	*branch = (struct liquid_branch){ .n = 0 };
	start(p, tag, &lx);
	if (tag_is(tag, "else"))
		return lexer_finish(p, &lx);
	return parse_values(p, &lx, true, &branch->candidates, &branch->n);
}

static int parse_case(struct parser *p, const struct tag *tag, struct liquid_branches *ret, bool *blank)
{
	struct branches all = { .blank = true };
	struct liquid_branch branch;
	struct body body;
	struct lexer lx;

	start(p, tag, &lx);
	ret->subject = parse_expression(p, &lx, true);
	if (!ret->subject || lexer_finish(p, &lx) < 0 || parse_block(p, "case", &body) < 0)
		return -1;
	all.blank = body.blank;
	while (!ends_block(&body, "case")) {
		if (!tag_is(&body.stop, "when") && !tag_is(&body.stop, "else"))
			return wrong_end(p, &body, "case");
		if (read_when(p, &body.stop, &branch) < 0 || parse_block(p, "case", &body) < 0)
			return -1;
		add_branch(p, &all, &branch, &body);
	}
	finish_branches(p, &all, ret);
	*blank = all.blank;
	return 0;
}

static int tag_case(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	struct liquid_branches *branches = ARENA_NEW(p->arena, struct liquid_branches);

	p->conditional++;
	if (parse_case(p, tag, branches, &node->blank) < 0)
		return -1;
	p->conditional--;
	node->kind = NODE_CASE;
	node->branches = branches;
	return 0;
}

static unsigned id_of(struct value *ids, const char *name, unsigned *count)
{
	const struct value *known = value_get(ids, name);

	if (known)
		return (unsigned)known->integer;
	value_map_set(ids, name, value_int(*count));
	return (*count)++;
}

/* `item in collection`, which for and tablerow begin with. */
static int loop_head(struct parser *p, struct lexer *lx, struct liquid_loop *loop)
{
	loop->variable = p->text + lx->now.start;
	loop->len = lx->now.end - lx->now.start;
	if (lexer_expect(p, lx, LEX_WORD, "the name of a variable") < 0)
		return -1;
	if (!lexer_word(lx, "in"))
		return lexer_unexpected(p, lx, "'in'");
	lexer_next(lx);
	loop->collection = parse_expression(p, lx, false);
	if (!loop->collection)
		return -1;
	loop->name = arena_printf(p->arena, "%.*s-%s", (int)loop->len, loop->variable, loop->collection->text);
	loop->continue_id = id_of(&p->continues, loop->name, &p->template->n_continue);
	loop->slot = (int)p->template->n_slots++;
	loop->loop_slot = (int)p->template->n_slots++;
	return 0;
}

struct loop_option {
	const char *name;
	const struct liquid_expr **ret; /* NULL: accepted and ignored */
};

/* `limit: 3, cols: 2` in any order. */
static int loop_options(struct parser *p, struct lexer *lx, struct liquid_loop *loop,
                        const struct loop_option *options, size_t n)
{
	const struct liquid_expr *e;
	size_t i;

	while (lx->now.kind != LEX_END) {
		if (lexer_accept(lx, LEX_COMMA))
			continue;
		for (i = 0; i < n && !lexer_word(lx, options[i].name); i++)
			;
		if (i == n)
			return lexer_unexpected(p, lx, n == 2 ? "limit, offset or the end" : "cols, limit, offset or the end");
		lexer_next(lx);
		if (lexer_expect(p, lx, LEX_COLON, "':'") < 0)
			return -1;
		if (n == 2 && i == 1 && lexer_word(lx, "continue")) {
			loop->offset_continue = true;
			lexer_next(lx);
			continue;
		}
		e = parse_expression(p, lx, false);
		if (!e)
			return -1;
		if (options[i].ret)
			*options[i].ret = e;
	}
	return 0;
}

static int for_head(struct parser *p, const struct tag *tag, struct liquid_loop *loop)
{
	const struct loop_option options[] = { { "limit", &loop->limit }, { "offset", &loop->offset } };
	struct lexer lx;

	start(p, tag, &lx);
	if (loop_head(p, &lx, loop) < 0)
		return -1;
	if (lexer_word(&lx, "reversed")) {
		loop->reversed = true;
		lexer_next(&lx);
	}
	return loop_options(p, &lx, loop, options, ARRAY_LEN(options));
}

static int loop_body(struct parser *p, const char *opener, const char *word, const struct liquid_loop *loop,
                     struct body *body)
{
	const struct loop_scope scope = { p->scope, loop, word };

	p->scope = &scope;
	if (parse_block(p, opener, body) < 0)
		return -1;
	p->scope = scope.outer;
	return 0;
}

static int tag_for(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	struct liquid_loop *loop = ARENA_NEW(p->arena, struct liquid_loop);
	struct body body, otherwise = { .blank = true };
	const struct body *last = &body;

	if (for_head(p, tag, loop) < 0)
		return -1;
	p->conditional++;
	if (loop_body(p, "for", "forloop", loop, &body) < 0)
		return -1;
	if (tag_is(&body.stop, "else")) {
		if (parse_block(p, "for", &otherwise) < 0)
			return -1;
		loop->has_else = true;
		last = &otherwise;
	}
	if (!ends_block(last, "for"))
		return wrong_end(p, last, "for");
	p->conditional--;
	node->blank = body.blank && otherwise.blank;
	loop->body = finish_body(p, &body, node->blank);
	loop->otherwise = finish_body(p, &otherwise, node->blank);
	node->kind = NODE_FOR;
	node->loop = loop;
	return 0;
}

static int tag_tablerow(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	struct liquid_loop *loop = ARENA_NEW(p->arena, struct liquid_loop);
	const struct loop_option options[] = {
		{ "cols", &loop->cols }, { "limit", &loop->limit }, { "offset", &loop->offset }, { "range", NULL }
	};
	struct lexer lx;
	struct body body;

	start(p, tag, &lx);
	if (loop_head(p, &lx, loop) < 0 || loop_options(p, &lx, loop, options, ARRAY_LEN(options)) < 0)
		return -1;
	p->conditional++;
	if (loop_body(p, "tablerow", "tablerowloop", loop, &body) < 0)
		return -1;
	if (!ends_block(&body, "tablerow"))
		return wrong_end(p, &body, "tablerow");
	p->conditional--;
	loop->body = finish_body(p, &body, false);
	node->blank = body.blank;
	node->kind = NODE_TABLEROW;
	node->loop = loop;
	return 0;
}

static int tag_ifchanged(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	struct liquid_block *block = ARENA_NEW(p->arena, struct liquid_block);
	struct body body;
	struct lexer lx;

	start(p, tag, &lx);
	if (lexer_finish(p, &lx) < 0)
		return -1;
	p->conditional++;
	if (parse_block(p, "ifchanged", &body) < 0)
		return -1;
	if (!ends_block(&body, "ifchanged"))
		return wrong_end(p, &body, "ifchanged");
	p->conditional--;
	*block = finish_body(p, &body, false);
	node->blank = body.blank;
	node->kind = NODE_IFCHANGED;
	node->block = block;
	return 0;
}

/* Cycles of the same literal values share their turn; one with variables is alone. */
static unsigned unnamed_cycle(struct parser *p, const struct liquid_cycle *cycle)
{
	BUF_AUTO key = BUF_INIT(SIZE_MAX);

	for (size_t i = 0; i < cycle->n; i++) {
		if (cycle->values[i]->kind != EXPR_VALUE)
			return p->template->n_cycles++;
		value_inspect(&key, &cycle->values[i]->value);
		buf_addc(&key, ',');
	}
	return id_of(&p->unnamed_cycles, key.s, &p->template->n_cycles);
}

static int tag_cycle(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	struct liquid_cycle *cycle = ARENA_NEW(p->arena, struct liquid_cycle);
	struct lexer lx, first;

	start(p, tag, &lx);
	first = lx;
	cycle->group = parse_expression(p, &lx, false);
	if (!cycle->group)
		return -1;
	if (!lexer_accept(&lx, LEX_COLON)) {
		cycle->group = NULL;
		lx = first;
	}
	if (parse_values(p, &lx, false, &cycle->values, &cycle->n) < 0)
		return -1;
	if (!cycle->group)
		cycle->id = unnamed_cycle(p, cycle);
	node->kind = NODE_CYCLE;
	node->cycle = cycle;
	return 0;
}

static int tag_counter(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	struct liquid_counter *counter = ARENA_NEW(p->arena, struct liquid_counter);
	struct lexer lx;

	start(p, tag, &lx);
	counter->name = p->text + lx.now.start;
	counter->len = lx.now.end - lx.now.start;
	counter->step = tag_is(tag, "increment") ? 1 : -1;
	if (lexer_expect(p, &lx, LEX_WORD, "the name of a counter") < 0 || lexer_finish(p, &lx) < 0)
		return -1;
	node->kind = NODE_COUNTER;
	node->counter = counter;
	return 0;
}

static int tag_echo(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	struct lexer lx;

	start(p, tag, &lx);
	node->kind = NODE_OUTPUT;
	node->output = parse_chain(p, &lx, true);
	html_pass(&p->html);
	return node->output ? 0 : -1;
}

static int tag_leave(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	(void)p;
	node->kind = tag_is(tag, "break") ? NODE_BREAK : NODE_CONTINUE;
	return 0;
}

static struct liquid_node text_node(struct parser *p, size_t from, size_t to)
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

static void nothing(struct parser *p, struct liquid_node *node)
{
	*node = text_node(p, p->len, p->len);
}

static int tag_raw(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	size_t from = p->pos, to;
	struct lexer lx;

	start(p, tag, &lx);
	if (lexer_finish(p, &lx) < 0)
		return -1;
	if (p->lines_end || !skip_to_tag(p, "endraw", &to))
		return parser_fail(p, tag->start, "'raw' is not closed: 'endraw' is missing");
	*node = text_node(p, from, to);
	node->blank = from == to;
	return 0;
}

static int tag_doc(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	size_t end;

	if (p->lines_end || !skip_to_tag(p, "enddoc", &end))
		return parser_fail(p, tag->start, "'doc' is not closed: 'enddoc' is missing");
	nothing(p, node);
	return 0;
}

/* Comments nest, and raw parts in them hide their ends. */
static int tag_comment(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	unsigned depth = 1;
	struct piece piece;
	struct tag inner;
	size_t end;

	do {
		piece = piece_next(p);
		if (piece.kind == PIECE_END)
			return parser_fail(p, tag->start, "'comment' is not closed: 'endcomment' is missing");
		if (piece.kind != PIECE_TAG || !tag_split(p, &piece, &inner))
			continue;
		if (tag_is(&inner, "comment"))
			depth++;
		else if (tag_is(&inner, "endcomment"))
			depth--;
		else if (tag_is(&inner, "raw") && (p->lines_end || !skip_to_tag(p, "endraw", &end)))
			return parser_fail(p, inner.start, "'raw' is not closed: 'endraw' is missing");
	} while (depth > 0);
	nothing(p, node);
	return 0;
}

static int tag_inline_comment(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	bool line_start = false;

	for (size_t i = tag->inner; i < tag->end; i++) {
		char c = p->text[i];

		if (c == '\n')
			line_start = true;
		else if (c != ' ' && (c < '\t' || c > '\r')) {
			if (line_start && c != '#')
				return parser_fail(p, i, "each line of this comment must begin with #");
			line_start = false;
		}
	}
	nothing(p, node);
	return 0;
}

static const struct {
	const char *name;
	tag_fn *parse;
} tags[] = {
	{ "#", tag_inline_comment },
	{ "assign", tag_assign },
	{ "break", tag_leave },
	{ "capture", tag_capture },
	{ "case", tag_case },
	{ "comment", tag_comment },
	{ "continue", tag_leave },
	{ "cycle", tag_cycle },
	{ "decrement", tag_counter },
	{ "doc", tag_doc },
	{ "echo", tag_echo },
	{ "for", tag_for },
	{ "if", tag_if },
	{ "ifchanged", tag_ifchanged },
	{ "increment", tag_counter },
	{ "raw", tag_raw },
	{ "tablerow", tag_tablerow },
	{ "unless", tag_if },
};

static const char *const tag_names[] = { "#",       "assign", "break",   "capture", "case",      "comment",   "continue",
	                                     "cycle",   "decrement", "doc",  "echo",    "for",       "if",        "ifchanged",
	                                     "increment", "liquid", "raw",   "tablerow", "unless" };

const char *const *liquid_tag_names(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(tag_names);
	return tag_names;
}

static tag_fn *find_tag(const struct tag *tag)
{
	for (size_t i = 0; i < ARRAY_LEN(tags); i++)
		if (tag_is(tag, tags[i].name))
			return tags[i].parse;
	return NULL;
}

static int unknown_tag(struct parser *p, const struct tag *tag)
{
	char name[41];
	size_t n = tag->len < sizeof name ? tag->len : sizeof name - 1;
	const char *near;

	memcpy(name, tag->name, n);
	name[n] = '\0';
	if (tag_is(tag, "include") || tag_is(tag, "render"))
		return parser_fail(p, tag->start, "there is no '%s': a template stands alone", name);
	if (n > 3 && memcmp(name, "end", 3) == 0)
		return parser_fail(p, tag->start, "'%s' ends nothing here", name);
	if (tag_is(tag, "else") || tag_is(tag, "elsif") || tag_is(tag, "when"))
		return parser_fail(p, tag->start, "'%s' stands outside of its block", name);
	near = near_match(name, tag_names, ARRAY_LEN(tag_names));
	return near ? parser_fail(p, tag->start, "no tag '%s'; did you mean '%s'?", name, near)
	            : parser_fail(p, tag->start, "no tag '%s'", name);
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
		return unknown_tag(p, &body->stop);
	p->block_depth--;
	p->pos = pos;
	p->lines_end = lines_end;
	p->trim = trim;
	return 0;
}

static int parse_output(struct parser *p, const struct piece *piece, struct liquid_node *node)
{
	struct lexer lx;

	if (!piece->closed)
		return parser_fail(p, piece->start, "this '{{' is not closed by '}}'");
	lexer_start(&lx, p, piece->inner, piece->end);
	node->kind = NODE_OUTPUT;
	node->output = parse_chain(p, &lx, true);
	html_pass(&p->html);
	return node->output ? 0 : -1;
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
	tag_fn *parse;

	if (!piece->closed)
		return parser_fail(p, piece->start, "this '{%%' is not closed by '%%}'");
	if (!tag_split(p, piece, &tag))
		return parser_fail(p, piece->start, "the name of a tag expected here");
	if (tag_is(&tag, "liquid"))
		return parse_lines(p, &tag, body);
	parse = find_tag(&tag);
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
			node.place = parser_place(p, piece.start);
			if (parse_output(p, &piece, &node) < 0)
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

static int compile(struct parser *p)
{
	struct body body = { .blank = true };

	if (parse_body(p, &body) < 0)
		return -1;
	if (body.ended)
		return unknown_tag(p, &body.stop);
	give_slots(p);
	p->template->block = finish_body(p, &body, false);
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
