#include "pipectl.h"

#include "author/schema.h"
#include "base/buf.h"
#include "base/err.h"
#include "cli/context.h"
#include "cli/notice.h"
#include "cli/table.h"

static const struct cli_column columns[] = {
	{ "of", CLI_TEXT },   { "name", CLI_TEXT },     { "form", CLI_TEXT },  { "about", CLI_TEXT },
	{ "with", CLI_TEXT }, { "required", CLI_BOOL }, { "later", CLI_BOOL }, { 0 },
};

static void add_row(const struct explained *x, void *ctx)
{
	struct cli_table *t = ctx;

	cli_text(t, x->of);
	cli_text(t, x->name);
	cli_text(t, x->form);
	cli_text(t, x->about);
	cli_text(t, x->with);
	cli_bool(t, x->required);
	cli_bool(t, x->later);
	cli_row_end(t);
}

static int explain_as_json(struct cli *cli, const char *path, struct buf *near)
{
	struct cli_table t;
	int got;

	cli_table_begin(&t, cli, columns);
	got = schema_explain_each(path, add_row, &t, near);
	cli_table_end(&t);
	return got;
}

static int explain(struct cli *cli, struct err *err)
{
	const char *path = cli->args.n ? cli->args.v[0] : "";
	BUF_AUTO out = BUF_INIT((size_t)1 << 20);

	if (!(cli->json ? explain_as_json(cli, path, &out) : schema_explain(path, &out)))
		return err_set(err, ERR_MISSING, "there is nothing to explain about '%s'%s", path, out.s);
	cli_put(cli, &out);
	return 0;
}

const struct cli_cmd explain_cmd = {
	.name = "explain",
	.args = "[KIND[.FIELD]|events|placeholders]",
	.about = "say what may be written in a document",
	.max_args = 1,
	.examples = "pipectl explain\n"
	            "pipectl explain pipeline.enroll\n"
	            "pipectl explain step\n"
	            "pipectl explain Mailbox --json\n"
	            "pipectl explain placeholders\n",
	.needs = CLI_NEEDS_NOTHING,
	.run = explain,
};
