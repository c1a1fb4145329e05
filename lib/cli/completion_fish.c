#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/completion_private.h"
#include "cli/context.h"

#include <string.h>

static void add_quoted(struct buf *b, const char *text)
{
	buf_addc(b, '\'');
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			buf_addc(b, '\\');
		buf_addc(b, *text);
	}
	buf_addc(b, '\'');
}

/* " -f -a '...'" for the specs; files are what fish proposes by itself. */
static void add_proposals(struct buf *b, const struct cli_program *program, const char *specs)
{
	BUF_AUTO list = BUF_INIT(8192);

	if (!strstr(specs, "FILE"))
		buf_adds(b, " -f");
	for (size_t n; *specs; specs += n + (specs[n] == ' ')) {
		n = strcspn(specs, " ");
		if (n == strlen("@kinds") && memcmp(specs, "@kinds", n) == 0) {
			buf_addc(&list, ' ');
			completion_kinds(&list, program, true);
		} else if (n == strlen("@kind/name") && memcmp(specs, "@kind/name", n) == 0) {
			buf_adds(&list, " (__pipewright_documents ");
			completion_kinds(&list, program, false);
			buf_adds(&list, ")");
		} else if (specs[0] == '@' && specs[n - 1] == '/') {
			buf_addf(&list, " (__pipewright_names %.*s %.*s)", (int)n - 2, specs + 1, (int)n - 1, specs + 1);
		} else if (specs[0] == '@') {
			buf_addf(&list, " (__pipewright_names %.*s)", (int)n - 1, specs + 1);
		} else if (strncmp(specs, "FILE", n) != 0) {
			buf_addf(&list, " %.*s", (int)n, specs);
		}
	}
	if (list.len) {
		buf_adds(b, " -a ");
		add_quoted(b, list.s + 1);
	}
}

static void add_opts(struct buf *b, const struct cli_program *program, const char *verb, const struct opt *opts)
{
	for (; opts && opts->kind != OPT_KIND_END; opts++) {
		BUF_AUTO specs = BUF_INIT(4096);

		buf_addf(b, "complete -c %s", program->name);
		if (verb)
			buf_addf(b, " -n '__fish_seen_subcommand_from %s'", verb);
		if (opts->letter)
			buf_addf(b, " -s %c", opts->letter);
		buf_addf(b, " -l %s", opts->name);
		if (opts->value) {
			completion_option(&specs, opts);
			buf_adds(b, " -r");
			add_proposals(b, program, specs.s);
		}
		buf_adds(b, " -d ");
		add_quoted(b, opts->help);
		buf_addc(b, '\n');
	}
}

/* fish counts no operands: what any of them may be is proposed at each. */
static void add_cmd(struct buf *b, const struct cli_program *program, const struct cli_cmd *cmd)
{
	BUF_AUTO specs = BUF_INIT(4096);

	buf_addf(b, "complete -c %s -n __fish_use_subcommand -f -a %s -d ", program->name, cmd->name);
	add_quoted(b, cmd->about);
	buf_addc(b, '\n');
	if (cmd->args)
		completion_specs(&specs, cmd->args, strlen(cmd->args));
	buf_addf(b, "complete -c %s -n '__fish_seen_subcommand_from %s'", program->name, cmd->name);
	add_proposals(b, program, specs.s);
	buf_addc(b, '\n');
	add_opts(b, program, cmd->name, cmd->opts);
}

void completion_fish(struct buf *b, const struct cli_program *program)
{
	buf_addf(b, "# Completion of %s for fish; made by '%s completion fish'.\n\n", program->name,
	         program->name);
	buf_adds(b, completion_text_fish);
	buf_addc(b, '\n');
	add_opts(b, program, NULL, cli_global_opts);
	for (const struct cli_cmd *const *c = program->cmds; *c; c++)
		add_cmd(b, program, *c);
	for (const struct cli_cmd *const *c = cli_builtin_cmds; *c; c++)
		add_cmd(b, program, *c);
}
