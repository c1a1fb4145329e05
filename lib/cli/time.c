#include "base/buf.h"
#include "base/err.h"
#include "base/zone.h"
#include "cli/context.h"
#include "model/when.h"

int cli_read_time(const struct cli *cli, const char *option, const char *text, int64_t *ret, struct err *err)
{
	if (when_parse(text, cli->zone, NULL, cli->now, ret, err) == 0)
		return 0;
	return err_set(err, ERR_USAGE, "'%s': %s", option, err->text);
}

void cli_add_time(const struct cli *cli, int64_t instant, struct buf *b)
{
	if (cli->out_terminal && !cli->json)
		when_format(instant, cli->zone, 0, b);
	else
		when_format_rfc3339(instant, zone_utc(), b);
}

const char *cli_time_text(struct cli *cli, int64_t instant)
{
	BUF_AUTO b = BUF_INIT(64);

	cli_add_time(cli, instant, &b);
	return arena_strdup(&cli->arena, b.s);
}
