#ifndef PW_PIPECTL_H
#define PW_PIPECTL_H

#include "cli/cmd.h"

/* What is proposed for --reason: why a run is blocked or held. Why it was stopped may be any type of event. */
#define RUN_REASONS                                                                                            \
	"missing|late|template|undeliverable|ambiguous|in-doubt|quarantined|quota|cap|auth|settings|inbox|gap|backoff|hours|away|" \
	"paused|draft|held|sending|task|await"

/* The verbs, a file each. */
extern const struct cli_cmd init_cmd;
extern const struct cli_cmd simulate_cmd;
extern const struct cli_cmd runs_cmd, why_cmd, stats_cmd, stop_cmd, goto_cmd, retry_cmd, settle_cmd, pause_cmd;
extern const struct cli_cmd resume_cmd, queue_cmd, hold_cmd, release_cmd, drop_cmd, send_test_cmd, events_cmd;
extern const struct cli_cmd history_cmd, check_cmd, clock_cmd, backup_cmd, restore_cmd, upgrade_cmd, prune_cmd;
extern const struct cli_cmd apply_cmd, delete_cmd, diff_cmd, explain_cmd, export_cmd, graph_cmd, list_cmd, migrate_cmd;
extern const struct cli_cmd render_cmd, schema_cmd, show_cmd, validate_cmd;

#endif
