#include "pipectl.h"

#include "base/buf.h"
#include "cli/context.h"
#include "cli/notice.h"
#include "plan.h"

#define DIFF_MAX ((size_t)64 << 20)

/* Behind a '#', so that the whole output is still a patch. */
static void add_people(struct cli *cli, const struct apply_item *item, struct buf *out)
{
	if (item->plan.n == 0)
		return;
	buf_addf(out, "# in the steps of %s that change: %s; with 'apply --migrate':\n", item->name,
	         plan_people(cli, item->plan.people));
	plan_write(item, "#   ", out);
}

static int diff(struct cli *cli, struct err *err)
{
	BUF_AUTO out = BUF_INIT(DIFF_MAX);
	ENGINE_AUTO e = { 0 };
	APPLY_AUTO ap = { 0 };
	struct sources sources;
	int got;

	if (sources_read(cli, &cli->args, &sources, err) < 0 || plan_begin(cli, &e, &sources, &ap, err) < 0)
		return -1;
	got = apply_check(&ap, false, err);
	if (got < 0)
		return -1;
	if (sources_print_problems(cli, &ap.author.diags) != 0 || got == 0)
		return 65;
	for (size_t i = 0; i < ap.n_items; i++) {
		apply_diff(&ap.items[i], &out);
		add_people(cli, &ap.items[i], &out);
	}
	cli_put(cli, &out);
	return out.len > 0;
}

const struct cli_cmd diff_cmd = {
	.name = "diff",
	.args = "FILE|DIR|-...",
	.about = "show what apply would change, and who stands where; exit 1 when something differs",
	.min_args = 1,
	.max_args = -1,
	.examples = "pipectl diff welcome.yaml\n"
	            "pipectl diff pipelines/\n",
	.needs = CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM,
	.run = diff,
};
