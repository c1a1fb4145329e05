#ifndef PW_CLI_EDITOR_H
#define PW_CLI_EDITOR_H

#include "base/attr.h"

struct buf;
struct cli;
struct err;

/*
 * Lets the caller write a text in VISUAL, else EDITOR, else vi: with the caller's own rights, in a file that only the
 * caller can read and that is gone afterwards. Appends what was saved to b, whose limit is the size that is allowed.
 * -1: the editor ended with a status (ERR_REFUSED), the file cannot be made (ERR_CREATE) or read.
 */
int cli_edit(struct cli *cli, struct buf *b, struct err *err) PW_CHECK;

#endif
