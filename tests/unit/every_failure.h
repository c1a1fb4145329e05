#ifndef PW_TESTS_EVERY_FAILURE_H
#define PW_TESTS_EVERY_FAILURE_H

#include "fixture.h"

/*
 * A call of the engine, behind each call of which a statement fails. It must say so, and leave nothing half done; then it
 * goes through, and what it did stays. The test is linked with tests/torture/failing.c.
 */
enum call_how {
	READS,
	IN_TXN, /* the caller's transaction */
	WHOLE,  /* one of its own */
	PARTS,  /* several: what was done before the failure may stay */
};

struct call {
	const char *name;
	enum call_how how;
	int (*run)(struct fixture *f, int64_t id, struct err *err);
	const char *id; /* SQL of what it gets; NULL: `what` */
	int64_t what;
};

#define CALL(name, how, run)            { name, how, run, NULL, 0 }
#define CALL_WITH(name, how, run, what) { name, how, run, NULL, what }
#define CALL_OF(name, how, run, id)     { name, how, run, id, 0 }

void fails_everywhere(struct fixture *f, const struct call *c);

/* How many statements failed until now. */
int64_t failures_count(void);

#endif
