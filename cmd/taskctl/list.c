#include "taskctl.h"

#include "base/civil.h"
#include "base/zone.h"
#include "cli/notice.h"
#include "cli/table.h"
#include "desk.h"
#include "people/people.h"

#include <string.h>

#define BLOCK 200

struct list_opts {
	const char *due, *to, *contact;
	bool mine, done;
};

static const struct opt list_opts[] = {
	OPT_FLAG(struct list_opts, mine, 0, "mine", "only your own"),
	OPT_STR(struct list_opts, to, 0, "to", "MEMBER", "only this member's"),
	OPT_STR(struct list_opts, contact, 0, "contact", "ADDR", "only about this contact"),
	OPT_CHOICE(struct list_opts, due, 0, "due", "today|overdue", "only those due today, or due before now"),
	OPT_FLAG(struct list_opts, done, 0, "done", "those that are done or cancelled, the last one first"),
	OPT_END,
};

static const struct cli_column columns[] = {
	{ "id", CLI_INT },
	{ "due", CLI_TIME },
	{ "state", CLI_STATE },
	{ "title", CLI_TEXT },
	{ "type", CLI_TEXT | CLI_SPARE },
	{ "to", CLI_TEXT },
	{ "contact", CLI_TEXT },
	{ "pipeline", CLI_TEXT | CLI_SPARE },
	{ "step", CLI_TEXT | CLI_SPARE },
	{ "outcome", CLI_TEXT | CLI_SPARE },
	{ "done", CLI_TIME | CLI_ONLY_JSON },
	{ "cancelled", CLI_TIME | CLI_ONLY_JSON },
	{ "done_by", CLI_TEXT | CLI_ONLY_JSON },
	{ "created", CLI_TIME | CLI_ONLY_JSON },
	{ "created_by", CLI_TEXT | CLI_ONLY_JSON },
	{ "run", CLI_INT | CLI_ONLY_JSON },
	{ 0 },
};

static void text_or_null(struct cli_table *t, const char *text)
{
	cli_text(t, *text ? text : NULL);
}

static int print(struct desk *d, struct cli_table *t, const struct task *task, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct task_place place;

	if (desk_place(d, task, &a, &place, err) < 0)
		return -1;
	cli_int(t, task->id);
	cli_time_or_null(t, task->due_at);
	cli_text(t, desk_state(d, task));
	cli_text(t, task->title);
	cli_text(t, task_type_text(task->type));
	text_or_null(t, task->assignee);
	cli_text(t, place.contact);
	cli_text(t, place.pipeline);
	cli_text(t, place.step);
	text_or_null(t, task->outcome);
	cli_time_or_null(t, task->cancelled ? 0 : task->done_at);
	cli_time_or_null(t, task->cancelled ? task->done_at : 0);
	text_or_null(t, task->done_by);
	cli_time(t, task->created_at);
	cli_text(t, task->created_by);
	if (task->run)
		cli_int(t, task->run);
	else
		cli_null(t);
	cli_row_end(t);
	return 0;
}

/* Midnight to midnight where the team is. */
static int today(const struct cli *cli, struct task_query *q, struct err *err)
{
	const struct zone *zone = cli->zone ? cli->zone : zone_utc();
	struct civil day;

	zone_to_civil(zone, cli->now, &day);
	day.hour = day.minute = day.second = 0;
	q->due_from = zone_to_instant(zone, &day);
	if (!civil_add_days(&day, 1))
		return err_set(err, ERR_INVALID, "there is no tomorrow in year 9999");
	q->due_to = zone_to_instant(zone, &day);
	return 0;
}

/* Somebody who left the team may have left work behind: whoever takes over wants to see it. */
static int find_assignee(struct desk *d, const char *account, struct err *err)
{
	const struct task_query open = { .assignee = account }, done = { .assignee = account, .done = true };
	struct err ignored = ERR_INIT;
	struct task one;

	if (task_check_assignee(&d->engine, d->world, account, err) == 0)
		return 0;
	if (err->kind != ERR_MISSING ||
	    (task_list(d->cli->db, d->cli->team, &open, NULL, &d->cli->arena, &one, 1, &ignored) <= 0 &&
	     task_list(d->cli->db, d->cli->team, &done, NULL, &d->cli->arena, &one, 1, &ignored) <= 0))
		return -1;
	cli_notice(d->cli, "%s", err->text);
	return 0;
}

static int read_query(struct desk *d, const struct list_opts *o, struct task_query *ret, struct err *err)
{
	struct contact c;

	*ret = (struct task_query){ .assignee = o->mine ? d->cli->who.account : o->to, .done = o->done };
	if (o->mine && o->to)
		return err_set(err, ERR_USAGE, "--mine and --to: choose one");
	if (o->to && find_assignee(d, o->to, err) < 0)
		return -1;
	if (o->contact && people_find(&d->engine, d->world, o->contact, &d->cli->arena, &c, err) < 0)
		return -1;
	ret->contact = o->contact ? c.id : 0;
	if (!o->due)
		return 0;
	if (strcmp(o->due, "today") == 0)
		return today(d->cli, ret, err);
	ret->due_from = 1;
	ret->due_to = d->cli->now;
	return 0;
}

static int print_all(struct desk *d, struct cli_table *t, const struct task_query *q, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct task list[BLOCK], last;
	bool any = false;
	int n;

	do {
		arena_clear(&a);
		n = task_list(d->cli->db, d->cli->team, q, any ? &last : NULL, &a, list, BLOCK, err);
		for (int i = 0; i < n; i++)
			if (print(d, t, &list[i], err) < 0)
				return -1;
		if (n > 0)
			last = list[n - 1]; /* its place in the order; its texts are gone */
		any |= n > 0;
	} while (n == BLOCK);
	return n < 0 ? -1 : any;
}

static int run(struct cli *cli, struct err *err)
{
	DESK_AUTO d = { 0 };
	struct task_query query;
	struct cli_table table;
	int got;

	if (desk_open(&d, cli, err) < 0 || read_query(&d, cli->opts, &query, err) < 0)
		return -1;
	cli_table_begin(&table, cli, columns);
	got = print_all(&d, &table, &query, err);
	cli_table_end(&table);
	if (got == 0 && cli->out_terminal)
		cli_notice(cli, "no task");
	return got < 0 ? -1 : 0;
}

const struct cli_cmd list_cmd = {
	.name = "list",
	.group = "Tasks",
	.about = "list tasks: the open ones by when they are due, or those that are over",
	.opts = list_opts,
	.opts_size = sizeof(struct list_opts),
	.examples = "taskctl list --mine --due today\n"
	            "taskctl list --due overdue\n"
	            "taskctl list --contact anna@example.com --done\n",
	.needs = CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM,
	.run = run,
};
