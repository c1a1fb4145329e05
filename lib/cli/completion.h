#ifndef PW_CLI_COMPLETION_H
#define PW_CLI_COMPLETION_H

#include "base/attr.h"

struct buf;
struct cli_program;
struct err;

/*
 * Appends a script that completes the program's verbs, options, the words of choices, files, and the names of
 * pipelines, templates and so on (asked from the database with `pipectl list`) in this shell: bash, zsh or
 * fish.
 * Returns 0 or -1 (ERR_USAGE: no such shell).
 */
int completion_write(struct buf *b, const struct cli_program *program, const char *shell,
                     struct err *err) PW_CHECK;

#endif
