#ifndef PW_FORMAT_LIQUID_RUNTIME_H
#define PW_FORMAT_LIQUID_RUNTIME_H

#include "format/liquid_private.h"

/* One rendering: shared by liquid_render.c, liquid_loop.c, liquid_eval.c and the filters. */

/* So many bytes of text to be searched or counted are a step. */
#define STEP_BYTES 32

/* Of a text that is taken for a number no more is looked at. */
#define NUMBER_LENGTH 500

enum liquid_interrupt { INTERRUPT_NONE, INTERRUPT_BREAK, INTERRUPT_CONTINUE };

struct liquid_slot {
	bool set;
	const char *origin; /* the path that was assigned as it is, for the names of holes */
	struct value value;
};

/* What forloop and tablerowloop are. In the arena, because a template may keep one. */
struct value_loop {
	const struct value_loop *parent; /* the enclosing for */
	const struct value_loop *outer;  /* the enclosing loop of either kind, for names found at run time */
	const struct liquid_loop *loop;
	int64_t index, length;
	bool table;
	int64_t row, col, cols;
};

struct liquid_render {
	const struct liquid *template;
	const struct value *root; /* a map, or NULL */
	struct liquid_options options;
	struct arena *scratch;
	struct buf *out;
	struct liquid_report *report;
	struct liquid_slot *slots;
	const struct value_loop *loops; /* innermost of both kinds */
	const struct value_loop *fors;  /* innermost for */
	struct html_context html;
	uint64_t steps, iterations; /* still allowed */
	size_t memory;              /* still allowed */
	unsigned depth;             /* of arrays in arrays while printing */
	enum liquid_interrupt interrupt;
	struct liquid_place place;
	struct value counters;      /* name -> next value; nil: none yet */
	struct value cycle_groups;  /* name -> turn; nil: none yet */
	size_t *cycles;             /* id -> turn */
	int64_t *continues;         /* id -> where offset:continue goes on */
	struct value unchanged;     /* what ifchanged printed last */
	struct buf text;            /* for filters: cleared by whoever uses it */
	struct value holes;         /* the names, to list each once; nil: none yet */
	struct liquid_hole *hole_list;
	size_t hole_cap;
};

/* Sets the report's problem at the current place and returns -1. */
int liquid_fail(struct liquid_render *r, const char *fmt, ...) PW_FORMAT(2, 3);

/* Takes n steps from the budget; -1 when it is used up, and from then on. */
int liquid_spend(struct liquid_render *r, size_t n);

/* The steps of looking through what was built in r->text; -1 also where memory was short and it is cut. */
int liquid_spend_built(struct liquid_render *r);

/* The problem of one that takes more memory than it may; returns -1. */
int liquid_out_of_memory(struct liquid_render *r);

/* Scratch memory for a result that grows with its input; NULL after a failure. */
void *liquid_room(struct liquid_render *r, size_t bytes);

/* A copy of the text as a value. */
int liquid_keep(struct liquid_render *r, const char *s, size_t len, struct value *ret);

/* What was built in r->text as a value. */
int liquid_keep_built(struct liquid_render *r, struct value *ret);

/* An array of n nils to be filled. */
int liquid_new_array(struct liquid_render *r, size_t n, struct value *ret);

/* The value of an expression: *tmp, or a place that outlives it. NULL after a failure. */
const struct value *liquid_eval(struct liquid_render *r, const struct liquid_expr *e, struct value *tmp);

/* The value behind all filters. */
const struct value *liquid_eval_chain(struct liquid_render *r, const struct liquid_chain *chain, struct value *tmp);

/* 1 or 0, or -1 after a failure. */
int liquid_eval_branch(struct liquid_render *r, const struct liquid_branch *branch);
int liquid_values_equal(struct liquid_render *r, const struct value *left, const struct value *right);

/* .size .first .last where there is no key of that name; nil for what has none. */
struct value liquid_command(struct liquid_render *r, const struct value *v, enum liquid_command command);

/* A whole number: of an integer, or of the text of one ("12"). -1 after a failure. */
int liquid_integer(struct liquid_render *r, const struct value *v, int64_t *ret);

/* The value as filters see it that work on texts: *ret is a string. -1 after a failure. */
int liquid_text(struct liquid_render *r, const struct value *v, struct value *ret);

int liquid_render_block(struct liquid_render *r, const struct liquid_block *block);
int liquid_render_for(struct liquid_render *r, const struct liquid_loop *loop);
int liquid_render_tablerow(struct liquid_render *r, const struct liquid_loop *loop);

/* Writes template text. */
void liquid_write_text(struct liquid_render *r, const char *s, size_t len);

#endif
