#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/completion_private.h"
#include "cli/context.h"

#include <string.h>

/*
 * bash and zsh read the same three functions, made from the tables, and differ in how a command line is given and
 * answered. In the fixed texts PROGRAM stands for the program's name.
 */

static const char bash_walk[] =
	"\n"
	"_PROGRAM_reply()\n"
	"{\n"
	"\tlocal spec\n"
	"\tlocal -a more\n"
	"\tfor spec; do\n"
	"\t\tcase $spec in\n"
	"\t\tFILE)\n"
	"\t\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\t\tmapfile -t more < <(compgen -f -- \"$cur\")\n"
	"\t\t\t;;\n"
	"\t\t@kind/name)\n"
	"\t\t\t[[ $cur == */* ]] || compopt -o nospace 2>/dev/null\n"
	"\t\t\tmapfile -t more < <(compgen -W \"$(_PROGRAM_documents)\" -- \"$cur\")\n"
	"\t\t\t;;\n"
	"\t\t@*) mapfile -t more < <(compgen -W \"$(_PROGRAM_names \"${spec#@}\")\" -- \"$cur\") ;;\n"
	"\t\t*) mapfile -t more < <(compgen -W \"$spec\" -- \"$cur\") ;;\n"
	"\t\tesac\n"
	"\t\tCOMPREPLY+=(\"${more[@]}\")\n"
	"\tdone\n"
	"}\n"
	"\n"
	"_PROGRAM()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} verb= option= end= word i n=1\n"
	"\tlocal -a specs=() context=()\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\t_PROGRAM_word \"$word\"\n"
	"\tdone\n"
	"\t[[ $cur == = ]] && cur=\n"
	"\tCOMPREPLY=()\n"
	"\t_PROGRAM_choose\n"
	"\t_PROGRAM_reply \"${specs[@]}\"\n"
	"}\n"
	"complete -F _PROGRAM PROGRAM\n";

static const char zsh_walk[] =
	"\n"
	"_PROGRAM()\n"
	"{\n"
	"\tlocal cur=${words[CURRENT]} verb= option= end= spec i n=1\n"
	"\tlocal -a specs context\n"
	"\tfor ((i = 2; i < CURRENT; i++)); do\n"
	"\t\t_PROGRAM_word \"${words[i]}\"\n"
	"\tdone\n"
	"\tif [[ $cur == --*=* ]]; then\n"
	"\t\toption=${cur%%=*}\n"
	"\t\tcompset -P '*='\n"
	"\tfi\n"
	"\t_PROGRAM_choose\n"
	"\tfor spec in $specs; do\n"
	"\t\tcase $spec in\n"
	"\t\tFILE) _files ;;\n"
	"\t\t@kind/name)\n"
	"\t\t\tif [[ $cur == */* ]]; then\n"
	"\t\t\t\tcompadd -- ${=\"$(_PROGRAM_documents)\"}\n"
	"\t\t\telse\n"
	"\t\t\t\tcompadd -S '' -- ${=\"$(_PROGRAM_documents)\"}\n"
	"\t\t\tfi\n"
	"\t\t\t;;\n"
	"\t\t@*) compadd -- ${=\"$(_PROGRAM_names \"${spec#@}\")\"} ;;\n"
	"\t\t*) compadd -- $spec ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"}\n"
	"if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n"
	"\t_PROGRAM \"$@\"\n"
	"else\n"
	"\tcompdef _PROGRAM PROGRAM\n"
	"fi\n";

/* $context: --db and --team as typed before, so that the names are of that database. */
static const char common[] =
	"\n"
	"_PROGRAM_names()\n"
	"{\n"
	"\tlocal before=\n"
	"\tcase $1 in\n"
	"\tkinds) echo \"KINDS\" ;;\n"
	"\t*/) before=$1 ;&\n"
	"\t*) pipectl list \"${1%/}\" \"${context[@]}\" 2>/dev/null </dev/null | cut -f1 | sed \"s|^|$before|\" ;;\n"
	"\tesac\n"
	"}\n"
	"\n"
	"_PROGRAM_documents()\n"
	"{\n"
	"\tlocal kind=${cur%%/*}\n"
	"\tif [ \"$kind\" = \"$cur\" ]; then\n"
	"\t\tprintf '%s/\\n' DOC_WORDS\n"
	"\telse\n"
	"\t\t_PROGRAM_names \"$kind/\"\n"
	"\tfi\n"
	"}\n"
	"\n"
	"_PROGRAM_word()\n"
	"{\n"
	"\tif [ -n \"$option\" ]; then\n"
	"\t\t[ \"$1\" = = ] && return\n"
	"\t\tcase $option in --db|--team) context+=(\"$option\" \"$1\") ;; esac\n"
	"\t\toption=\n"
	"\telif [ \"$1\" = -- ]; then\n"
	"\t\tend=1\n"
	"\telif [ -z \"$end\" ] && [ \"${1#-}\" != \"$1\" ] && [ \"$1\" != - ]; then\n"
	"\t\tcase $1 in\n"
	"\t\t--db=*|--team=*) context+=(\"$1\") ;;\n"
	"\t\t*) _PROGRAM_value \"$verb\" \"$1\" && option=$1 ;;\n"
	"\t\tesac\n"
	"\telif [ -z \"$verb\" ]; then\n"
	"\t\tverb=$1\n"
	"\telse\n"
	"\t\tn=$((n + 1))\n"
	"\tfi\n"
	"}\n"
	"\n"
	"_PROGRAM_choose()\n"
	"{\n"
	"\tspecs=()\n"
	"\tif [ -n \"$option\" ]; then\n"
	"\t\t_PROGRAM_value \"$verb\" \"$option\"\n"
	"\telif [ -z \"$end\" ] && [ \"${cur#-}\" != \"$cur\" ]; then\n"
	"\t\t_PROGRAM_options \"$verb\"\n"
	"\telif [ -z \"$verb\" ]; then\n"
	"\t\t_PROGRAM_verbs\n"
	"\telse\n"
	"\t\t_PROGRAM_operand \"$verb\" \"$n\"\n"
	"\tfi\n"
	"}\n";

static bool starts_with(const char *s, const char *word)
{
	return strncmp(s, word, strlen(word)) == 0;
}

static void add_fixed(struct buf *b, const char *text, const char *program)
{
	while (*text) {
		if (starts_with(text, "PROGRAM")) {
			buf_adds(b, program);
			text += strlen("PROGRAM");
		} else if (starts_with(text, "DOC_WORDS")) {
			completion_kinds(b, false);
			text += strlen("DOC_WORDS");
		} else if (starts_with(text, "KINDS")) {
			completion_kinds(b, true);
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
	for (const struct cli_cmd *c = program->cmds; c->name; c++)
		f(b, c);
	for (const struct cli_cmd *c = cli_builtin_cmds; c->name; c++)
		f(b, c);
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
	buf_addf(b, "# Completion of %s for bash; made by '%s completion bash'.\n\n", program->name, program->name);
	add_tables(b, program);
	add_fixed(b, common, program->name);
	add_fixed(b, bash_walk, program->name);
}

void completion_zsh(struct buf *b, const struct cli_program *program)
{
	buf_addf(b, "#compdef %s\n# Made by '%s completion zsh'.\n\n", program->name, program->name);
	add_tables(b, program);
	add_fixed(b, common, program->name);
	add_fixed(b, zsh_walk, program->name);
}
