#include "taskctl.h"

#include "author/schema.h"
#include "engine/world.h"

static const struct cli_cmd *const cmds[] = {
	&list_cmd, &show_cmd, &add_cmd, &done_cmd, &snooze_cmd, NULL,
};

static const struct cli_program program = {
	.name = "taskctl",
	.about = "to-dos of members: whom to call, what to prepare",
	.examples = "taskctl list --mine --due today\n"
	            "taskctl add 'Call Anna about the offer' --contact anna@example.com --due +2d\n"
	            "taskctl done 12 --outcome connected\n",
	.cmds = cmds,
	.team_zone = world_common_zone,
	.kind_later = schema_kind_later,
};

int main(int argc, char **argv)
{
	return cli_main(argc, argv, &program);
}
