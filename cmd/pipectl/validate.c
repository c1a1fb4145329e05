#include "pipectl.h"

#include "cli/context.h"
#include "cli/notice.h"
#include "sources.h"

#include <string.h>

static void begin(struct author *au)
{
	author_init(au);
	au->validate = true;
	au->files.read = sources_read_beside;
}

/* The team of the only Team document that is in a file or, with `folder`, in its folder; NULL: none, or several are. */
static const char *only_team(const struct sources *sources, const struct author *teams, const struct source *of,
                             bool folder)
{
	const char *found = NULL;

	for (size_t i = 0; i < teams->n_docs; i++) {
		const struct document *d = teams->docs[i];
		const struct source *from = sources_of_file(sources, d->at.file);

		if (d->kind != DOC_TEAM || !(from == of || (folder && from->folder && of->folder &&
		                                            strcmp(from->folder, of->folder) == 0)))
			continue;
		if (found && strcmp(found, d->name) != 0)
			return NULL;
		found = d->name;
	}
	return found;
}

/*
 * Without a database a document belongs to the team that it says, else to that of the command line, else to the one
 * whose Team document is in its file or folder: two teams may have everything alike.
 */
static void load(struct cli *cli, const struct sources *sources, struct author *au)
{
	const char *team = cli->globals.team ? cli->globals.team : cli->env.team;
	struct author teams;

	begin(&teams);
	begin(au);
	for (size_t i = 0; i < sources->n; i++)
		author_load(&teams, sources->v[i].path, sources->v[i].text, sources->v[i].len);
	for (size_t i = 0; i < sources->n; i++) {
		const struct source *s = &sources->v[i];

		au->team = team && *team ? team : only_team(sources, &teams, s, false);
		if (!au->team)
			au->team = only_team(sources, &teams, s, true);
		if (au->team)
			au->team = arena_strdup(&au->arena, au->team);
		author_load(au, s->path, s->text, s->len);
	}
	author_check(au);
	author_release(&teams);
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
	            "pipectl validate etc/examples/onboarding\n"
	            "pipectl validate sales support          # a folder for each team\n",
	.needs = CLI_NEEDS_NOTHING,
	.run = validate,
};
