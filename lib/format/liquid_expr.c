#include "base/near.h"
#include "base/random.h"
#include "format/decimal.h"
#include "format/liquid_parser.h"

#include <string.h>

static const struct liquid_expr *parse_inner(struct parser *p, struct lexer *lx, bool condition);

int parser_slot(struct parser *p, const char *name, size_t len)
{
	struct value *names = &p->template->slot_names;
	const struct value *known = value_map_find(names->map, name, len, hash_bytes(name, len));

	if (known)
		return (int)known->integer;
	value_map_set_n(names, name, len, value_int((int64_t)p->template->n_slots));
	return (int)p->template->n_slots++;
}

/* The slot that an enclosing loop gives this name. */
static int loop_slot(const struct parser *p, const char *name, size_t len)
{
	for (const struct loop_scope *s = p->scope; s; s = s->outer) {
		if (s->loop->len == len && memcmp(s->loop->variable, name, len) == 0)
			return s->loop->slot;
		if (strlen(s->word) == len && memcmp(s->word, name, len) == 0)
			return s->loop->loop_slot;
	}
	return SLOT_NONE;
}

static struct liquid_expr *new_expr(struct parser *p, enum liquid_expr_kind kind)
{
	struct liquid_expr *e = ARENA_NEW(p->arena, struct liquid_expr);

	e->kind = kind;
	return e;
}

static struct liquid_expr *literal(struct parser *p, struct lexer *lx, struct value v)
{
	struct liquid_expr *e = new_expr(p, EXPR_VALUE);
	const struct lexeme *now = &lx->now;
	size_t quote = now->kind == LEX_STRING;

	e->value = v;
	e->text = arena_strndup(p->arena, lx->text + now->start - quote, now->end - now->start + 2 * quote);
	lexer_next(lx);
	return e;
}

static const struct liquid_expr *number_literal(struct parser *p, struct lexer *lx)
{
	bool whole;
	int64_t i = 0;
	double d = 0;

	number_parse(lx->text + lx->now.start, lx->now.end - lx->now.start, &whole, &i, &d);
	return literal(p, lx, whole ? value_int(i) : value_double(d));
}

static bool is_plain_name(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr("_-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", s[i] ? s[i] : '.'))
			return false;
	return len > 0 && strchr("-0123456789", s[0]) == NULL;
}

/* Adds a segment to the path's text: .name, ["any text"], [0], [name.of.index] */
static void segment_text(struct buf *text, const struct liquid_segment *s)
{
	if (s->computed)
		buf_addf(text, "[%s]", s->computed->text);
	else if (is_plain_name(s->name, s->len))
		buf_addf(text, ".%.*s", (int)s->len, s->name);
	else
		buf_addf(text, "[\"%.*s\"]", (int)s->len, s->name);
}

static enum liquid_command command_of(const char *s, size_t len)
{
	if (len == 4 && memcmp(s, "size", 4) == 0)
		return COMMAND_SIZE;
	if (len == 5 && memcmp(s, "first", 5) == 0)
		return COMMAND_FIRST;
	if (len == 4 && memcmp(s, "last", 4) == 0)
		return COMMAND_LAST;
	return COMMAND_NONE;
}

static int parse_dotted(struct parser *p, struct lexer *lx, struct liquid_segment *ret)
{
	lexer_next(lx);
	if (lx->now.kind != LEX_WORD)
		return lexer_unexpected(p, lx, "a name");
	ret->name = lx->text + lx->now.start;
	ret->len = lx->now.end - lx->now.start;
	ret->hash = hash_bytes(ret->name, ret->len);
	ret->command = command_of(ret->name, ret->len);
	lexer_next(lx);
	return 0;
}

