#ifndef PW_PEOPLE_PRUNE_H
#define PW_PEOPLE_PRUNE_H

#include "engine/engine.h"
#include "model/delay.h"

/* Forgetting what is old: the Team document's `keep`, in transactions of half a second; a repeat continues. */
struct prune_rules {
	struct delay events;   /* older ones go; zero: all are kept */
	struct delay messages; /* the contents of older messages; zero: all are kept */
	bool dry_run;
};

struct prune_count {
	int64_t events, messages;
};

int prune_team(struct engine *e, int64_t team, const struct prune_rules *rules, struct prune_count *ret,
               struct err *err) PW_CHECK;

#endif
