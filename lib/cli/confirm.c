#include "cli/confirm.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "cli/context.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static bool is_yes(char *answer)
{
	answer[strcspn(answer, "\r\n")] = '\0';
	return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}

static int ask(const struct cli *cli, const char *question)
{
	BUF_AUTO line = BUF_INIT(8192);
	char answer[64];

	fflush(cli->out);
	utf8_safe(&line, question, strlen(question), true);
	fprintf(stderr, "%s [y/N] ", line.s);
	return fgets(answer, sizeof answer, stdin) && is_yes(answer);
}

int cli_confirm(const struct cli *cli, bool yes, struct err *err, const char *fmt, ...)
{
	BUF_AUTO question = BUF_INIT(4096);
	va_list ap;

	if (yes)
		return 1;
	va_start(ap, fmt);
	buf_addv(&question, fmt, ap);
	va_end(ap);
	if (!isatty(STDIN_FILENO))
		return err_set(err, ERR_REFUSED, "%s Say -y: nobody can be asked here", question.s);
	return ask(cli, question.s);
}