static int parse_bracketed(struct parser *p, struct lexer *lx, struct liquid_segment *ret)
{
	const struct liquid_expr *e;

	lexer_next(lx);
	e = parse_inner(p, lx, false);
	if (!e || lexer_expect(p, lx, LEX_CLOSE_SQUARE, "']'") < 0)
		return -1;
	if (e->kind == EXPR_VALUE && e->value.kind == VALUE_STRING) {
		ret->name = e->value.text;
		ret->len = e->value.len;
		ret->hash = hash_bytes(ret->name, ret->len);
	} else {
		ret->computed = e;
	}
	return 0;
}

/* Reads .a[b].c; *fixed gets the length of the text before the first part that is not fixed. */
static int parse_segments(struct parser *p, struct lexer *lx, struct liquid_path *path, struct buf *text,
                          size_t *fixed)
{
	struct list list = { 0 };

	*fixed = SIZE_MAX;
	while (lx->now.kind == LEX_DOT || lx->now.kind == LEX_OPEN_SQUARE) {
		struct liquid_segment segment = { 0 };
		int rc = lx->now.kind == LEX_DOT ? parse_dotted(p, lx, &segment) : parse_bracketed(p, lx, &segment);

		if (rc < 0)
			return -1;
		if (*fixed == SIZE_MAX && segment.computed && segment.computed->kind != EXPR_VALUE)
			*fixed = text->len;
		segment_text(text, &segment);
		*(struct liquid_segment *)list_add(p, &list, sizeof segment) = segment;
	}
	path->segments = list_finish(p, &list, sizeof *path->segments);
	path->n = list.n;
	return 0;
}

static size_t add_variable(struct parser *p, size_t pos)
{
	struct liquid_place place = parser_place(p, pos);
	struct liquid_variable *v = list_add(p, &p->variables, sizeof *v);

	*v = (struct liquid_variable){ .line = place.line, .column = place.column, .conditional = p->conditional > 0 };
	return p->variables.n - 1;
}

static void name_variable(struct parser *p, size_t index, const char *text, size_t fixed)
{
	struct liquid_variable *v = (struct liquid_variable *)p->variables.items + index;

	v->computed = fixed != SIZE_MAX;
	v->path = arena_strndup(p->arena, text, v->computed ? fixed : strlen(text));
}

/* Whether the name belongs to the template at this place: a loop gives it, or it was assigned before. */
static bool is_own(const struct parser *p, const struct liquid_path *path)
{
	return path->slot != SLOT_NONE ||
	       value_map_find(p->template->slot_names.map, path->name, path->len, path->hash) != NULL;
}

static const struct liquid_expr *parse_path(struct parser *p, struct lexer *lx)
{
	BUF_AUTO text = BUF_INIT(SIZE_MAX);
	struct liquid_expr *e = new_expr(p, EXPR_PATH);
	struct liquid_path *path = &e->path;
	size_t fixed, variable = SIZE_MAX;

	path->name = lx->text + lx->now.start;
	path->len = lx->now.end - lx->now.start;
	path->hash = hash_bytes(path->name, path->len);
	path->slot = loop_slot(p, path->name, path->len);
	path->loop_slot = path->slot != SLOT_NONE;
	if (!is_own(p, path))
		variable = add_variable(p, lx->now.start);
	buf_add(&text, path->name, path->len);
	lexer_next(lx);
	if (parse_segments(p, lx, path, &text, &fixed) < 0)
		return NULL;
	e->text = arena_strndup(p->arena, text.s, text.len);
	if (variable != SIZE_MAX)
		name_variable(p, variable, e->text, fixed);
	if (!path->loop_slot)
		*(struct liquid_path **)list_add(p, &p->paths, sizeof path) = path;
	return e;
}

/* [expression].more: the name of the variable is computed. */
static const struct liquid_expr *parse_computed_path(struct parser *p, struct lexer *lx)
{
	BUF_AUTO text = BUF_INIT(SIZE_MAX);
	struct liquid_expr *e = new_expr(p, EXPR_PATH);
	size_t fixed;

	e->path.slot = SLOT_NONE;
	p->template->computes_roots = true;
	lexer_next(lx);
	e->path.root = parse_inner(p, lx, false);
	if (!e->path.root || lexer_expect(p, lx, LEX_CLOSE_SQUARE, "']'") < 0)
		return NULL;
	buf_addf(&text, "[%s]", e->path.root->text);
	if (parse_segments(p, lx, &e->path, &text, &fixed) < 0)
		return NULL;
	e->text = arena_strndup(p->arena, text.s, text.len);
	return e;
}

