#ifndef PW_CONTACTCTL_H
#define PW_CONTACTCTL_H

#include "cli/cmd.h"

/* The verbs. */
extern const struct cli_cmd add_cmd;
extern const struct cli_cmd import_cmd;
extern const struct cli_cmd list_cmd;
extern const struct cli_cmd show_cmd;
extern const struct cli_cmd set_cmd;
extern const struct cli_cmd tag_cmd;
extern const struct cli_cmd untag_cmd;
extern const struct cli_cmd convert_cmd;
extern const struct cli_cmd merge_cmd;
extern const struct cli_cmd delete_cmd;
extern const struct cli_cmd export_cmd;
extern const struct cli_cmd enroll_cmd;
extern const struct cli_cmd stop_cmd;
extern const struct cli_cmd unsubscribe_cmd;
extern const struct cli_cmd resubscribe_cmd;
extern const struct cli_cmd mail_cmd;
extern const struct cli_cmd event_cmd;
extern const struct cli_cmd record_cmd;
extern const struct cli_cmd activity_cmd;
extern const struct cli_cmd message_cmd;

#endif
