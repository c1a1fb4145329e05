#include "pipectl.h"

#include "base/buf.h"
#include "cli/confirm.h"
#include "cli/context.h"
#include "cli/notice.h"
#include "cli/progress.h"
#include "plan.h"

#include <unistd.h>

#define PLAN_MAX ((size_t)1 << 20)

struct apply_opts {
	bool dry_run, keep, migrate, prune, enroll_existing, yes;
	struct names files;
};
static const struct opt apply_opts[] = {
	OPT_DRY_RUN(struct apply_opts, dry_run),
	OPT_LIST(struct apply_opts, files, 'f', "file", "FILE", "a file or folder, as an operand"),
	OPT_FLAG(struct apply_opts, keep, 0, "keep", "people finish the steps that they began"),
	OPT_FLAG(struct apply_opts, migrate, 0, "migrate", "people go over to the new steps"),
	OPT_FLAG(struct apply_opts, prune, 0, "prune", "delete what came from the folder and is not there any more"),
	OPT_FLAG(struct apply_opts, enroll_existing, 0, "enroll-existing", "also enroll people for whom it is true already"),
	OPT_YES(struct apply_opts, yes),
	OPT_END,
};

static int64_t people_in_changed_steps(const struct apply *ap)
{
	int64_t n = 0;

	for (size_t i = 0; i < ap->n_items; i++)
		n += ap->items[i].plan.people;
	return n;
}

static void print_plan(struct cli *cli, const struct apply *ap)
{
	for (size_t i = 0; i < ap->n_items; i++) {
		BUF_AUTO text = BUF_INIT(PLAN_MAX);

		if (ap->items[i].plan.n == 0)
			continue;
		plan_write(&ap->items[i], "  ", &text);
		buf_truncate(&text, text.len - 1);
		cli_problem(cli, ap->items[i].steps_changed ? "the steps of pipeline/%s change; %s in it. With --migrate:\n%s"
		                                            : "in older steps of pipeline/%s: %s. With --migrate:\n%s",
		            ap->items[i].name, plan_people(cli, ap->items[i].plan.people), text.s);
	}
}

static void tell_kept(struct cli *cli, const struct apply *ap)
{
	for (size_t i = 0; i < ap->n_items; i++)
		if (ap->items[i].steps_changed && ap->items[i].plan.people > 0)
			cli_notice(cli, "the steps of pipeline/%s change; %s in it: they finish the steps that they began",
			           ap->items[i].name, plan_people(cli, ap->items[i].plan.people));
}

/* Keep or migrate: said, asked, or refused. 1: migrate, 0: keep, -1. */
static int choose(struct cli *cli, struct apply *ap, struct err *err)
{
	const struct apply_opts *opts = cli->opts;
	int answer;

	if (opts->migrate && apply_plan_stragglers(ap, err) < 0)
		return -1;
	if (opts->keep)
		tell_kept(cli, ap);
	else
		print_plan(cli, ap);
	if (people_in_changed_steps(ap) == 0 || opts->keep || opts->migrate)
		return opts->migrate;
	if (!isatty(STDIN_FILENO))
		return err_set(err, ERR_REFUSED, "people stand in steps that change: say --keep or --migrate; nothing was changed");
	answer = cli_confirm(cli, false, err, "Move these people to the new steps?");
	if (answer != 0)
		return answer;
	answer = cli_confirm(cli, false, err, "Let them finish the steps that they began?");
	if (answer < 0)
		return -1;
	return answer ? 0 : err_set(err, ERR_REFUSED, "nothing was changed");
}

/* Deleting a pipeline with people in it stops their runs. */
static int confirm_deletes(struct cli *cli, const struct apply *ap, struct err *err)
{
	const struct apply_opts *opts = cli->opts;

	for (size_t i = 0; i < ap->n_items; i++) {
		const struct apply_item *item = &ap->items[i];
		int answer;

		if (item->people == 0 || opts->dry_run)
			continue;
		answer = cli_confirm(cli, opts->yes, err, "pipeline/%s is not in the folder any more, but %s in it. Stop their runs and delete it?",
		                     item->name, plan_people(cli, item->people));
		if (answer < 0)
			return -1;
		if (answer == 0)
			return err_set(err, ERR_REFUSED, "nothing was changed");
	}
	return 0;
}

static void show_progress(void *ctx, int64_t seen)
{
	cli_progress_at(ctx, seen);
}

static int migrate_item(struct cli *cli, struct engine *e, const struct apply_item *item, struct err *err)
{
	struct cli_progress progress;
	struct watch watch = { show_progress, &progress };
	struct migration_request want = { 0 };
	struct migration_count count;
	int got;

	cli_progress_begin(&progress, cli, "migrating", item->plan.people);
	got = migrate_people(e, cli->team, item->row.id, &want, &watch, &count, err);
	cli_progress_end(&progress);
	if (got < 0)
		return err_prefix(err, "the documents are applied, but not everybody was moved ('pipectl migrate %s' goes on)",
		                  item->name);
	plan_report(cli, item->name, &count);
	return 0;
}

static int64_t existing(const struct apply *ap)
{
	int64_t n = 0;

	for (size_t i = 0; i < ap->n_items; i++)
		n += ap->items[i].existing;
	return n;
}

