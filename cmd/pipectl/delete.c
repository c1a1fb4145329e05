#include "pipectl.h"

#include "cli/confirm.h"
#include "cli/context.h"
#include "cli/notice.h"
#include "plan.h"
#include "reference.h"

struct delete_opts {
	bool dry_run, yes;
};
static const struct opt delete_opts[] = {
	OPT_DRY_RUN(struct delete_opts, dry_run),
	OPT_YES(struct delete_opts, yes),
	OPT_END,
};

static int check(struct cli *cli, struct apply *ap, const struct reference *ref, struct err *err)
{
	struct document_row row;
	int got = apply_add_delete(ap, ref->kind, ref->name, err);

	if (got < 0)
		return -1;
	if (got == 0)
		return reference_find(cli, ref, &row, err);
	got = apply_check(ap, false, err);
	if (got < 0)
		return -1;
	if (apply_permitted(ap, err) < 0)
		return -1;
	if (got == 0) {
		sources_print_problems(cli, &ap->author.diags);
		return err_set(err, ERR_REFUSED, "%s/%s is still used", doc_kind_word(ref->kind), ref->name);
	}
	return 0;
}

static int confirm(struct cli *cli, const struct apply_item *item, struct err *err)
{
	const struct delete_opts *opts = cli->opts;
	int answer;

	if (item->people == 0)
		return 0;
	if (opts->dry_run) {
		cli_notice(cli, "this stops the runs of %s", plan_people(cli, item->people));
		return 0;
	}
	answer = cli_confirm(cli, opts->yes, err, "pipeline/%s has %s in it. Stop their runs and delete it?", item->name,
	                     plan_people(cli, item->people));
	if (answer == 0)
		return err_set(err, ERR_REFUSED, "nothing was changed");
	return answer < 0 ? -1 : 0;
}

static int delete(struct cli *cli, struct err *err)
{
	const struct delete_opts *opts = cli->opts;
	ENGINE_AUTO e = { 0 };
	APPLY_AUTO ap = { 0 };
	struct reference ref;

	if (reference_read(cli, cli->args.v[0], false, &ref, err) < 0)
		return -1;
	if (!ref.name || ref.version)
		return err_set(err, ERR_USAGE, "say which: %s/NAME", doc_kind_word(ref.kind));
	if (plan_begin(cli, &e, NULL, &ap, err) < 0 || check(cli, &ap, &ref, err) < 0 ||
	    confirm(cli, &ap.items[0], err) < 0)
		return -1;
	if ((opts->dry_run ? apply_rehearse(&ap, err) : apply_commit(&ap, err)) < 0)
		return -1;
	plan_print_items(cli, &ap);
	return 0;
}

const struct cli_cmd delete_cmd = {
	.name = "delete",
	.args = "KIND/NAME",
	.about = "delete a document that nothing refers to any more",
	.min_args = 1,
	.max_args = 1,
	.opts = delete_opts,
	.opts_size = sizeof(struct delete_opts),
	.examples = "pipectl delete template/guide\n"
	            "pipectl delete -y pipeline/welcome     # stops the runs that are open\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = delete,
};
