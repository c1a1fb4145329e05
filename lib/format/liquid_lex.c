#include "format/liquid_parser.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

struct liquid_place parser_place(struct parser *p, size_t pos)
{
	if (pos < p->place_pos || p->place.line == 0) {
		p->place = (struct liquid_place){ 1, 1 };
		p->place_pos = 0;
	}
	for (; p->place_pos < pos && p->place_pos < p->len; p->place_pos++) {
		char c = p->text[p->place_pos];

		if (c == '\n') {
			p->place.line++;
			p->place.column = 1;
		} else if ((c & 0xc0) != 0x80) {
			p->place.column++;
		}
	}
	return p->place;
}

int parser_fail(struct parser *p, size_t pos, const char *fmt, ...)
{
	struct liquid_place place = parser_place(p, pos);
	va_list ap;

	p->problem->line = place.line;
	p->problem->column = place.column;
	va_start(ap, fmt);
	vsnprintf(p->problem->message, sizeof p->problem->message, fmt, ap);
	va_end(ap);
	return -1;
}

/* The first {{ or {% at or behind pos; the end when there is none. */
static size_t find_braces(const struct parser *p, size_t pos)
{
	while (pos + 1 < p->len) {
		const char *found = memchr(p->text + pos, '{', p->len - pos - 1);

		if (!found)
			break;
		pos = (size_t)(found - p->text);
		if (found[1] == '{' || found[1] == '%')
			return pos;
		pos++;
	}
	return p->len;
}

static size_t find_text(const struct parser *p, size_t pos, const char *what, size_t n)
{
	const char *found = memmem(p->text + pos, p->len - pos, what, n);

	return found ? (size_t)(found - p->text) : p->len;
}

static struct piece text_piece(struct parser *p)
{
	size_t start = p->pos, end = find_braces(p, p->pos), inner = start;

	p->pos = end;
	if (p->trim)
		while (inner < end && (is_space(p->text[inner]) || p->text[inner] == '\0'))
			inner++;
	p->trim = false;
	if (end + 2 < p->len && p->text[end + 2] == '-')
		while (end > inner && (is_space(p->text[end - 1]) || p->text[end - 1] == '\0'))
			end--;
	return (struct piece){ PIECE_TEXT, start, inner, end, true };
}

/* Braces do not nest and do not look at quotes: the first %} ends a tag, the first } an output. */
static struct piece tag_piece(struct parser *p)
{
	size_t start = p->pos, end = find_text(p, start + 2, "%}", 2);

	p->pos = end < p->len ? end + 2 : end;
	return (struct piece){ PIECE_TAG, start, start + 2, end, end < p->len };
}

static struct piece output_piece(struct parser *p)
{
	size_t start = p->pos, i = start + 2;

	while (i < p->len && p->text[i] != '}' && !(p->text[i] == '{' && i + 1 < p->len && p->text[i + 1] == '%'))
		i++;
	if (i + 1 < p->len && p->text[i] == '}' && p->text[i + 1] == '}') {
		p->pos = i + 2;
		return (struct piece){ PIECE_OUTPUT, start, start + 2, i, true };
	}
	if (i < p->len && p->text[i] == '{')
		i = find_text(p, i, "%}", 2);
	p->pos = i < p->len ? i + 1 : i;
	return (struct piece){ PIECE_OUTPUT, start, start + 2, p->pos, false };
}

static struct piece line_piece(struct parser *p)
{
	size_t start = p->pos, end = find_text(p, start, "\n", 1);

	if (end > p->lines_end)
		end = p->lines_end;
	p->pos = end + 1;
	while (start < end && is_space(p->text[start]))
		start++;
	return (struct piece){ start < end ? PIECE_TAG : PIECE_TEXT, start, start, end, true };
}

struct piece piece_next(struct parser *p)
{
	struct piece piece;

	if (p->lines_end) {
		while (p->pos <= p->lines_end) {
			piece = line_piece(p);
			if (piece.kind == PIECE_TAG)
				return piece;
		}
		return (struct piece){ .kind = PIECE_END, .start = p->lines_end };
	}
	if (p->pos >= p->len)
		return (struct piece){ .kind = PIECE_END, .start = p->len };
	if (find_braces(p, p->pos) != p->pos)
		return text_piece(p);
	piece = p->text[p->pos + 1] == '%' ? tag_piece(p) : output_piece(p);
	if (!piece.closed)
		return piece;
	p->trim = p->text[piece.end - 1] == '-';
	if (p->text[piece.inner] == '-')
		piece.inner++;
	if (p->trim && piece.end > piece.inner)
		piece.end--;
	return piece;
}

