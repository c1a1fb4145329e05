#include "taskctl.h"

#include "base/utf8.h"
#include "desk.h"
#include "people/enroll_people.h"
#include "people/people.h"

#include <string.h>

#define TITLE_MAX 500 /* bytes */

struct add_opts {
	const char *contact, *type, *due, *to, *on_created, *on_done;
	bool dry_run;
};

static const struct opt add_opts[] = {
	OPT_STR(struct add_opts, contact, 0, "contact", "ADDR", "the contact that it is about"),
	OPT_CHOICE(struct add_opts, type, 0, "type", "call|email|meeting|linkedin|other", "what is to be done; default other"),
	OPT_STR(struct add_opts, due, 0, "due", "TIME", "when it is to be done"),
	OPT_STR(struct add_opts, to, 0, "to", "MEMBER", "whose it is; default you"),
	OPT_STR(struct add_opts, on_created, 0, "on-created", "PIPELINE", "the contact enters this pipeline at once"),
	OPT_STR(struct add_opts, on_done, 0, "on-done", "PIPELINE", "the contact enters this pipeline when the task is done"),
	OPT_DRY_RUN(struct add_opts, dry_run),
	OPT_END,
};

struct wanted {
	struct task task;
	struct contact contact;
	const struct pipeline *on_created;
};

static int read_title(const char *text, const char **ret, struct err *err)
{
	if (!*text || strspn(text, " \t") == strlen(text))
		return err_set(err, ERR_USAGE, "a task needs a title");
	if (!utf8_valid(text, strlen(text)))
		return err_set(err, ERR_USAGE, "the title is not UTF-8");
	if (strpbrk(text, "\r\n"))
		return err_set(err, ERR_USAGE, "a title is one line");
	if (strlen(text) > TITLE_MAX)
		return err_set(err, ERR_USAGE, "the title is longer than %d bytes", TITLE_MAX);
	*ret = text;
	return 0;
}

static int read_pipelines(struct desk *d, const struct add_opts *o, struct wanted *w, struct err *err)
{
	const struct pipeline *p;

	if ((o->on_created || o->on_done) && !o->contact)
		return err_set(err, ERR_USAGE, "--%s needs --contact: who is to enter the pipeline?",
		               o->on_created ? "on-created" : "on-done");
	if (o->on_created && enroll_pipeline(&d->engine, d->world, o->on_created, &w->on_created, err) < 0)
		return -1;
	if (!o->on_done)
		return 0;
	if (enroll_pipeline(&d->engine, d->world, o->on_done, &p, err) < 0)
		return -1;
	w->task.on_done = p->id;
	return 0;
}

static int read_wanted(struct desk *d, const struct add_opts *o, struct wanted *w, struct err *err)
{
	struct cli *cli = d->cli;

	*w = (struct wanted){ .task = { .type = TASK_OTHER, .assignee = o->to ? o->to : cli->who.account } };
	if (o->type && !task_type_parse(o->type, &w->task.type))
		return err_set(err, ERR_USAGE, "'%s' is no type of tasks", o->type);
	if (read_title(cli->args.v[0], &w->task.title, err) < 0 ||
	    (o->due && cli_read_time(cli, "--due", o->due, &w->task.due_at, err) < 0) ||
	    (o->to && task_check_assignee(&d->engine, d->world, o->to, err) < 0) ||
	    (o->contact && people_find(&d->engine, d->world, o->contact, &cli->arena, &w->contact, err) < 0))
		return -1;
	return read_pipelines(d, o, w, err);
}

static int run(struct cli *cli, struct err *err)
{
	const struct add_opts *o = cli->opts;
	DESK_AUTO d = { 0 };
	struct outcomes out;
	struct wanted w;
	TXN_AUTO txn = TXN_INIT;

	if (desk_open(&d, cli, err) < 0 || txn_begin(&txn, cli->db, err) < 0 || read_wanted(&d, o, &w, err) < 0)
		return -1;
	if (task_create(&d.engine, d.world, &w.task, o->contact ? &w.contact : NULL, w.on_created, &cli->arena, err) < 0)
		return -1;
	if (!o->dry_run && txn_commit(&txn, err) < 0)
		return -1;
	outcomes_begin(&out, cli);
	outcome_id(&out, "task", w.task.id, "created", desk_text(&d, &w.task));
	outcomes_end(&out, 0);
	desk_tell_entries(&d);
	return 0;
}

const struct cli_cmd add_cmd = {
	.name = "add",
	.args = "TITLE",
	.about = "make a task",
	.min_args = 1,
	.max_args = 1,
	.opts = add_opts,
	.opts_size = sizeof(struct add_opts),
	.examples = "taskctl add 'Call Anna about the offer' --contact anna@example.com --type call --due +2d\n"
	            "taskctl add 'Prepare the fair' --to bob --due 2026-12-01\n"
	            "taskctl add 'Demo' --contact anna@example.com --type meeting --on-done after-demo\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
