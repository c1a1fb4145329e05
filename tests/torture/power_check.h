#ifndef PW_TORTURE_POWER_CHECK_H
#define PW_TORTURE_POWER_CHECK_H

#include "power_log.h"

#include <stdbool.h>

/*
 * What people and servers had been told when the power went, and whether the database that is found afterwards still
 * says so.
 */
struct told;

struct told *told_new(void);

/* A fact, a mail, or "all that was accepted is recorded". */
void told_add(struct told *t, const struct op *op);

enum finding {
	FOUND_GOOD,
	FOUND_DAMAGED,    /* it cannot be opened, or is not whole */
	FOUND_FORGETFUL,  /* what was acknowledged is gone */
	FOUND_TWICE,      /* the next tick sent again what had been accepted */
	FOUND_LOST        /* a mail that was due is neither sent nor listed */
};
#define FINDINGS 5

/*
 * Opens it, reads all of it, looks for each fact, lets a tick work at `now`, and looks what that sent: sink_log is what
 * the sink accepts from now on. *ret_text says what is wrong.
 */
enum finding told_judge(struct told *t, const char *db_path, const char *sink_log, int64_t now, char **ret_text);

#endif
