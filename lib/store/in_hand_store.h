#ifndef PW_STORE_IN_HAND_STORE_H
#define PW_STORE_IN_HAND_STORE_H

#include "base/attr.h"
#include "base/err.h"
#include "model/run.h"

#include <stdint.h>

struct arena;
struct db;

/* A run's mail that somebody has in hand: a tick, the server (offered), or a person who holds it. */
struct in_hand {
	int64_t message, run;
	int step, visit;
	enum message_state state; /* sending, offered, held */
	int64_t since;
};

/* Those of a team by run; *ret in the arena; returns how many. There are few at any time, except held ones. */
int in_hand_list(struct db *db, int64_t team, struct arena *a, struct in_hand **ret, struct err *err) PW_CHECK;

#endif
