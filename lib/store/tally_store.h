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

/* How many open runs stand before each step of each version of a pipeline. */
struct run_stand {
	int version, step;
	int64_t runs;
};
int run_stands(struct db *db, int64_t team, int64_t pipeline, struct arena *a, struct run_stand **ret,
               struct err *err) PW_CHECK;

/* How many runs ended or stand blocked for a reason, and what they have sent: of one pipeline (0: each of the team's). */
struct reason_tally {
	int64_t pipeline;
	enum run_state status;
	const char *reason;
	int64_t runs, mails;
};
int reason_tallies(struct db *db, int64_t team, int64_t pipeline, struct arena *a, struct reason_tally **ret,
                   struct err *err) PW_CHECK;

/* How many mails of a pipeline's steps are in a state; only those that are done with: sent refused dropped bounced. */
struct mail_tally {
	int step;
	enum message_state state;
	int64_t mails;
};
int mail_tallies(struct db *db, int64_t team, int64_t pipeline, struct arena *a, struct mail_tally **ret,
                 struct err *err) PW_CHECK;

#endif
