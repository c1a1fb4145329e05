#ifndef PW_PEOPLE_FILTER_H
#define PW_PEOPLE_FILTER_H

#include "engine/engine.h"
#include "store/contact_query.h"

/*
 * FILTER of the command line: tag=x tag!=x field=value field!=value created=A..B kind=lead
 * enrolled=P never-enrolled blocked owner=M, or free text; several = all of them.
 */
struct filter_test;
struct filter {
	struct contact_query query; /* what the store decides */
	struct filter_test *tests;  /* what is decided on the view */
	size_t n_tests, cap_tests;
	bool blocked;               /* has a run that counts as blocked (engine/standing.h) */
	const char *doubt;          /* a free text that may be meant otherwise; NULL: none */
};

/*
 * Adds one; zone: for dates. Everything is in the arena. -1: ERR_USAGE (not supported yet, no such form),
 * ERR_MISSING (no field or pipeline of this name), ERR_INVALID (a value that does not fit its field).
 */
int filter_add(struct filter *f, struct engine *e, struct world *w, const char *text, struct arena *a,
               struct err *err) PW_CHECK;

/*
 * Goes through the contacts that a filter has, in the order in which they came. Views live until the next call;
 * contacts may be changed and deleted meanwhile.
 */
enum { PEOPLE_BLOCK = 500 };
struct people_walk {
	struct engine *e;
	int64_t team;
	const struct filter *filter;
	struct arena arena;
	int64_t ids[PEOPLE_BLOCK];
	int n, at;
	int64_t last;
	bool over;
	struct arena kept;
	int64_t *blocked;   /* those who have a blocked run, in order; NULL: not asked for, or not looked up yet */
	size_t n_blocked;
};
#define PEOPLE_WALK_AUTO PW_CLEANUP(people_walk_release) struct people_walk

void people_walk_begin(struct people_walk *walk, struct engine *e, int64_t team, const struct filter *f);
int people_walk_next(struct people_walk *walk, struct contact *ret, struct err *err) PW_CHECK; /* 1, 0 the end, -1 */
void people_walk_release(struct people_walk *walk);

#endif
