#include "sources.h"

#include "base/buf.h"
#include "cli/context.h"
#include "cli/input.h"
#include "cli/notice.h"
#include "cli/table.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIXES    ".yaml|.yml"
#define FILE_MAX    ((size_t)16 << 20) /* beyond what a document may have, the reader says where */
#define PROBLEM_MAX ((size_t)4 << 20)

static const char *absolute(struct cli *cli, const char *path)
{
	char *full = realpath(path, NULL);
	const char *ret = arena_strdup(&cli->arena, full);

	free(full);
	return ret;
}

static const char *folder_of(struct cli *cli, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (strcmp(path, "-") == 0)
		return NULL;
	if (!slash)
		return absolute(cli, ".");
	return absolute(cli, slash == path ? "/" : arena_strndup(&cli->arena, path, (size_t)(slash - path)));
}

static int read_one(struct cli *cli, const char *path, struct source *ret, struct err *err)
{
	BUF_AUTO text = BUF_INIT(FILE_MAX);

	if (cli_read_input(path, &text, err) < 0)
		return -1;
	ret->path = strcmp(path, "-") == 0 ? "<stdin>" : path;
	ret->folder = folder_of(cli, path);
	ret->text = arena_strndup(&cli->arena, text.s, text.len);
	ret->len = text.len;
	return 0;
}

int sources_read(struct cli *cli, const struct names *operands, struct sources *ret, struct err *err)
{
	struct names *files = arena_array(&cli->arena, operands->n, sizeof *files);
	size_t n = 0;

	*ret = (struct sources){ 0 };
	ret->folders.v = arena_array(&cli->arena, operands->n, sizeof *ret->folders.v);
	for (size_t i = 0; i < operands->n; i++) {
		struct names one = { &operands->v[i], 1 };

		if (cli_list_inputs(&cli->arena, &one, SUFFIXES, &files[i], err) < 0)
			return -1;
		if (files[i].n != 1 || strcmp(files[i].v[0], operands->v[i]) != 0)
			ret->folders.v[ret->folders.n++] = absolute(cli, operands->v[i]);
		n += files[i].n;
	}
	ret->v = arena_array(&cli->arena, n, sizeof *ret->v);
	for (size_t i = 0; i < operands->n; i++)
		for (size_t k = 0; k < files[i].n; k++)
			if (read_one(cli, files[i].v[k], &ret->v[ret->n++], err) < 0)
				return -1;
	return 0;
}

const struct source *sources_of_file(const struct sources *sources, const char *path)
{
	size_t i = 0;

	while (strcmp(sources->v[i].path, path) != 0)
		i++;
	return &sources->v[i];
}

int sources_read_beside(void *ctx, const char *beside, const char *path, struct buf *out, struct err *err)
{
	const char *slash = strrchr(beside, '/');
	char full[PATH_MAX];
	int n;

	(void)ctx;
	if (*path == '/' || !slash)
		return cli_read_input(path, out, err);
	n = snprintf(full, sizeof full, "%.*s/%s", (int)(slash - beside), beside, path);
	if (n < 0 || (size_t)n >= sizeof full)
		return err_set(err, ERR_NOINPUT, "'%s': the name is too long", path);
	return cli_read_input(full, out, err);
}

static void print_json(struct cli *cli, const struct diags *diags)
{
	static const struct cli_column columns[] = {
		{ "file", CLI_TEXT },  { "line", CLI_INT }, { "column", CLI_INT }, { "severity", CLI_TEXT },
		{ "message", CLI_TEXT }, { 0 },
	};
	struct cli_table t;

	cli_table_begin(&t, cli, columns);
	for (size_t i = 0; i < diags->n; i++) {
		const struct diag *g = &diags->list[i];

		cli_text(&t, g->at.file);
		cli_int(&t, g->at.line);
		cli_int(&t, g->at.column);
		cli_text(&t, g->severity == DIAG_ERROR ? "error" : "warning");
		cli_text(&t, g->text);
		cli_row_end(&t);
	}
	cli_table_end(&t);
}

int sources_print_problems(struct cli *cli, struct diags *diags)
{
	BUF_AUTO text = BUF_INIT(PROBLEM_MAX);

	diags_print(diags, &text);
	if (cli->json)
		print_json(cli, diags);
	for (char *line = text.s, *end; !cli->json && *line; line = end + 1) {
		end = strchr(line, '\n');
		*end = '\0';
		cli_problem(cli, "%s", line);
	}
	return diags->errors > 0 ? 65 : 0;
}
