#ifndef PW_CLI_NOTICE_H
#define PW_CLI_NOTICE_H

#include "base/attr.h"

struct buf;
struct cli;
struct err;

/*
 * What programs say in words. Each call is one line; a newline is added; control characters of values are
 * shown as \xNN, except a newline within the text, which starts a line of its own.
 */

/* "pipectl: note: ..." on stderr, unless -q. */
void cli_notice(const struct cli *cli, const char *fmt, ...) PW_FORMAT(2, 3);

/* "pipectl: ..." on stderr, only with -v. */
void cli_detail(const struct cli *cli, const char *fmt, ...) PW_FORMAT(2, 3);

/* The result in words on stdout: "created pipeline 'welcome'"; not with -q, nor with --json (rows say it). */
void cli_say(const struct cli *cli, const char *fmt, ...) PW_FORMAT(2, 3);

/*
 * A document, a graph, a rendered text: the bytes of b on stdout as they are, -q or not. On a terminal control and
 * bidirectional characters are escaped.
 */
void cli_put(const struct cli *cli, const struct buf *b);

/* A line on stderr without the program's name, as compilers print the problems of a file. */
void cli_problem(const struct cli *cli, const char *fmt, ...) PW_FORMAT(2, 3);

/*
 * "pipectl: ..." on stderr. For commands that go on with the next operand after an error; the error of a
 * command that returns -1 is printed by cli_main().
 */
void cli_error(const struct cli *cli, const struct err *err);

#endif