bool tag_split(const struct parser *p, const struct piece *piece, struct tag *ret)
{
	size_t pos = piece->inner, name;

	if (!piece->closed)
		return false;
	while (pos < piece->end && is_space(p->text[pos]))
		pos++;
	name = pos;
	if (pos < piece->end && p->text[pos] == '#')
		pos++;
	else
		while (pos < piece->end && is_word(p->text[pos]))
			pos++;
	*ret = (struct tag){ piece->start, p->text + name, pos - name, pos, piece->end };
	return pos > name;
}

bool tag_is(const struct tag *tag, const char *name)
{
	return strlen(name) == tag->len && memcmp(tag->name, name, tag->len) == 0;
}

/* Whether {% or {%- and white space stand in front of pos; *ret_start is where they begin. */
static bool opens_tag(const struct parser *p, size_t pos, size_t *ret_start)
{
	while (pos > p->pos && is_space(p->text[pos - 1]))
		pos--;
	if (pos > p->pos && p->text[pos - 1] == '-')
		pos--;
	if (pos < p->pos + 2 || p->text[pos - 2] != '{' || p->text[pos - 1] != '%')
		return false;
	*ret_start = pos - 2;
	return true;
}

bool skip_to_tag(struct parser *p, const char *name, size_t *ret_end)
{
	size_t n = strlen(name), pos = p->pos, close;

	while ((pos = find_text(p, pos, name, n)) < p->len) {
		size_t behind = pos + n;

		if (behind < p->len && !is_word(p->text[behind]) && opens_tag(p, pos, ret_end)) {
			close = find_text(p, behind, "%}", 2);
			if (close == p->len)
				return false;
			p->trim = p->text[close - 1] == '-';
			p->pos = close + 2;
			return true;
		}
		pos = behind;
	}
	return false;
}

void lexer_start(struct lexer *lx, const struct parser *p, size_t start, size_t end)
{
	*lx = (struct lexer){ .text = p->text, .pos = start, .end = end };
	lexer_next(lx);
}

static char peek_char(const struct lexer *lx, size_t ahead)
{
	return lx->pos + ahead < lx->end ? lx->text[lx->pos + ahead] : '\0';
}

static struct lexeme word(struct lexer *lx)
{
	size_t start = lx->pos;
	enum lexeme_kind kind = LEX_WORD;
	enum liquid_operator op = OP_NONE;

	while (is_word(peek_char(lx, 0)) || peek_char(lx, 0) == '-')
		lx->pos++;
	if (peek_char(lx, 0) == '?')
		lx->pos++;
	if (lx->pos - start > NAME_LENGTH)
		kind = LEX_OTHER;
	if (lx->pos - start == 8 && memcmp(lx->text + start, "contains", 8) == 0 && lx->now.kind != LEX_DOT) {
		kind = LEX_COMPARE;
		op = OP_CONTAINS;
	}
	return (struct lexeme){ kind, start, lx->pos, op };
}

static struct lexeme number(struct lexer *lx)
{
	size_t start = lx->pos++;

	while (is_digit(peek_char(lx, 0)))
		lx->pos++;
	if (peek_char(lx, 0) == '.' && is_digit(peek_char(lx, 1))) {
		lx->pos++;
		while (is_digit(peek_char(lx, 0)))
			lx->pos++;
	}
	return (struct lexeme){ LEX_NUMBER, start, lx->pos, OP_NONE };
}

static struct lexeme quoted(struct lexer *lx)
{
	size_t start = lx->pos + 1;
	const char *close = memchr(lx->text + start, lx->text[lx->pos], lx->end - start);

	if (!close) {
		lx->pos = lx->end;
		return (struct lexeme){ LEX_OTHER, start - 1, lx->end, OP_NONE };
	}
	lx->pos = (size_t)(close - lx->text) + 1;
	return (struct lexeme){ LEX_STRING, start, lx->pos - 1, OP_NONE };
}

