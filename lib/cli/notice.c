#include "cli/notice.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "cli/context.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LONGEST 65536

/* One write, so that lines of several processes do not mix. */
static void write_line(FILE *to, const char *before, const char *between, const char *text)
{
	BUF_AUTO line = BUF_INIT(8 * LONGEST);

	buf_adds(&line, before);
	buf_adds(&line, between);
	utf8_safe(&line, text, strlen(text), true);
	buf_addc(&line, '\n');
	fwrite(line.s, 1, line.len, to);
}

static void PW_FORMAT(4, 0)
	print_line(FILE *to, const char *before, const char *between, const char *fmt, va_list ap)
{
	BUF_AUTO text = BUF_INIT(LONGEST);

	buf_addv(&text, fmt, ap);
	write_line(to, before, between, text.over ? "(a text that is too long)" : text.s);
}

void cli_notice(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	if (cli->quiet)
		return;
	va_start(ap, fmt);
	print_line(stderr, cli->name, ": note: ", fmt, ap);
	va_end(ap);
}

void cli_detail(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	if (!cli->verbose)
		return;
	va_start(ap, fmt);
	print_line(stderr, cli->name, ": ", fmt, ap);
	va_end(ap);
}

void cli_say(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	if (cli->quiet || cli->json)
		return;
	va_start(ap, fmt);
	print_line(cli->out, "", "", fmt, ap);
	va_end(ap);
}

void cli_put(const struct cli *cli, const struct buf *b)
{
	BUF_AUTO safe = BUF_INIT(4 * b->len + 1); /* a byte that is no text becomes four */

	if (cli->out_terminal)
		utf8_safe(&safe, b->s, b->len, true);
	else
		fwrite(b->s, 1, b->len, cli->out);
	fwrite(safe.s, 1, safe.len, cli->out);
}

void cli_problem(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	fflush(cli->out);
	va_start(ap, fmt);
	print_line(stderr, "", "", fmt, ap);
	va_end(ap);
}

void cli_error(const struct cli *cli, const struct err *err)
{
	fflush(cli->out);
	write_line(stderr, cli->name, ": ", err->text);
}
