#ifndef PW_CLI_INPUT_H
#define PW_CLI_INPUT_H

#include "base/attr.h"
#include "cli/option.h"

#include <stdio.h>

struct arena;
struct buf;
struct err;

/*
 * Every file that the caller names is opened here, with the caller's own rights: a set-group-id program gives
 * those of the group up around each call. "-" is stdin or stdout.
 */

/* Opens for reading. The caller closes *ret with fclose(), also for "-". -1: ERR_NOINPUT. */
int cli_open_input(const char *path, FILE **ret, struct err *err) PW_CHECK;

/*
 * Appends the whole file to b, whose limit is the size that is allowed. -1: ERR_NOINPUT (cannot be opened),
 * ERR_INVALID (larger), ERR_IO (cannot be read).
 */
int cli_read_input(const char *path, struct buf *b, struct err *err) PW_CHECK;

/* Creates or empties a file for writing; closing is checked with cli_close_output(). -1: ERR_CREATE. */
int cli_open_output(const char *path, FILE **ret, struct err *err) PW_CHECK;

/* Closes what cli_open_output() opened; *file is NULL then. -1: ERR_IO, something was not written. */
int cli_close_output(const char *path, FILE **file, struct err *err) PW_CHECK;

/*
 * The files that operands as FILE|DIR|-... mean: a directory stands for the files in it (not below) whose
 * names end in one of `suffixes` ("a|b", as ".yaml|.yml") and do not start with a dot, in the order of their
 * names. *ret lives in the arena. -1: ERR_NOINPUT (a directory that cannot be read, or has none).
 */
int cli_list_inputs(struct arena *arena, const struct names *paths, const char *suffixes, struct names *ret,
                    struct err *err) PW_CHECK;

#endif
