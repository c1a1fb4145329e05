#ifndef PW_FORMAT_LIQUID_H
#define PW_FORMAT_LIQUID_H

#include "base/attr.h"
#include "format/value.h"

struct buf;
struct liquid;
struct zone;

/*
 * Liquid templates (https://shopify.github.io/liquid/), as subjects, texts, HTML and task titles use
 * them. A template is compiled once, is immutable from then on and is rendered any number of times.
 *
 * All standard filters; the tags assign capture case comment cycle decrement doc echo for if ifchanged
 * increment liquid raw tablerow unless and `#`. A template stands alone: there is no include or render.
 * Where Shopify's three parsers differ, this is the strict one: what is not understood is an error, never
 * ignored; only a comma too many at the end of a list passes. Names of filters and the number of their
 * arguments are checked when compiling.
 */

/* What is wrong with a template, or why it could not be rendered. Line and column count from 1. */
struct liquid_problem {
	unsigned line, column; /* columns count characters; 0, 0: no place in particular */
	char message[240];     /* one line, without place */
};

/*
 * Compiles len bytes of template. The result and all it needs belong to the arena (text is copied).
 * Returns 0, or -1 with *problem set: bad syntax, unknown tag or filter, no UTF-8, blocks nested more than
 * 100 or expressions more than 32 deep. Linear in len.
 */
int liquid_compile(struct arena *a, const char *text, size_t len, const struct liquid **ret,
                   struct liquid_problem *problem) PW_CHECK;

struct liquid_options {
	/*
	 * The result is HTML. Each output is escaped for the place where it stands: text, attribute, URL
	 * attribute (a value that begins the URL needs one of the schemes http https mailto tel cid, or
	 * begins with / ? #, else it becomes "#"), style, script, comment or tag (there only letters, digits
	 * and a few harmless characters pass). The results of the filters escape, escape_once and newline_to_br
	 * (which escapes what it is given) and captured text are not escaped twice. The filter `raw`, written
	 * in the output itself, leaves that output as it is; a value can never switch escaping off.
	 */
	bool html;

	/* Collect holes in the report. */
	bool strict;

	/* What `now` and `today` mean, seconds since 1970 UTC. */
	int64_t now;

	/*
	 * The zone in which dates are shown and in which dates without a zone are understood; NULL: UTC.
	 * A date that was given with another offset than Z keeps that.
	 */
	const struct zone *zone;

	/* Limits; 0 takes the default. Reaching one is a problem, nothing is cut. */
	size_t max_output;      /* bytes; 1 MiB */
	size_t max_memory;      /* bytes of texts and arrays that filters and captures make; 16 MiB */
	uint64_t max_iterations; /* of all loops together; 100,000 */
	uint64_t max_steps;     /* tags and items looked at; 10,000,000 */
};

/*
 * A hole: an output ({{ }} or echo) without the filter `default` whose final value was nil or blank
 * (white space only, an empty array or map).
 */
struct liquid_hole {
	const char *name; /* "contact.first_name": the variable, without filters; of a local its origin */
	unsigned line, column;
	bool conditional; /* inside if, unless, case, for, tablerow or ifchanged */
};

struct liquid_report {
	struct liquid_problem problem; /* when rendering failed */
	const struct liquid_hole *holes; /* in the order met, each name once; owned by scratch */
	size_t n_holes;
};

/*
 * Renders with the variables of the map `root` (nil: none), appending to out.
 *
 * options  NULL: text, UTC, the default limits
 * scratch  memory for values made on the way; the caller clears it
 * report   set in any case
 *
 * Returns 0, or -1 with report->problem set and part of the text in out: a filter refused its input, a
 * division by zero, a comparison of different types, a limit. A hole is no failure: see n_holes.
 * Reentrant; reads no clock and no locale.
 */
int liquid_render(const struct liquid *t, const struct value *root, const struct liquid_options *options,
                  struct arena *scratch, struct buf *out, struct liquid_report *report) PW_CHECK;

/* A place where the template reads a variable that is not its own (assigned, captured, counter, loop). */
struct liquid_variable {
	const char *path; /* "contact.first_name", "deal.contacts[0].email"; ends before a computed part */
	unsigned line, column;
	bool output;      /* it is what an output or echo prints, perhaps through filters */
	bool has_default; /* through the filter `default` among others */
	bool conditional; /* inside if, unless, case, for, tablerow or ifchanged, or a condition itself */
	bool computed;    /* the path goes on with a part that is known only when rendering: a[b] */
};

/* All of them in the order of the template, repeated ones too. An output without default may be a hole. */
const struct liquid_variable *liquid_variables(const struct liquid *t, size_t *ret_n);

/*
 * The names of the data that it may look at, each once ("contact"); what it sets itself may be among them. false: some
 * are computed when it is rendered, so it may look at others too.
 */
bool liquid_roots(const struct liquid *t, const char *const **ret, size_t *ret_n);

/*
 * Does every output without default print a variable as it is: no filter, nothing of the template's own? Then
 * only what liquid_variables() marks as output without default can be a hole, and is none when it has a value.
 */
bool liquid_prints_plainly(const struct liquid *t);

/* The names of all filters and tags, sorted, for completion and for "did you mean". */
const char *const *liquid_filter_names(size_t *ret_n);
const char *const *liquid_tag_names(size_t *ret_n);

#endif
