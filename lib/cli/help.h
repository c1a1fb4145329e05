#ifndef PW_CLI_HELP_H
#define PW_CLI_HELP_H

struct buf;
struct cli_cmd;
struct cli_program;

/*
 * All texts of --help come from the tables. `program` is the program's name; a program without verbs is
 * a cli_cmd with that name.
 */

/* The synopsis, examples, then the options. */
void help_cmd(struct buf *b, const char *program, const struct cli_cmd *cmd);

/* All verbs by group, and the options that every verb has. */
void help_program(struct buf *b, const struct cli_program *program);

/* What is shown when a program is called without a verb: examples, and where to read on. */
void help_short(struct buf *b, const struct cli_program *program);

/*
 * The tables for tests and completion, tab-separated, one row a line:
 *	cmd VERB OPERANDS ABOUT            (operands "-": none; a program without verbs has the verb "-")
 *	opt VERB LETTER NAME VALUE KIND HELP    (verb "*": of every verb; letter and value "-": none)
 * KIND is flag, str, choice, int or list.
 */
void help_dump(struct buf *b, const struct cli_program *program);
void help_dump_cmd(struct buf *b, const struct cli_cmd *cmd);

#endif
