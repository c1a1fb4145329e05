#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/completion_private.h"
#include "cli/context.h"

#include <string.h>

/*
 * bash and zsh read the same functions, made from the tables and completion/shared.sh, and differ in how a
 * command line is given and answered. In the fixed texts PROGRAM stands for the program's name, DOC_WORDS and KINDS for
 * the kinds of documents.
 */

static bool starts_with(const char *s, const char *word)
{
	return strncmp(s, word, strlen(word)) == 0;
}

static void add_fixed(struct buf *b, const char *text, const struct cli_program *program)
{
	while (*text) {
		if (starts_with(text, "PROGRAM")) {
			buf_adds(b, program->name);
			text += strlen("PROGRAM");
		} else if (starts_with(text, "DOC_WORDS")) {
			completion_kinds(b, program, false);
			text += strlen("DOC_WORDS");
		} else if (starts_with(text, "KINDS")) {
			completion_kinds(b, program, true);
			text += strlen("KINDS");
		} else {
			buf_addc(b, *text++);
		}
	}
}

/* Calls f for the program's own verbs, then for the built-in ones. */
static void each_cmd(struct buf *b, const struct cli_program *program,
                     void (*f)(struct buf *b, const struct cli_cmd *cmd))
{
	for (const struct cli_cmd *const *c = program->cmds; *c; c++)
		f(b, *c);
	for (const struct cli_cmd *const *c = cli_builtin_cmds; *c; c++)
		f(b, *c);
}

static void add_verb(struct buf *b, const struct cli_cmd *cmd)
{
	buf_addf(b, " %s", cmd->name);
}

static void add_opt_names(struct buf *b, const struct opt *opts)
{
	for (; opts && opts->kind != OPT_KIND_END; opts++) {
		if (opts->letter)
			buf_addf(b, " -%c", opts->letter);
		buf_addf(b, " --%s", opts->name);
	}
}

static void add_options_case(struct buf *b, const struct cli_cmd *cmd)
{
	if (!cmd->opts)
		return;
	buf_addf(b, "\t%s) specs+=(", cmd->name);
	add_opt_names(b, cmd->opts);
	buf_adds(b, ") ;;\n");
}

static void add_value_cases(struct buf *b, const char *verb, const struct opt *opts)
{
	for (; opts && opts->kind != OPT_KIND_END; opts++) {
		BUF_AUTO specs = BUF_INIT(4096);

		if (!opts->value)
			continue;
		completion_option(&specs, opts);
		buf_addf(b, "\t%s/--%s", verb, opts->name);
		if (opts->letter)
			buf_addf(b, "|%s/-%c", verb, opts->letter);
		buf_addf(b, ") specs=(%s) ;;\n", specs.s);
	}
}

static void add_values_of(struct buf *b, const struct cli_cmd *cmd)
{
	add_value_cases(b, cmd->name, cmd->opts);
}

static void add_operand_cases(struct buf *b, const struct cli_cmd *cmd)
{
	const char *args = cmd->args ? cmd->args : "", *operand;
	bool repeats = false;
	size_t len;

	for (int n = 1; !repeats && completion_operand(&args, &operand, &len, &repeats); n++) {
		BUF_AUTO specs = BUF_INIT(4096);

		completion_specs(&specs, operand, len);
		if (!specs.len)
			continue;
		if (repeats)
			buf_addf(b, "\t%s/*) specs=(%s) ;;\n", cmd->name, specs.s);
		else
			buf_addf(b, "\t%s/%d) specs=(%s) ;;\n", cmd->name, n, specs.s);
	}
}

static void add_tables(struct buf *b, const struct cli_program *program)
{
	buf_addf(b, "_%s_verbs()\n{\n\tspecs=(", program->name);
	each_cmd(b, program, add_verb);
	buf_addf(b, ")\n}\n\n_%s_options()\n{\n\tspecs=(", program->name);
	add_opt_names(b, cli_global_opts);
	buf_adds(b, ")\n\tcase $1 in\n");
	each_cmd(b, program, add_options_case);
	buf_addf(b, "\tesac\n}\n\n_%s_value()\n{\n\tcase $1/$2 in\n", program->name);
	each_cmd(b, program, add_values_of);
	add_value_cases(b, "*", cli_global_opts);
	buf_addf(b, "\t*) return 1 ;;\n\tesac\n}\n\n_%s_operand()\n{\n\tcase $1/$2 in\n", program->name);
	each_cmd(b, program, add_operand_cases);
	buf_adds(b, "\t*) specs=() ;;\n\tesac\n}\n");
}

void completion_bash(struct buf *b, const struct cli_program *program)
{
	buf_addf(b, "# Completion of %s for bash; made by '%s completion bash'.\n\n", program->name,
	         program->name);
	add_tables(b, program);
	add_fixed(b, completion_text_shared, program);
	add_fixed(b, completion_text_bash, program);
}

void completion_zsh(struct buf *b, const struct cli_program *program)
{
	buf_addf(b, "#compdef %s\n# Made by '%s completion zsh'.\n\n", program->name, program->name);
	add_tables(b, program);
	add_fixed(b, completion_text_shared, program);
	add_fixed(b, completion_text_zsh, program);
}
