#ifndef PW_CLI_OUTCOMES_H
#define PW_CLI_OUTCOMES_H

#include "cli/table.h"

/*
 * What came of a command for each object, as `apply` tells it: "run/12 stopped", a line each; with --json an object
 * with kind, name, result and text. -q silences the lines.
 */
struct outcomes {
	struct cli *cli;
	struct cli_table table; /* only with --json */
};

void outcomes_begin(struct outcomes *o, struct cli *cli);

/* text: more about it, or NULL: behind the line in brackets. */
void outcome(struct outcomes *o, const char *kind, const char *name, const char *result, const char *text);
void outcome_id(struct outcomes *o, const char *kind, int64_t id, const char *result, const char *text);

/* The same about a file: "database /srv/x.db restored". */
void outcome_file(struct outcomes *o, const char *kind, const char *path, const char *result, const char *text);

void outcomes_end(struct outcomes *o);

#endif