/* Literal ends of a range are whole numbers from the start: (1.9..'4') is (1..4). */
static int check_range_end(struct parser *p, size_t pos, const struct liquid_expr *e)
{
	if (e->kind == EXPR_RANGE || (e->kind == EXPR_VALUE && e->value.kind == VALUE_BOOL))
		return parser_fail(p, pos, "'%s' is no number for a range", e->text);
	return 0;
}

static const struct liquid_expr *parse_range(struct parser *p, struct lexer *lx)
{
	struct liquid_expr *e = new_expr(p, EXPR_RANGE);
	size_t start;

	lexer_next(lx);
	start = lx->now.start;
	e->from = parse_inner(p, lx, false);
	if (!e->from || check_range_end(p, start, e->from) < 0 || lexer_expect(p, lx, LEX_DOTS, "'..'") < 0)
		return NULL;
	start = lx->now.start;
	e->to = parse_inner(p, lx, false);
	if (!e->to || check_range_end(p, start, e->to) < 0 || lexer_expect(p, lx, LEX_CLOSE_ROUND, "')'") < 0)
		return NULL;
	e->text = arena_printf(p->arena, "(%s..%s)", e->from->text, e->to->text);
	return e;
}

static bool literal_word(const struct lexer *lx, bool condition, struct value *ret)
{
	static const struct {
		const char *word;
		enum value_kind kind;
		bool boolean;
	} words[] = { { "nil", VALUE_NIL, false },     { "null", VALUE_NIL, false },    { "true", VALUE_BOOL, true },
		          { "false", VALUE_BOOL, false }, { "blank", VALUE_BLANK, false }, { "empty", VALUE_EMPTY, false } };
	enum lexeme_kind next;

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!lexer_word(lx, words[i].word))
			continue;
		next = lexer_peek(lx);
		if (next == LEX_DOT || next == LEX_OPEN_SQUARE)
			return false;
		*ret = (struct value){ .kind = words[i].kind };
		if (ret->kind == VALUE_BOOL)
			ret->boolean = words[i].boolean;
		else if (ret->kind != VALUE_NIL && !condition)
			*ret = value_text("");
		return true;
	}
	return false;
}

static const struct liquid_expr *parse_primary(struct parser *p, struct lexer *lx, bool condition)
{
	struct value word;

	switch (lx->now.kind) {
	case LEX_WORD:
		if (literal_word(lx, condition, &word))
			return literal(p, lx, word);
		return parse_path(p, lx);
	case LEX_NUMBER:
		return number_literal(p, lx);
	case LEX_STRING:
		return literal(p, lx, value_text_n(lx->text + lx->now.start, lx->now.end - lx->now.start));
	case LEX_OPEN_SQUARE:
		return parse_computed_path(p, lx);
	case LEX_OPEN_ROUND:
		return parse_range(p, lx);
	case LEX_END:
	case LEX_PIPE:
	case LEX_DOT:
	case LEX_DOTS:
	case LEX_COLON:
	case LEX_COMMA:
	case LEX_CLOSE_SQUARE:
	case LEX_CLOSE_ROUND:
	case LEX_COMPARE:
	case LEX_ASSIGN:
	case LEX_OTHER:
		break;
	}
	lexer_unexpected(p, lx, "a value");
	return NULL;
}

static const struct liquid_expr *parse_inner(struct parser *p, struct lexer *lx, bool condition)
{
	const struct liquid_expr *e;

	if (p->expression_depth >= LIQUID_EXPRESSION_DEPTH) {
		parser_fail(p, lx->now.start, "this expression is nested too deeply");
		return NULL;
	}
	p->expression_depth++;
	e = parse_primary(p, lx, condition);
	p->expression_depth--;
	return e;
}

