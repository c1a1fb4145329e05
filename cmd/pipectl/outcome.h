#ifndef PW_PIPECTL_OUTCOME_H
#define PW_PIPECTL_OUTCOME_H

#include "base/attr.h"
#include "cli/outcomes.h"

/* The frame of a verb that acts on the team's engine by hand and tells what came of it. */
struct engine;
struct err;
int outcomes_of(struct cli *cli, int (*act)(struct outcomes *out, struct engine *e, struct err *err), struct err *err);

#endif
