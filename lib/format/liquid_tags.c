#include "base/near.h"
#include "base/random.h"
#include "format/liquid_parser.h"

#include <string.h>

static void tag_lexer(struct parser *p, const struct tag *tag, struct lexer *lx)
{
	lexer_start(lx, p, tag->inner, tag->end);
}

static int tag_assign(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	struct liquid_assign *assign = ARENA_NEW(p->arena, struct liquid_assign);
	struct lexeme name;
	struct lexer lx;

	tag_lexer(p, tag, &lx);
	name = lx.now;
	if (!lexer_accept(&lx, LEX_WORD) && !lexer_accept(&lx, LEX_NUMBER))
		return lexer_unexpected(p, &lx, "the name of a variable");
	if (p->text[name.end - 1] == '?')
		return parser_fail(p, name.start, "a variable that is assigned cannot end with a question mark");
	if (lexer_expect(p, &lx, LEX_ASSIGN, "'='") < 0)
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
	return parser_id(&p->unnamed_cycles, key.s, &p->template->n_cycles);
}

static int tag_cycle(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	struct liquid_cycle *cycle = ARENA_NEW(p->arena, struct liquid_cycle);
	struct lexer lx, first;

	tag_lexer(p, tag, &lx);
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

	tag_lexer(p, tag, &lx);
	counter->name = p->text + lx.now.start;
	counter->len = lx.now.end - lx.now.start;
	counter->hash = hash_bytes(counter->name, counter->len);
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

	tag_lexer(p, tag, &lx);
	return parse_output(p, &lx, node);
}

static int tag_leave(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	(void)p;
	node->kind = tag_is(tag, "break") ? NODE_BREAK : NODE_CONTINUE;
	return 0;
}

static void nothing(struct parser *p, struct liquid_node *node)
{
	*node = text_node(p, p->len, p->len);
}

static int tag_raw(struct parser *p, const struct tag *tag, struct liquid_node *node)
{
	size_t from = p->pos, to;
	struct lexer lx;

	tag_lexer(p, tag, &lx);
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
	liquid_tag_fn *parse;
} tags[] = {
	{ "#", tag_inline_comment },
	{ "assign", tag_assign },
	{ "break", tag_leave },
	{ "capture", liquid_tag_capture },
	{ "case", liquid_tag_case },
	{ "comment", tag_comment },
	{ "continue", tag_leave },
	{ "cycle", tag_cycle },
	{ "decrement", tag_counter },
	{ "doc", tag_doc },
	{ "echo", tag_echo },
	{ "for", liquid_tag_for },
	{ "if", liquid_tag_if },
	{ "ifchanged", liquid_tag_ifchanged },
	{ "increment", tag_counter },
	{ "raw", tag_raw },
	{ "tablerow", liquid_tag_tablerow },
	{ "unless", liquid_tag_if },
};

static const char *const tag_names[] = { "#",       "assign", "break",   "capture", "case",      "comment",   "continue",
	                                     "cycle",   "decrement", "doc",  "echo",    "for",       "if",        "ifchanged",
	                                     "increment", "liquid", "raw",   "tablerow", "unless" };

const char *const *liquid_tag_names(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(tag_names);
	return tag_names;
}

liquid_tag_fn *liquid_find_tag(const struct tag *tag)
{
	for (size_t i = 0; i < ARRAY_LEN(tags); i++)
		if (tag_is(tag, tags[i].name))
			return tags[i].parse;
	return NULL;
}

int liquid_unknown_tag(struct parser *p, const struct tag *tag)
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