const struct liquid_expr *parse_expression(struct parser *p, struct lexer *lx, bool condition)
{
	return parse_inner(p, lx, condition);
}

/* `name: value` behind a filter; the only one that the standard filters know is allow_false. */
static int parse_named(struct parser *p, struct lexer *lx, struct liquid_filter_use *use)
{
	const struct liquid_expr *e;

	if (strcmp(use->filter->name, "default") != 0 || !lexer_word(lx, "allow_false"))
		return parser_fail(p, lx->now.start, "the filter '%s' has no option '%.*s'", use->filter->name,
		                   (int)(lx->now.end - lx->now.start), lx->text + lx->now.start);
	lexer_next(lx);
	lexer_next(lx);
	e = parse_inner(p, lx, false);
	use->args[LIQUID_FILTER_ARGS - 1] = e;
	return e ? 0 : -1;
}

static int parse_positional(struct parser *p, struct lexer *lx, struct liquid_filter_use *use)
{
	size_t start = lx->now.start;
	const struct liquid_expr *e = parse_inner(p, lx, false);

	if (!e)
		return -1;
	if (use->n >= use->filter->max)
		return parser_fail(p, start, "the filter '%s' takes %s%u argument%s", use->filter->name,
		                   use->filter->max ? "at most " : "", use->filter->max, use->filter->max == 1 ? "" : "s");
	use->args[use->n++] = e;
	return 0;
}

static int parse_arguments(struct parser *p, struct lexer *lx, struct liquid_filter_use *use)
{
	if (!lexer_accept(lx, LEX_COLON))
		return 0;
	while (lx->now.kind != LEX_END && lx->now.kind != LEX_PIPE) {
		bool named = lx->now.kind == LEX_WORD && lexer_peek(lx) == LEX_COLON;

		if ((named ? parse_named(p, lx, use) : parse_positional(p, lx, use)) < 0)
			return -1;
		if (!lexer_accept(lx, LEX_COMMA))
			break;
	}
	return 0;
}

static int unknown_filter(struct parser *p, const struct lexer *lx)
{
	size_t n = lx->now.end - lx->now.start, n_names;
	const char *const *names = liquid_filter_names(&n_names);
	char name[41];
	const char *near;

	if (n > 40)
		n = 40;
	memcpy(name, lx->text + lx->now.start, n);
	name[n] = '\0';
	near = near_match(name, names, n_names);
	return near ? parser_fail(p, lx->now.start, "no filter '%s'; did you mean '%s'?", name, near)
	            : parser_fail(p, lx->now.start, "no filter '%s'", name);
}

static int parse_filter(struct parser *p, struct lexer *lx, struct liquid_filter_use *use)
{
	size_t start = lx->now.start;

	if (lx->now.kind != LEX_WORD)
		return lexer_unexpected(p, lx, "the name of a filter");
	*use = (struct liquid_filter_use){ .place = parser_place(p, start) };
	use->filter = liquid_find_filter(lx->text + start, lx->now.end - start);
	if (!use->filter)
		return unknown_filter(p, lx);
	lexer_next(lx);
	if (parse_arguments(p, lx, use) < 0)
		return -1;
	if (use->n < use->filter->min)
		return parser_fail(p, start, "the filter '%s' needs %s%u argument%s", use->filter->name,
		                   use->filter->max > use->filter->min ? "at least " : "", use->filter->min,
		                   use->filter->min == 1 ? "" : "s");
	return 0;
}

/* The variable that an output prints, which was the first to be read since `first`; NULL: it prints something else. */
static struct liquid_variable *printed_variable(struct parser *p, const struct liquid_chain *chain, size_t first)
{
	struct liquid_variable *v;

	if (first >= p->variables.n)
		return NULL;
	v = (struct liquid_variable *)p->variables.items + first;
	if (!chain->base || chain->base->kind != EXPR_PATH || chain->base->path.root ||
	    v->line != chain->place.line || v->column != chain->place.column)
		return NULL;
	return v;
}

