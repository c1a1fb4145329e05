#include "cli/completion.h"

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "cli/cmd.h"
#include "cli/completion_private.h"
#include "cli/context.h"

#include <ctype.h>
#include <string.h>

/* What stands in synopses for names of the database: `pipectl list` with this word lists them. */
static const struct {
	const char *placeholder, *kinds;
} names[] = {
	{ "CALENDAR", "calendars" }, { "FORM", "forms" },       { "FUNNEL", "funnels" },
	{ "MAILBOX", "mailboxes" },  { "M", "mailboxes" },      { "P", "pipelines" },
	{ "PIPELINE", "pipelines" }, { "SEGMENT", "segments" }, { "TEAM", "teams" },
	{ "TEMPLATE", "templates" },
};

static bool is_word(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!islower((unsigned char)s[i]) && !isdigit((unsigned char)s[i]) && s[i] != '-' && s[i] != '_')
			return false;
	return len > 0 && s[0] != '-';
}

static bool equals(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(s, word, len) == 0;
}

static void add_spec(struct buf *b, const char *spec, size_t len)
{
	buf_addf(b, "%s%.*s", b->len ? " " : "", (int)len, spec);
}

static void add_names_of(struct buf *b, const char *s, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (equals(s, len, names[i].placeholder))
			buf_addf(b, "%s@%s", b->len ? " " : "", names[i].kinds);
}

/* One alternative of a placeholder: "FILE.json", "PIPELINE", "add", "mailbox/M", "KIND/NAME[@VERSION]", "-". */
static void add_alternative(struct buf *b, const char *s, size_t len)
{
	const char *slash = memchr(s, '/', len);

	if (is_word(s, len))
		add_spec(b, s, len);
	else if (slash && is_word(s, (size_t)(slash - s)))
		buf_addf(b, "%s@%.*s", b->len ? " " : "", (int)(slash - s + 1), s);
	else if (slash && strncmp(s, "KIND", 4) == 0)
		add_spec(b, "@kind/name", strlen("@kind/name"));
	else if (equals(s, len, "KIND"))
		add_spec(b, "@kinds", strlen("@kinds"));
	else if (!strstr(b->s, "FILE") && (strncmp(s, "FILE", 4) == 0 || equals(s, len, "DIR")))
		add_spec(b, "FILE", 4);
	else
		add_names_of(b, s, len);
}

/* "KIND[/NAME]" is one alternative, "KIND[.FIELD]" ends at the bracket. */
static size_t alternative_length(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && !strchr("[]| ", s[n]))
		n++;
	if (n + 1 < len && s[n] == '[' && s[n + 1] == '/')
		n += 2;
	while (n > 0 && s[n - 1] == '.')
		n--;
	return n;
}

void completion_specs(struct buf *b, const char *placeholder, size_t len)
{
	for (size_t at = 0, n; at < len; at += n) {
		n = alternative_length(placeholder + at, len - at);
		if (n)
			add_alternative(b, placeholder + at, n);
		else
			n = 1;
	}
}

/* --team NAME has a placeholder that says nothing. */
void completion_option(struct buf *b, const struct opt *opt)
{
	const char *placeholder = strcmp(opt->name, "team") == 0 ? "TEAM" : opt->value;

	if (!opt->words)
		completion_specs(b, placeholder, strlen(placeholder));
	for (const char *at = opt->words; at && *at; at += *at == '|') {
		size_t n = strcspn(at, "|");

		add_spec(b, at, n);
		at += n;
	}
}

bool completion_operand(const char **args, const char **ret, size_t *ret_len, bool *ret_repeats)
{
	const char *at = *args;
	size_t n = 0;
	int depth = 0;

	at += strspn(at, " ");
	if (!*at)
		return false;
	for (; at[n] && (at[n] != ' ' || depth); n++)
		depth += at[n] == '[' ? 1 : at[n] == ']' ? -1 : 0;
	*ret = at;
	*ret_len = n;
	*ret_repeats = n >= 3 && memmem(at, n, "...", 3);
	*args = at + n;
	return true;
}

void completion_kinds(struct buf *b, const struct cli_program *program, bool plural)
{
	const char *blank = "";

	for (int i = 0; i < DOC_KIND_COUNT; i++, blank = " ") {
		enum doc_kind kind = (enum doc_kind)i;

		if (program->kind_later && program->kind_later(kind))
			continue;
		buf_addf(b, "%s%s", blank, plural ? doc_kind_plural(kind) : doc_kind_word(kind));
	}
}

int completion_write(struct buf *b, const struct cli_program *program, const char *shell, struct err *err)
{
	if (strcmp(shell, "bash") == 0)
		completion_bash(b, program);
	else if (strcmp(shell, "zsh") == 0)
		completion_zsh(b, program);
	else if (strcmp(shell, "fish") == 0)
		completion_fish(b, program);
	else
		return err_set(err, ERR_USAGE, "no completion for '%s': bash, zsh or fish", shell);
	return 0;
}
