#ifndef PW_PIPECTL_H
#define PW_PIPECTL_H

#include "cli/cmd.h"

/* The verbs, a file each. */
extern const struct cli_cmd init_cmd;
extern const struct cli_cmd simulate_cmd;
extern const struct cli_cmd apply_cmd, diff_cmd, validate_cmd;
extern const struct cli_cmd runs_cmd;
extern const struct cli_cmd stop_cmd;
extern const struct cli_cmd goto_cmd;
extern const struct cli_cmd retry_cmd;
extern const struct cli_cmd settle_cmd;
extern const struct cli_cmd pause_cmd;
extern const struct cli_cmd resume_cmd;
extern const struct cli_cmd queue_cmd;
extern const struct cli_cmd hold_cmd;
extern const struct cli_cmd release_cmd;
extern const struct cli_cmd drop_cmd;

#endif