static void mark_output(struct parser *p, const struct liquid_chain *chain, size_t first)
{
	struct liquid_variable *v = printed_variable(p, chain, first);

	if (!chain->has_default && (!v || v->computed || chain->n > 0))
		p->template->has_odd_output = true;
	if (!v)
		return;
	v->output = true;
	v->has_default = chain->has_default;
}

static int parse_filters(struct parser *p, struct lexer *lx, struct liquid_chain *chain, bool output)
{
	struct list list = { 0 };

	while (lexer_accept(lx, LEX_PIPE)) {
		size_t start = lx->now.start;
		struct liquid_filter_use use;

		if (parse_filter(p, lx, &use) < 0)
			return -1;
		if (strcmp(use.filter->name, "default") == 0)
			chain->has_default = true;
		if (strcmp(use.filter->name, "raw") == 0) {
			if (!output)
				return parser_fail(p, start, "the filter 'raw' works only in an output");
			chain->raw = true;
			continue;
		}
		*(struct liquid_filter_use *)list_add(p, &list, sizeof use) = use;
	}
	chain->filters = list_finish(p, &list, sizeof *chain->filters);
	chain->n = list.n;
	return lexer_finish(p, lx);
}

const struct liquid_chain *parse_chain(struct parser *p, struct lexer *lx, bool output)
{
	struct liquid_chain *chain = ARENA_NEW(p->arena, struct liquid_chain);
	size_t first = p->variables.n;

	chain->place = parser_place(p, lx->now.start);
	chain->conditional = p->conditional > 0;
	if (lx->now.kind == LEX_END)
		return chain;
	chain->base = parse_inner(p, lx, false);
	if (!chain->base || parse_filters(p, lx, chain, output) < 0)
		return NULL;
	if (output)
		mark_output(p, chain, first);
	return chain;
}

static int parse_comparison(struct parser *p, struct lexer *lx, struct liquid_comparison *ret)
{
	*ret = (struct liquid_comparison){ .left = parse_inner(p, lx, true) };
	if (!ret->left)
		return -1;
	if (lx->now.kind == LEX_COMPARE) {
		ret->op = lx->now.op;
		lexer_next(lx);
		ret->right = parse_inner(p, lx, true);
		if (!ret->right)
			return -1;
	}
	if (lexer_word(lx, "and"))
		ret->next = JUNCTION_AND;
	else if (lexer_word(lx, "or"))
		ret->next = JUNCTION_OR;
	if (ret->next != JUNCTION_END)
		lexer_next(lx);
	return 0;
}

int parse_condition(struct parser *p, struct lexer *lx, struct liquid_branch *ret)
{
	struct list list = { 0 };
	struct liquid_comparison comparison;

	do {
		if (parse_comparison(p, lx, &comparison) < 0)
			return -1;
		*(struct liquid_comparison *)list_add(p, &list, sizeof comparison) = comparison;
	} while (comparison.next != JUNCTION_END);
	if (lx->now.kind != LEX_END)
		return lexer_unexpected(p, lx, "and, or, a comparison or the end");
	ret->comparisons = list_finish(p, &list, sizeof comparison);
	ret->n = list.n;
	return 0;
}

int parse_values(struct parser *p, struct lexer *lx, bool or_too, const struct liquid_expr *const **ret,
                 size_t *ret_n)
{
	struct list list = { 0 };

	for (;;) {
		const struct liquid_expr *e = parse_inner(p, lx, or_too);

		if (!e)
			return -1;
		*(const struct liquid_expr **)list_add(p, &list, sizeof e) = e;
		if (or_too && lexer_word(lx, "or"))
			lexer_next(lx);
		else if (!lexer_accept(lx, LEX_COMMA) || lx->now.kind == LEX_END)
			break;
	}
	*ret = list_finish(p, &list, sizeof **ret);
	*ret_n = list.n;
	return lexer_finish(p, lx);
}
