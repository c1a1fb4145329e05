#include "format/liquid_parser.h"

#include <string.h>

static void tag_lexer(struct parser *p, const struct tag *tag, struct lexer *lx)
{
	lexer_start(lx, p, tag->inner, tag->end);
}

int liquid_tag_capture(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	struct liquid_capture *capture = ARENA_NEW(p->arena, struct liquid_capture);
	struct html_context html = p->html;
	struct lexeme name;
	struct lexer lx;
	struct body body;

	tag_lexer(p, tag, &lx);
	name = lx.now;
	if (!lexer_accept(&lx, LEX_WORD) && !lexer_accept(&lx, LEX_STRING) && !lexer_accept(&lx, LEX_NUMBER))
		return lexer_unexpected(p, &lx, "the name of a variable");
	if (lexer_finish(p, &lx) < 0)
		return -1;
	p->html = (struct html_context){ 0 };
	if (parse_block(p, tag, &body) < 0 || body_expect_end(p, &body, tag) < 0)
		return -1;
	p->html = html;
	capture->block = body_finish(p, &body, false);
	capture->slot = parser_slot(p, p->text + name.start, name.end - name.start);
	node->kind = NODE_CAPTURE;
	node->capture = capture;
	node->blank = true;
	return 0;
}

int liquid_tag_ifchanged(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	struct liquid_block *block = ARENA_NEW(p->arena, struct liquid_block);
	struct body body;
	struct lexer lx;

	tag_lexer(p, tag, &lx);
	if (lexer_finish(p, &lx) < 0)
		return -1;
	p->conditional++;
	if (parse_block(p, tag, &body) < 0 || body_expect_end(p, &body, tag) < 0)
		return -1;
	p->conditional--;
	*block = body_finish(p, &body, false);
	node->blank = body.blank;
	node->kind = NODE_IFCHANGED;
	node->block = block;
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
		branches[i].block = body_finish(p, &bodies[i], all->blank);
	ret->branches = list_finish(p, &all->branches, sizeof *branches);
	ret->n = all->branches.n;
}

static int read_condition(struct parser *p, const struct tag *tag, struct liquid_branch *branch)
{
	struct lexer lx;

	tag_lexer(p, tag, &lx);
	return parse_condition(p, &lx, branch);
}

static int parse_if(struct parser *p, const struct tag *tag, struct liquid_branches *ret, bool *blank)
{
	struct liquid_branch branch = { .negated = tag_is(tag, "unless") };
	struct branches all = { .blank = true };
	struct body body;

	if (read_condition(p, tag, &branch) < 0)
		return -1;
	for (;;) {
		if (parse_block(p, tag, &body) < 0)
			return -1;
		add_branch(p, &all, &branch, &body);
		branch = (struct liquid_branch){ .n = 0 };
		if (body_ends(&body, tag))
			break;
		if (tag_is(&body.stop, "else"))
			continue;
		if (!tag_is(&body.stop, "elsif"))
			return body_wrong_end(p, &body, tag);
		if (read_condition(p, &body.stop, &branch) < 0)
			return -1;
	}
	finish_branches(p, &all, ret);
	*blank = all.blank;
	return 0;
}

int liquid_tag_if(struct parser *p, const struct tag *tag, struct liquid_node *node)
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
	tag_lexer(p, tag, &lx);
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

	tag_lexer(p, tag, &lx);
	ret->subject = parse_expression(p, &lx, true);
	if (!ret->subject || lexer_finish(p, &lx) < 0 || parse_block(p, tag, &body) < 0)
		return -1;
	all.blank = body.blank;
	while (!body_ends(&body, tag)) {
		if (!tag_is(&body.stop, "when") && !tag_is(&body.stop, "else"))
			return body_wrong_end(p, &body, tag);
		if (read_when(p, &body.stop, &branch) < 0 || parse_block(p, tag, &body) < 0)
			return -1;
		add_branch(p, &all, &branch, &body);
	}
	finish_branches(p, &all, ret);
	*blank = all.blank;
	return 0;
}

int liquid_tag_case(struct parser *p, const struct tag *tag, struct liquid_node *node)
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
	loop->continue_id = parser_id(&p->continues, loop->name, &p->template->n_continue);
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

	tag_lexer(p, tag, &lx);
	if (loop_head(p, &lx, loop) < 0)
		return -1;
	if (lexer_word(&lx, "reversed")) {
		loop->reversed = true;
		lexer_next(&lx);
	}
	return loop_options(p, &lx, loop, options, ARRAY_LEN(options));
}

static int loop_body(struct parser *p, const struct tag *open, const char *word, const struct liquid_loop *loop,
                     struct body *body)
{
	struct loop_scope *scope = ARENA_NEW(p->scratch, struct loop_scope);

	*scope = (struct loop_scope){ p->scope, loop, word };
	p->scope = scope;
	if (parse_block(p, open, body) < 0)
		return -1;
	p->scope = scope->outer;
	return 0;
}

int liquid_tag_for(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	struct liquid_loop *loop = ARENA_NEW(p->arena, struct liquid_loop);
	struct body body, otherwise = { .blank = true };
	const struct body *last = &body;

	if (for_head(p, tag, loop) < 0)
		return -1;
	p->conditional++;
	if (loop_body(p, tag, "forloop", loop, &body) < 0)
		return -1;
	if (tag_is(&body.stop, "else")) {
		if (parse_block(p, tag, &otherwise) < 0)
			return -1;
		last = &otherwise;
	}
	if (body_expect_end(p, last, tag) < 0)
		return -1;
	p->conditional--;
	node->blank = body.blank && otherwise.blank;
	loop->body = body_finish(p, &body, node->blank);
	loop->otherwise = body_finish(p, &otherwise, node->blank);
	node->kind = NODE_FOR;
	node->loop = loop;
	return 0;
}

int liquid_tag_tablerow(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	struct liquid_loop *loop = ARENA_NEW(p->arena, struct liquid_loop);
	const struct loop_option options[] = {
		{ "cols", &loop->cols }, { "limit", &loop->limit }, { "offset", &loop->offset }, { "range", NULL }
	};
	struct lexer lx;
	struct body body;

	tag_lexer(p, tag, &lx);
	if (loop_head(p, &lx, loop) < 0 || loop_options(p, &lx, loop, options, ARRAY_LEN(options)) < 0)
		return -1;
	p->conditional++;
	if (loop_body(p, tag, "tablerowloop", loop, &body) < 0 || body_expect_end(p, &body, tag) < 0)
		return -1;
	p->conditional--;
	loop->body = body_finish(p, &body, false);
	node->blank = body.blank;
	node->kind = NODE_TABLEROW;
	node->loop = loop;
	return 0;
}
