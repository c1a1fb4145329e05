#ifndef PW_CONTACTCTL_SELECTION_H
#define PW_CONTACTCTL_SELECTION_H

#include "people/filter.h"
#include "session.h"

#include <stdio.h>

/*
 * Whom a verb is for: ADDR..., --where FILTER, --all, or addresses on stdin ("-"), one a line.
 */
struct selection {
	struct session *session;
	struct names addresses; /* those that are named; looked up when it is opened */
	const int64_t *ids;     /* 0: nobody's, for the reason in its place */
	const char **reasons;
	size_t at;
	FILE *input;            /* stdin; NULL: not asked */
	struct filter filter;
	bool walking;
	struct people_walk walk;
	struct arena arena;     /* of the view that was given last */
	int64_t n_unknown;      /* addresses that are nobody's; each was told */
	void (*unknown)(void *ctx, const char *address, const char *text);
	void *unknown_ctx;
	char end;               /* of an address on stdin */
};
#define SELECTION_AUTO PW_CLEANUP(selection_release) struct selection

/*
 * addresses: operands from `first` on. Each must be somebody's (with `unknown`: one of them): those that are not are
 * printed, -1 with ERR_MISSING. ERR_USAGE: nobody was named, or in two ways at once.
 */
struct wanted {
	size_t first;
	const struct names *where;
	bool all;
	bool nul; /* addresses on stdin end with NUL, not with a line feed */

	/* Told of each address that is nobody's, in its turn, and the others are gone through. NULL: see above. */
	void (*unknown)(void *ctx, const char *address, const char *text);
	void *unknown_ctx;
};
int selection_open(struct selection *sel, struct session *s, const struct wanted *w, struct err *err) PW_CHECK;

/* The next one: 1 with a view that lives until the next call, 0 the end, -1. */
int selection_next(struct selection *sel, struct contact *ret, struct err *err) PW_CHECK;

/* Whether people are named one by one, so that each deserves a word. */
bool selection_is_named(const struct selection *sel);

void selection_release(struct selection *sel);

/* Adds each text as a filter, and tells a doubt about it. */
int read_filter(struct session *s, const struct names *texts, struct filter *ret, struct err *err) PW_CHECK;

#endif
