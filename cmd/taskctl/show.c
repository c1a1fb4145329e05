#include "taskctl.h"

#include "cli/table.h"
#include "desk.h"

static const struct cli_column columns[] = {
	{ "id", CLI_INT },         { "title", CLI_TEXT },   { "state", CLI_STATE },   { "type", CLI_TEXT },
	{ "to", CLI_TEXT },        { "due", CLI_TIME },     { "contact", CLI_TEXT },  { "pipeline", CLI_TEXT },
	{ "step", CLI_TEXT },      { "run", CLI_INT },      { "run_waits", CLI_BOOL }, { "on_done", CLI_TEXT },
	{ "created", CLI_TIME },   { "created_by", CLI_TEXT }, { "done", CLI_TIME },  { "cancelled", CLI_TIME },
	{ "done_by", CLI_TEXT },   { "outcome", CLI_TEXT }, { 0 },
};

static void text_or_null(struct cli_table *t, const char *text)
{
	cli_text(t, *text ? text : NULL);
}

static int run(struct cli *cli, struct err *err)
{
	DESK_AUTO d = { 0 };
	const struct pipeline *next;
	struct task_place place;
	struct cli_table t;
	struct task task;

	if (desk_open(&d, cli, err) < 0 || desk_task(&d, cli->args.v[0], &task, err) < 0 ||
	    desk_place(&d, &task, &cli->arena, &place, err) < 0)
		return -1;
	next = task.on_done ? world_pipeline_by_id(d.world, task.on_done) : NULL;
	cli_record_begin(&t, cli, columns);
	cli_int(&t, task.id);
	cli_text(&t, task.title);
	cli_text(&t, desk_state(&d, &task));
	cli_text(&t, task_type_text(task.type));
	text_or_null(&t, task.assignee);
	cli_time_or_null(&t, task.due_at);
	cli_text(&t, place.contact);
	cli_text(&t, place.pipeline);
	cli_text(&t, place.step);
	if (task.run)
		cli_int(&t, task.run);
	else
		cli_null(&t);
	cli_bool(&t, task.hold && task.done_at == 0);
	cli_text(&t, next ? next->name : NULL);
	cli_time(&t, task.created_at);
	cli_text(&t, task.created_by);
	cli_time_or_null(&t, task.cancelled ? 0 : task.done_at);
	cli_time_or_null(&t, task.cancelled ? task.done_at : 0);
	text_or_null(&t, task.done_by);
	text_or_null(&t, task.outcome);
	cli_row_end(&t);
	cli_table_end(&t);
	return 0;
}

const struct cli_cmd show_cmd = {
	.name = "show",
	.args = "TASK",
	.about = "show one task at length",
	.min_args = 1,
	.max_args = 1,
	.examples = "taskctl show 12\n",
	.needs = CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM,
	.run = run,
};
