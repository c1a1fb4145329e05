#ifndef PW_CLI_CONFIRM_H
#define PW_CLI_CONFIRM_H

#include "base/attr.h"

#include <stdbool.h>

struct cli;
struct err;

/*
 * Asks a question on stderr that is answered with yes or no. Nothing is asked when `yes` (-y) is set, or when
 * stdin is no terminal; an empty or unreadable answer is no.
 *
 * Returns 1 (yes), 0 (no) or -1 (ERR_REFUSED: nobody can be asked; the text says which question, and -y).
 */
PW_CHECK PW_FORMAT(4, 5)
int cli_confirm(const struct cli *cli, bool yes, struct err *err, const char *fmt, ...);

#endif
