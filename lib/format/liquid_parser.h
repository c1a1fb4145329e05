#ifndef PW_FORMAT_LIQUID_PARSER_H
#define PW_FORMAT_LIQUID_PARSER_H

#include "format/liquid_private.h"

/* Shared by liquid_lex.c (text to tokens), liquid_expr.c (expressions) and liquid_parse.c (tags). */

enum piece_kind {
	PIECE_END,
	PIECE_TEXT,   /* white space control is applied already */
	PIECE_OUTPUT, /* {{ }} */
	PIECE_TAG,    /* {% %}, or a line of the tag liquid */
};

/* A part of the template. inner and end bound the text, or what stands between the braces. */
struct piece {
	enum piece_kind kind;
	size_t start, inner, end;
	bool closed; /* false: the closing braces are missing or wrong */
};

/* A tag taken apart: its name and the rest. */
struct tag {
	size_t start;
	const char *name;
	size_t len;
	size_t inner, end;
};

/* Longer names are not accepted. */
#define NAME_LENGTH 200

enum lexeme_kind {
	LEX_END,
	LEX_WORD,
	LEX_NUMBER,
	LEX_STRING,
	LEX_PIPE,
	LEX_DOT,
	LEX_DOTS,
	LEX_COLON,
	LEX_COMMA,
	LEX_OPEN_SQUARE,
	LEX_CLOSE_SQUARE,
	LEX_OPEN_ROUND,
	LEX_CLOSE_ROUND,
	LEX_COMPARE,
	LEX_ASSIGN,
	LEX_OTHER,
};

struct lexeme {
	enum lexeme_kind kind;
	size_t start, end; /* of a string: without its quotes */
	enum liquid_operator op;
};

/* Reads the words of text[pos, end); `now` is the one that is looked at. */
struct lexer {
	const char *text;
	size_t pos, end;
	struct lexeme now;
};

/* The names that an enclosing loop gives. */
struct loop_scope {
	const struct loop_scope *outer;
	const struct liquid_loop *loop;
	const char *word; /* forloop or tablerowloop */
};

/* Growing list in the parser's scratch arena. */
struct list {
	void *items;
	size_t n, cap;
};

struct parser {
	struct arena *arena;   /* of the result */
	struct arena *scratch; /* until the end of compiling */
	struct liquid *template;
	struct liquid_problem *problem;
	const char *text;
	size_t len;
	size_t pos;         /* the next piece begins here */
	size_t lines_end;   /* not 0: inside the tag liquid, which ends there */
	bool trim;          /* the last braces swallow the white space behind them */
	size_t place_pos;   /* how far lines are counted */
	struct liquid_place place;
	unsigned block_depth, expression_depth, conditional;
	const struct loop_scope *scope;
	struct html_context html;
	struct value unnamed_cycles, continues; /* name -> id */
	struct list paths;                      /* struct liquid_path *, to be given slots at the end */
	struct list variables;                  /* struct liquid_variable */
};

void *list_add(struct parser *p, struct list *list, size_t size);
/* A copy of the list in the arena of the result; NULL when it is empty. */
void *list_finish(struct parser *p, const struct list *list, size_t size);

/* Line and column of a byte. Cheap when asked in rising order. */
struct liquid_place parser_place(struct parser *p, size_t pos);

/* Sets the problem and returns -1. */
int parser_fail(struct parser *p, size_t pos, const char *fmt, ...) PW_FORMAT(3, 4);

/* The next piece of the document, or of the lines of a liquid tag. */
struct piece piece_next(struct parser *p);

/* False when there is no name at the beginning. A name is letters, digits and _, or #. */
bool tag_split(const struct parser *p, const struct piece *piece, struct tag *ret);
bool tag_is(const struct tag *tag, const char *name);

/* Goes behind {% name %}. *ret_end is where it begins. False when there is none. */
bool skip_to_tag(struct parser *p, const char *name, size_t *ret_end);

void lexer_start(struct lexer *lx, const struct parser *p, size_t start, size_t end);
void lexer_next(struct lexer *lx);
/* The one behind `now`. */
enum lexeme_kind lexer_peek(const struct lexer *lx);
bool lexer_word(const struct lexer *lx, const char *word);
/* Goes on when `now` is of that kind. */
bool lexer_accept(struct lexer *lx, enum lexeme_kind kind);
int lexer_expect(struct parser *p, struct lexer *lx, enum lexeme_kind kind, const char *what);
int lexer_finish(struct parser *p, struct lexer *lx);
/* expected: "a value"; NULL: nothing more. */
int lexer_unexpected(struct parser *p, const struct lexer *lx, const char *expected);

/* An expression; NULL after a problem. condition: blank and empty are the special values. */
const struct liquid_expr *parse_expression(struct parser *p, struct lexer *lx, bool condition);

/* An expression with filters, up to the end. output: what {{ }} and echo print. NULL after a problem. */
const struct liquid_chain *parse_chain(struct parser *p, struct lexer *lx, bool output);

/* a == b and c or d, up to the end. */
int parse_condition(struct parser *p, struct lexer *lx, struct liquid_branch *ret);

/* The slot of a variable that the template sets; made at the first call. */
int parser_slot(struct parser *p, const char *name, size_t len);

/* Expressions separated by commas (or `or`, when given), up to the end. */
int parse_values(struct parser *p, struct lexer *lx, bool or_too, const struct liquid_expr *const **ret,
                 size_t *ret_n);

/* The nodes of a block while it is read, and the tag that ended it (none: the template ended). */
struct body {
	struct list nodes;
	bool blank; /* nothing in it prints */
	bool ended;
	struct tag stop;
};

/* Reads a block up to the first tag that begins nothing; without one the opening tag is not closed. */
int parse_block(struct parser *p, const struct tag *open, struct body *body);

/* Whether the block ended with the end tag of `open`. If not, and no other tag was expected: the problem. */
bool body_ends(const struct body *body, const struct tag *open);
int body_expect_end(struct parser *p, const struct body *body, const struct tag *open);
int body_wrong_end(struct parser *p, const struct body *body, const struct tag *open);

/* The block, in the arena of the result. */
struct liquid_block body_finish(struct parser *p, const struct body *body, bool drop_blank_text);

/* A node of template text, which also moves the place in HTML on. */
struct liquid_node text_node(struct parser *p, size_t from, size_t to);

/* What stands in an output or echo. */
int parse_output(struct parser *p, struct lexer *lx, struct liquid_node *node);

/* The number of a name, counted in the order they come. */
unsigned parser_id(struct value *ids, const char *name, unsigned *count);

/*
 * Each reads its tag, up to its end when it has one, into *node. A node of empty text is dropped.
 * Those that nest are in liquid_blocks.c, the others in liquid_tags.c.
 */
typedef int liquid_tag_fn(struct parser *p, const struct tag *tag, struct liquid_node *node);
liquid_tag_fn liquid_tag_if, liquid_tag_case, liquid_tag_for, liquid_tag_tablerow, liquid_tag_ifchanged,
	liquid_tag_capture;

/* NULL: the tag begins nothing. */
liquid_tag_fn *liquid_find_tag(const struct tag *tag);
int liquid_unknown_tag(struct parser *p, const struct tag *tag);

#endif