static struct lexeme comparison(struct lexer *lx)
{
	static const struct {
		char text[3];
		enum liquid_operator op;
	} operators[] = { { "==", OP_EQ }, { "!=", OP_NE }, { "<>", OP_NE }, { "<=", OP_LE },
		              { ">=", OP_GE }, { "<", OP_LT },  { ">", OP_GT } };
	size_t start = lx->pos;

	for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
		size_t n = strlen(operators[i].text);

		if (lx->end - lx->pos >= n && memcmp(lx->text + lx->pos, operators[i].text, n) == 0) {
			lx->pos += n;
			return (struct lexeme){ LEX_COMPARE, start, lx->pos, operators[i].op };
		}
	}
	lx->pos++;
	return (struct lexeme){ lx->text[start] == '=' ? LEX_ASSIGN : LEX_OTHER, start, lx->pos, OP_NONE };
}

static struct lexeme sign(struct lexer *lx)
{
	static const char signs[] = "|:,[]().";
	static const enum lexeme_kind kinds[] = { LEX_PIPE,         LEX_COLON,      LEX_COMMA,       LEX_OPEN_SQUARE,
		                                      LEX_CLOSE_SQUARE, LEX_OPEN_ROUND, LEX_CLOSE_ROUND, LEX_DOT };
	size_t start = lx->pos;
	char c = peek_char(lx, 0);
	const char *found = c ? strchr(signs, c) : NULL;
	enum lexeme_kind kind = found ? kinds[found - signs] : LEX_OTHER;

	lx->pos++;
	if (kind == LEX_DOT && peek_char(lx, 0) == '.') {
		lx->pos++;
		kind = LEX_DOTS;
	}
	return (struct lexeme){ kind, start, lx->pos, OP_NONE };
}

void lexer_next(struct lexer *lx)
{
	char c;

	while (is_space(peek_char(lx, 0)))
		lx->pos++;
	c = peek_char(lx, 0);
	if (lx->pos >= lx->end)
		lx->now = (struct lexeme){ LEX_END, lx->end, lx->end, OP_NONE };
	else if (is_digit(c) || (c == '-' && is_digit(peek_char(lx, 1))))
		lx->now = number(lx);
	else if (is_word(c))
		lx->now = word(lx);
	else if (c == '"' || c == '\'')
		lx->now = quoted(lx);
	else if (c && strchr("=!<>", c))
		lx->now = comparison(lx);
	else
		lx->now = sign(lx);
}

enum lexeme_kind lexer_peek(const struct lexer *lx)
{
	struct lexer ahead = *lx;

	lexer_next(&ahead);
	return ahead.now.kind;
}

bool lexer_word(const struct lexer *lx, const char *expected)
{
	size_t n = strlen(expected);

	return lx->now.kind == LEX_WORD && lx->now.end - lx->now.start == n &&
	       memcmp(lx->text + lx->now.start, expected, n) == 0;
}

bool lexer_accept(struct lexer *lx, enum lexeme_kind kind)
{
	if (lx->now.kind != kind)
		return false;
	lexer_next(lx);
	return true;
}

/* The bytes of the word that is looked at, cut to whole characters. */
static int shown_length(const struct lexer *lx)
{
	size_t from = lx->now.start, n = lx->now.end - from;

	if (n > 40)
		n = 40;
	while (from + n < lx->end && (lx->text[from + n] & 0xc0) == 0x80)
		n++;
	return (int)n;
}

int lexer_unexpected(struct parser *p, const struct lexer *lx, const char *expected)
{
	const char *word = lx->text + lx->now.start;

	if (lx->now.kind == LEX_OTHER && (*word == '"' || *word == '\''))
		return parser_fail(p, lx->now.start, "this quote is not closed");
	if (lx->now.kind == LEX_END)
		return parser_fail(p, lx->now.start, "%s expected here", expected);
	if (!expected)
		return parser_fail(p, lx->now.start, "'%.*s' does not belong here", shown_length(lx), word);
	return parser_fail(p, lx->now.start, "%s expected, not '%.*s'", expected, shown_length(lx), word);
}

int lexer_expect(struct parser *p, struct lexer *lx, enum lexeme_kind kind, const char *what)
{
	return lexer_accept(lx, kind) ? 0 : lexer_unexpected(p, lx, what);
}

int lexer_finish(struct parser *p, struct lexer *lx)
{
	return lx->now.kind == LEX_END ? 0 : lexer_unexpected(p, lx, NULL);
}
