#include "pipectl.h"

#include "author/schema.h"
#include "base/buf.h"
#include "cli/context.h"
#include "cli/notice.h"

static int schema(struct cli *cli, struct err *err)
{
	BUF_AUTO out = BUF_INIT((size_t)4 << 20);

	(void)err;
	schema_json(&out);
	cli_put(cli, &out);
	return 0;
}

const struct cli_cmd schema_cmd = {
	.name = "schema",
	.about = "print the JSON Schema of documents, for editors",
	.examples = "pipectl schema >pipewright.schema.json\n",
	.needs = CLI_NEEDS_NOTHING,
	.run = schema,
};
