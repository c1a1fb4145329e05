#ifndef PW_PEOPLE_CENSUS_H
#define PW_PEOPLE_CENSUS_H

#include "engine/standing.h"
#include "store/tally_store.h"

/* How many stand how, and who: counted by the same answer that lists give for each run (engine/standing.h). */

/* Calls back for each run that counts as blocked as of now, latest first, until it returns other than 0. */
int census_blocked(struct standings *s,
                   int (*each)(const struct run *r, const struct run_standing *now, void *ctx, struct err *err),
                   void *ctx, struct err *err) PW_CHECK;

/* The contacts who have such a run, in order, each once; *ret in the arena. 0 or -1. */
int census_blocked_people(struct standings *s, struct arena *a, int64_t **ret, size_t *ret_n, struct err *err) PW_CHECK;

/* As run_tallies(), with `blocked` as it counts now. Of each pipeline and status at most one. */
int census_tallies(struct standings *s, struct arena *a, struct run_tally **ret, struct err *err) PW_CHECK;

#endif
