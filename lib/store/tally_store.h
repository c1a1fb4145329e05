#ifndef PW_STORE_TALLY_STORE_H
#define PW_STORE_TALLY_STORE_H

#include "base/attr.h"
#include "base/err.h"
#include "model/run.h"

#include <stdint.h>

struct arena;
struct db;

/* How many runs of a pipeline are in a state. */
struct run_tally {
	int64_t pipeline;
	enum run_state status;
	int64_t runs;
};

/* All there are, of every pipeline of the team; *ret in the arena; returns how many. Looks at every run. */
int run_tallies(struct db *db, int64_t team, struct arena *a, struct run_tally **ret, struct err *err) PW_CHECK;

#endif
