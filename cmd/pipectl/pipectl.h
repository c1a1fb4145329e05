#ifndef PW_PIPECTL_H
#define PW_PIPECTL_H

#include "cli/cmd.h"

/* The verbs, a file each. */
extern const struct cli_cmd init_cmd;
extern const struct cli_cmd simulate_cmd;
extern const struct cli_cmd apply_cmd, diff_cmd, validate_cmd;

#endif
