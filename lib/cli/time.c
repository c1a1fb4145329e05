#include "base/err.h"
#include "cli/context.h"
#include "model/when.h"

int cli_read_time(const struct cli *cli, const char *option, const char *text, int64_t *ret, struct err *err)
{
	if (when_parse(text, cli->zone, NULL, cli->now, ret, err) == 0)
		return 0;
	return err_set(err, ERR_USAGE, "'%s': %s", option, err->text);
}
