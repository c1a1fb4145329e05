#ifndef PW_TASKCTL_H
#define PW_TASKCTL_H

#include "cli/cmd.h"

/* The verbs. */
extern const struct cli_cmd list_cmd;
extern const struct cli_cmd show_cmd;
extern const struct cli_cmd add_cmd;
extern const struct cli_cmd done_cmd;
extern const struct cli_cmd snooze_cmd;

#endif
