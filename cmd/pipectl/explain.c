#include "pipectl.h"

#include "author/schema.h"
#include "base/buf.h"
#include "base/err.h"
#include "cli/context.h"
#include "cli/notice.h"

static int explain(struct cli *cli, struct err *err)
{
	const char *path = cli->args.n ? cli->args.v[0] : "";
	BUF_AUTO out = BUF_INIT((size_t)1 << 20);

	if (!schema_explain(path, &out))
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
	            "pipectl explain placeholders\n",
	.needs = CLI_NEEDS_NOTHING,
	.run = explain,
};
