#include "contactctl.h"

#include "author/schema.h"
#include "engine/world.h"

static const struct cli_cmd *const cmds[] = {
	&add_cmd,
	&import_cmd,
	&list_cmd,
	&show_cmd,
	&set_cmd,
	&tag_cmd,
	&untag_cmd,
	&convert_cmd,
	&merge_cmd,
	&delete_cmd,
	&export_cmd,
	&enroll_cmd,
	&stop_cmd,
	&unsubscribe_cmd,
	&resubscribe_cmd,
	&mail_cmd,
	&event_cmd,
	&record_cmd,
	&activity_cmd,
	&message_cmd,
	NULL,
};

static const struct cli_program program = {
	.name = "contactctl",
	.about = "contacts: who they are, what they get, what they did",
	.examples = "contactctl add anna@example.com first_name=Anna --tag trial\n"
	            "contactctl import people.csv --tag fair --no-auto-enroll\n"
	            "contactctl enroll welcome anna@example.com\n"
	            "contactctl activity anna@example.com\n",
	.cmds = cmds,
	.team_zone = world_common_zone,
	.kind_later = schema_kind_later,
};

int main(int argc, char **argv)
{
	return cli_main(argc, argv, &program);
}