static void print_existing(struct cli *cli, const struct apply *ap, const char *how)
{
	for (size_t i = 0; i < ap->n_items; i++)
		if (ap->items[i].existing > 0)
			cli_notice(cli, "%s %s into pipeline/%s", how, plan_people(cli, ap->items[i].existing), ap->items[i].name);
}

/* How many it would enroll is said before anything is changed. 1: go on, 0: without them, -1. */
static int confirm_existing(struct cli *cli, struct apply *ap, struct err *err)
{
	const struct apply_opts *opts = cli->opts;
	int answer;

	if (!opts->enroll_existing)
		return 0;
	if (apply_rehearse(ap, err) < 0 || apply_count_existing(ap, err) < 0)
		return -1;
	print_existing(cli, ap, "this enrolls");
	if (existing(ap) == 0)
		cli_notice(cli, "there is nobody to enroll");
	if (opts->dry_run || existing(ap) == 0)
		return 0;
	answer = cli_confirm(cli, opts->yes, err, "Enroll %s who %s there already?", plan_people(cli, existing(ap)),
	                     existing(ap) == 1 ? "is" : "are");
	if (answer == 0)
		return err_set(err, ERR_REFUSED, "nothing was changed");
	return answer;
}

static int enroll_existing(struct cli *cli, struct apply *ap, struct err *err)
{
	struct cli_progress progress;
	struct watch watch = { show_progress, &progress };
	int got;

	cli_progress_begin(&progress, cli, "enrolling", 0);
	got = apply_enroll_existing(ap, &watch, err);
	cli_progress_end(&progress);
	if (got < 0)
		return err_prefix(err, "the documents are applied, but not everybody was enrolled (a repeat goes on)");
	print_existing(cli, ap, "enrolled");
	return 0;
}

/* What was said, or answered, when nothing was changed yet. */
struct answers {
	int migrate, enroll;
};

static int write_all(struct cli *cli, struct engine *e, struct apply *ap, const struct answers *answers,
                     struct err *err)
{
	if (apply_commit(ap, err) < 0)
		return -1;
	plan_print_items(cli, ap);
	for (size_t i = 0; answers->migrate && i < ap->n_items; i++)
		if (ap->items[i].plan.n > 0 && migrate_item(cli, e, &ap->items[i], err) < 0)
			return -1;
	return answers->enroll ? enroll_existing(cli, ap, err) : 0;
}

static int check_usage(struct cli *cli, const struct sources *sources, struct err *err)
{
	const struct apply_opts *opts = cli->opts;

	if (opts->keep && opts->migrate)
		return err_set(err, ERR_USAGE, "--keep and --migrate contradict each other");
	if (opts->prune && sources->folders.n == 0)
		return err_set(err, ERR_USAGE, "--prune is for folders: name one");
	return 0;
}

static int read_operands(struct cli *cli, struct sources *ret, struct err *err)
{
	const struct apply_opts *opts = cli->opts;
	struct names all = { arena_array(&cli->arena, cli->args.n + opts->files.n, sizeof *all.v), 0 };

	for (size_t i = 0; i < cli->args.n; i++)
		all.v[all.n++] = cli->args.v[i];
	for (size_t i = 0; i < opts->files.n; i++)
		all.v[all.n++] = opts->files.v[i];
	if (all.n == 0)
		return err_set(err, ERR_USAGE, "name a file, a folder or - for stdin");
	return sources_read(cli, &all, ret, err);
}

/* Everything that could stand in the way is asked and checked before the first change. */
static int finish(struct cli *cli, struct engine *e, struct apply *ap, struct err *err)
{
	const struct apply_opts *opts = cli->opts;
	struct answers answers;

	answers.migrate = choose(cli, ap, err);
	if (answers.migrate < 0 || confirm_deletes(cli, ap, err) < 0)
		return -1;
	answers.enroll = confirm_existing(cli, ap, err);
	if (answers.enroll < 0)
		return -1;
	if (!opts->dry_run)
		return write_all(cli, e, ap, &answers, err);
	if (apply_rehearse(ap, err) < 0)
		return -1;
	plan_print_items(cli, ap);
	return 0;
}

static int apply(struct cli *cli, struct err *err)
{
	const struct apply_opts *opts = cli->opts;
	ENGINE_AUTO e = { 0 };
	APPLY_AUTO ap = { 0 };
	struct sources sources;
	int got;

	if (read_operands(cli, &sources, err) < 0 || check_usage(cli, &sources, err) < 0 ||
	    plan_begin(cli, &e, &sources, &ap, err) < 0)
		return -1;
	got = apply_check(&ap, opts->prune, err);
	if (got < 0 || (got > 0 && apply_permitted(&ap, err) < 0))
		return -1;
	if (sources_print_problems(cli, &ap.author.diags) != 0 || got == 0)
		return 65;
	return finish(cli, &e, &ap, err);
}

const struct cli_cmd apply_cmd = {
	.name = "apply",
	.group = "Documents",
	.args = "[FILE|DIR|-]...",
	.about = "store documents: all of them, or none when one is wrong",
	.min_args = 0,
	.max_args = -1,
	.opts = apply_opts,
	.opts_size = sizeof(struct apply_opts),
	.examples = "pipectl apply team.yaml welcome.yaml\n"
	            "pipectl apply --migrate welcome.yaml\n"
	            "pipectl apply --prune -n pipelines/\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = apply,
};
