#ifndef PW_CLI_OUTCOMES_H
#define PW_CLI_OUTCOMES_H

#include "base/attr.h"
#include "cli/table.h"

struct err;
struct txn;

/*
 * What came of a command for each object, as `apply` tells it: "run/12 stopped", a line each; with --json an object
 * with kind, name, result and text. -q silences the lines. Nothing is said before it is so: it waits for the commit.
 */
struct outcomes {
	struct cli *cli;
	struct cli_table table; /* only with --json */
	struct outcome_line *lines;
	size_t n, cap;
};

void outcomes_begin(struct outcomes *o, struct cli *cli);

/* text: more about it, or NULL: behind the line in brackets. Texts are copied. */
void outcome(struct outcomes *o, const char *kind, const char *name, const char *result, const char *text);
void outcome_id(struct outcomes *o, const char *kind, int64_t id, const char *result, const char *text);

/* The same about a file: "database /srv/x.db restored". */
void outcome_file(struct outcomes *o, const char *kind, const char *path, const char *result, const char *text);

/* Says what waits: it is so. */
void outcomes_say(struct outcomes *o);

/* Commits, and says what came of it; a dry run commits nothing and says it all the same. */
int outcomes_commit(struct outcomes *o, struct txn *txn, bool dry_run, struct err *err) PW_CHECK;

/* got: what came of the whole; -1: what was not committed is not said. Returns it. */
int outcomes_end(struct outcomes *o, int got);

#endif
