#include "pipe_inbox.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "cli/context.h"
#include "cli/input.h"
#include "cli/notice.h"
#include "inbox/inbox.h"

/* A mail may be larger than what is read of it. */
#define FILE_MAX ((size_t)256 << 20)

static int explain_file(struct cli *cli, const char *file, struct err *err)
{
	BUF_AUTO bytes = BUF_INIT(FILE_MAX);
	BUF_AUTO out = BUF_INIT(FILE_MAX);

	if (cli_read_input(file, &bytes, err) < 0)
		return -1;
	inbox_explain(file, &bytes, clock_now(), &out);
	cli_put(cli, &out);
	return 0;
}

int explain(struct cli *cli, struct err *err)
{
	for (size_t i = 0; i < cli->args.n; i++)
		if (explain_file(cli, cli->args.v[i], err) < 0)
			return -1;
	return 0;
}
