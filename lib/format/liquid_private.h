#ifndef PW_FORMAT_LIQUID_PRIVATE_H
#define PW_FORMAT_LIQUID_PRIVATE_H

#include "base/buf.h"
#include "format/liquid.h"
#include "format/liquid_html.h"

/* The tree that liquid_parse.c makes and liquid_render.c walks. It is not changed after compiling. */

#define LIQUID_BLOCK_DEPTH      100
#define LIQUID_EXPRESSION_DEPTH 32
#define LIQUID_FILTER_ARGS      3

struct liquid_place {
	unsigned line, column;
};

enum liquid_command { COMMAND_NONE, COMMAND_SIZE, COMMAND_FIRST, COMMAND_LAST };

/* One step of a path: .name or ["name"] (then computed is NULL), or [computed]. */
struct liquid_segment {
	const struct liquid_expr *computed;
	const char *name;
	size_t len;
	uint64_t hash;
	enum liquid_command command;
};

#define SLOT_NONE (-1)

/* A variable with its steps. The template's own variables live in numbered slots. */
struct liquid_path {
	const struct liquid_expr *root; /* [expression]; NULL when the name is written out */
	const char *name;
	size_t len;
	uint64_t hash;
	int slot;       /* SLOT_NONE: never assigned in this template */
	bool loop_slot; /* of an enclosing loop, hence always set */
	const struct liquid_segment *segments;
	size_t n;
};

enum liquid_expr_kind { EXPR_VALUE, EXPR_PATH, EXPR_RANGE };

struct liquid_expr {
	enum liquid_expr_kind kind;
	const char *text; /* as a person would write it: "contact.name", "(1..3)", "'x'" */
	union {
		struct value value;
		struct liquid_path path;
		struct {
			const struct liquid_expr *from, *to;
		};
	};
};

struct liquid_render;

/* Returns 0, or -1 after liquid_fail(). args has `n` values; input and args do not share memory with ret. */
typedef int liquid_filter_fn(struct liquid_render *r, const struct value *input, const struct value *args,
                             size_t n, struct value *ret);

struct liquid_filter {
	const char *name;
	unsigned min, max; /* arguments */
	liquid_filter_fn *run;
};

/* The filter of that name, or NULL. */
const struct liquid_filter *liquid_find_filter(const char *name, size_t len);

struct liquid_filter_use {
	const struct liquid_filter *filter;
	struct liquid_place place;
	const struct liquid_expr *args[LIQUID_FILTER_ARGS];
	size_t n;
};

/* What stands in an output, echo or behind the = of assign. */
struct liquid_chain {
	const struct liquid_expr *base; /* NULL: nothing is written there */
	const struct liquid_filter_use *filters;
	size_t n;
	struct liquid_place place;
	bool raw, has_default, conditional;
};

enum liquid_operator { OP_NONE, OP_EQ, OP_NE, OP_LT, OP_GT, OP_LE, OP_GE, OP_CONTAINS };
enum liquid_junction { JUNCTION_END, JUNCTION_AND, JUNCTION_OR };

struct liquid_comparison {
	const struct liquid_expr *left, *right;
	enum liquid_operator op;
	enum liquid_junction next;
};

struct liquid_node;

struct liquid_block {
	const struct liquid_node *nodes;
	size_t n;
};

/* if, elsif, else, unless: n comparisons (0: else). when, else of a case: n candidates (0: else). */
struct liquid_branch {
	union {
		const struct liquid_comparison *comparisons;
		const struct liquid_expr *const *candidates;
	};
	size_t n;
	bool negated;
	struct liquid_block block;
};

struct liquid_branches {
	const struct liquid_expr *subject; /* of case */
	const struct liquid_branch *branches;
	size_t n;
};

struct liquid_loop {
	const struct liquid_expr *collection, *limit, *offset, *cols;
	const char *name; /* "item-collection": forloop.name and the key of offset:continue */
	const char *variable;
	size_t len;
	int slot, loop_slot; /* of the variable, of forloop or tablerowloop */
	unsigned continue_id;
	bool reversed, offset_continue;
	struct liquid_block body, otherwise;
};

struct liquid_assign {
	int slot;
	const struct liquid_chain *chain;
	const char *origin; /* the path it copies; NULL: it is computed */
};

struct liquid_capture {
	int slot;
	struct liquid_block block;
};

struct liquid_cycle {
	const struct liquid_expr *group; /* NULL: the id tells */
	unsigned id;
	const struct liquid_expr *const *values;
	size_t n;
};

struct liquid_counter {
	const char *name;
	size_t len;
	uint64_t hash;
	int step;
};

struct liquid_text {
	const char *s;
	size_t len;
	struct html_context before, after; /* the usual way through this text, to save the scan */
};

enum liquid_node_kind {
	NODE_TEXT,
	NODE_OUTPUT,
	NODE_ASSIGN,
	NODE_CAPTURE,
	NODE_IF,
	NODE_CASE,
	NODE_FOR,
	NODE_TABLEROW,
	NODE_CYCLE,
	NODE_COUNTER,
	NODE_BREAK,
	NODE_CONTINUE,
	NODE_IFCHANGED,
};

struct liquid_node {
	enum liquid_node_kind kind;
	struct liquid_place place;
	bool blank; /* prints nothing by itself: a block of such nodes loses its white space */
	union {
		const struct liquid_text *text;
		const struct liquid_chain *output;
		const struct liquid_assign *assign;
		const struct liquid_capture *capture;
		const struct liquid_branches *branches;
		const struct liquid_loop *loop;
		const struct liquid_cycle *cycle;
		const struct liquid_counter *counter;
		const struct liquid_block *block;
	};
};

struct liquid {
	struct liquid_block block;
	size_t n_slots;
	struct value slot_names; /* name -> number, for names that are known only when rendering */
	unsigned n_continue, n_cycles;
	bool computes_roots;   /* [name]: it may look at anything */
	const char **roots;
	size_t n_roots;
	bool has_odd_output; /* one without default that is more than a variable as it is */
	const struct liquid_variable *variables;
	size_t n_variables;
};

#endif
