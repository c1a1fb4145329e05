#include "pipectl.h"

#include "author/schema.h"
#include "engine/world.h"

static const struct cli_cmd *const cmds[] = {
	&init_cmd,
	&apply_cmd,
	&diff_cmd,
	&validate_cmd,
	&migrate_cmd,
	&export_cmd,
	&delete_cmd,
	&list_cmd,
	&show_cmd,
	&graph_cmd,
	&explain_cmd,
	&schema_cmd,
	&render_cmd,
	&runs_cmd,
	&why_cmd,
	&stats_cmd,
	&stop_cmd,
	&goto_cmd,
	&retry_cmd,
	&settle_cmd,
	&pause_cmd,
	&resume_cmd,
	&queue_cmd,
	&hold_cmd,
	&release_cmd,
	&drop_cmd,
	&send_test_cmd,
	&events_cmd,
	&history_cmd,
	&check_cmd,
	&clock_cmd,
	&backup_cmd,
	&restore_cmd,
	&upgrade_cmd,
	&prune_cmd,
	&simulate_cmd,
	NULL,
};

static const struct cli_program program = {
	.name = "pipectl",
	.about = "pipelines and the people in them",
	.examples = "pipectl init --team sales\n"
	            "pipectl apply welcome.yaml\n"
	            "pipectl simulate welcome --days 30\n"
	            "pipectl runs --status blocked\n",
	.cmds = cmds,
	.team_zone = world_common_zone,
	.kind_later = schema_kind_later,
};

int main(int argc, char **argv)
{
	return cli_main(argc, argv, &program);
}
