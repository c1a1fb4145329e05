#include "cli/help.h"

#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/context.h"

#include <string.h>

#define WIDTH 79
#define OPT_COLUMN 28

static void add_synopsis_opt(struct buf *b, const struct opt *opt)
{
	if (opt->letter)
		buf_addf(b, " [-%c", opt->letter);
	else
		buf_addf(b, " [--%s", opt->name);
	if (opt->value)
		buf_addf(b, " %s", opt->value);
	buf_adds(b, opt->kind == OPT_KIND_LIST ? "]..." : "]");
}

static void add_name(struct buf *b, const char *program, const struct cli_cmd *cmd)
{
	buf_adds(b, program);
	if (strcmp(program, cmd->name) != 0)
		buf_addf(b, " %s", cmd->name);
}

/* "pipectl graph [--as dot|mermaid] PIPELINE": one line, without the options that every program has. */
static void help_synopsis(struct buf *b, const char *program, const struct cli_cmd *cmd)
{
	add_name(b, program, cmd);
	for (const struct opt *o = cmd->opts; o && o->kind != OPT_KIND_END; o++)
		add_synopsis_opt(b, o);
	if (cmd->args)
		buf_addf(b, " %s", cmd->args);
}

/* Where the synopsis may be broken: at a blank outside of brackets. */
static size_t piece_length(const char *s)
{
	size_t n = 0;
	int depth = 0;

	for (; s[n] && (s[n] != ' ' || depth); n++)
		depth += s[n] == '[' ? 1 : s[n] == ']' ? -1 : 0;
	return n;
}

static void add_wrapped(struct buf *b, const char *text, size_t indent)
{
	size_t column = 0;

	while (*text) {
		size_t n = piece_length(text);

		if (column && column + 1 + n > WIDTH) {
			buf_addf(b, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column) {
			buf_addc(b, ' ');
			column++;
		}
		buf_add(b, text, n);
		column += n;
		text += n;
		if (*text == ' ')
			text++;
	}
	buf_addc(b, '\n');
}

static void add_indented(struct buf *b, const char *lines)
{
	while (*lines) {
		size_t n = strcspn(lines, "\n");

		buf_addf(b, "  %.*s\n", (int)n, lines);
		lines += n;
		if (*lines)
			lines++;
	}
}

static void add_opt(struct buf *b, const struct opt *opt)
{
	size_t start = b->len, column;

	if (opt->letter)
		buf_addf(b, "  -%c, --%s", opt->letter, opt->name);
	else
		buf_addf(b, "      --%s", opt->name);
	if (opt->value)
		buf_addf(b, " %s", opt->value);
	column = b->len - start;
	if (column + 2 > OPT_COLUMN) {
		buf_addc(b, '\n');
		column = 0;
	}
	buf_addf(b, "%*s%s%s\n", (int)(OPT_COLUMN - column), "", opt->help,
	         opt->kind == OPT_KIND_LIST ? " (repeatable)" : "");
}

static void add_opts(struct buf *b, const char *title, const struct opt *opts)
{
	if (!opts || opts->kind == OPT_KIND_END)
		return;
	buf_addf(b, "\n%s:\n", title);
	for (; opts->kind != OPT_KIND_END; opts++)
		add_opt(b, opts);
}

static void add_examples(struct buf *b, const char *examples)
{
	if (!examples)
		return;
	buf_adds(b, "\nExamples:\n");
	add_indented(b, examples);
}

void help_cmd(struct buf *b, const char *program, const struct cli_cmd *cmd)
{
	BUF_AUTO synopsis = BUF_INIT(8192);

	buf_adds(&synopsis, "usage: ");
	help_synopsis(&synopsis, program, cmd);
	add_wrapped(b, synopsis.s, strlen("usage: ") + 4);
	add_name(b, program, cmd);
	buf_addf(b, ": %s\n", cmd->about);
	add_examples(b, cmd->examples);
	add_opts(b, "Options", cmd->opts);
	add_opts(b, "Options of every command", cli_global_opts);
}

static void add_cmds(struct buf *b, const struct cli_cmd *const *cmds)
{
	for (; *cmds; cmds++) {
		if ((*cmds)->group)
			buf_addf(b, "\n%s:\n", (*cmds)->group);
		buf_addf(b, "  %-13s %s\n", (*cmds)->name, (*cmds)->about);
	}
}

void help_program(struct buf *b, const struct cli_program *program)
{
	buf_addf(b, "usage: %s COMMAND [OPTION]... [OPERAND]...\n%s: %s\n", program->name, program->name,
	         program->about);
	add_examples(b, program->examples);
	add_cmds(b, program->cmds);
	add_cmds(b, cli_builtin_cmds);
	add_opts(b, "Options of every command", cli_global_opts);
	buf_addf(b, "\n'%s help COMMAND' says more; the manual is %s(1).\n", program->name, program->name);
}

void help_short(struct buf *b, const struct cli_program *program)
{
	buf_addf(b, "usage: %s COMMAND [OPTION]... [OPERAND]...\n%s: %s\n", program->name, program->name,
	         program->about);
	add_examples(b, program->examples);
	buf_addf(b, "\n'%s help' lists all commands, '%s help COMMAND' says how each is used.\n", program->name,
	         program->name);
}

static void dump_opts(struct buf *b, const char *verb, const struct opt *opts)
{
	static const char *const kinds[] = {
		[OPT_KIND_FLAG] = "flag", [OPT_KIND_STR] = "str",   [OPT_KIND_CHOICE] = "choice",
		[OPT_KIND_INT] = "int",   [OPT_KIND_LIST] = "list",
	};

	for (; opts && opts->kind != OPT_KIND_END; opts++)
		buf_addf(b, "opt\t%s\t%c\t%s\t%s\t%s\t%s\n", verb, opts->letter ? opts->letter : '-', opts->name,
		         opts->value ? opts->value : "-", kinds[opts->kind], opts->help);
}

static void dump_cmd(struct buf *b, const char *verb, const struct cli_cmd *cmd)
{
	buf_addf(b, "cmd\t%s\t%s\t%s\n", verb, cmd->args ? cmd->args : "-", cmd->about);
	dump_opts(b, verb, cmd->opts);
}

void help_dump_cmd(struct buf *b, const struct cli_cmd *cmd)
{
	dump_opts(b, "*", cli_global_opts);
	dump_cmd(b, "-", cmd);
}

void help_dump(struct buf *b, const struct cli_program *program)
{
	dump_opts(b, "*", cli_global_opts);
	for (const struct cli_cmd *const *c = program->cmds; *c; c++)
		dump_cmd(b, (*c)->name, *c);
	for (const struct cli_cmd *const *c = cli_builtin_cmds; *c; c++)
		dump_cmd(b, (*c)->name, *c);
}
