#ifndef PW_CLI_PARSE_PRIVATE_H
#define PW_CLI_PARSE_PRIVATE_H

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>

struct cli;
struct cli_cmd;
struct err;

/*
 * Reads the words behind the program's name (without the verb) for this command into cli: globals, opts,
 * args, and checks the number of operands. --help and --version are answered here.
 * Returns 0, 1 (answered, nothing is left to do) or -1 (ERR_USAGE).
 */
int cli_parse(struct cli *cli, const struct cli_cmd *cmd, char *const *words, size_t n,
              struct err *err) PW_CHECK;

/* Whether the command line is nothing but --dump-options. */
bool cli_wants_dump(int argc, char *const *argv);

#endif
