#include "pipectl.h"

#include "cli/context.h"
#include "cli/notice.h"
#include "sources.h"

/* Without a database a document belongs to the team that the command line says, or to none. */
static void load(struct cli *cli, const struct sources *sources, struct author *au)
{
	const char *team = cli->globals.team ? cli->globals.team : cli->env.team;

	author_init(au);
	au->validate = true;
	au->team = team && *team ? team : NULL;
	au->files.read = sources_read_beside;
	for (size_t i = 0; i < sources->n; i++)
		author_load(au, sources->v[i].path, sources->v[i].text, sources->v[i].len);
	author_check(au);
}

static int validate(struct cli *cli, struct err *err)
{
	struct sources sources;
	struct author au;
	int status;

	if (sources_read(cli, &cli->args, &sources, err) < 0)
		return -1;
	load(cli, &sources, &au);
	status = sources_print_problems(cli, &au.diags);
	cli_detail(cli, "%zu documents, %zu errors, %zu warnings", au.n_docs, au.diags.errors, au.diags.warnings);
	author_release(&au);
	return status;
}

const struct cli_cmd validate_cmd = {
	.name = "validate",
	.args = "FILE|DIR|-...",
	.about = "check documents without a database",
	.min_args = 1,
	.max_args = -1,
	.examples = "pipectl validate welcome.yaml\n"
	            "pipectl validate etc/examples/onboarding\n",
	.needs = CLI_NEEDS_NOTHING,
	.run = validate,
};
