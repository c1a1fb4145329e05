#ifndef PW_CONTACTCTL_H
#define PW_CONTACTCTL_H

#include "cli/cmd.h"

/* The verbs, a file each. */
extern const struct cli_cmd add_cmd;
extern const struct cli_cmd enroll_cmd;
extern const struct cli_cmd list_cmd;
extern const struct cli_cmd show_cmd;

#endif
