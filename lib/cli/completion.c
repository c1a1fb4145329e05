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
	{ "CALENDAR", "calendars" }, { "FORM", "forms" },       { "FUNNEL", "funnels" }, { "MAILBOX", "mailboxes" },
	{ "M", "mailboxes" },        { "P", "pipelines" },      { "PIPELINE", "pipelines" }, { "SEGMENT", "segments" },
	{ "TEAM", "teams" },         { "TEMPLATE", "templates" },
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

/* One alternative of a placeholder: "FILE.json", "PIPELINE", "add", "KIND/NAME", "-". */
static void add_alternative(struct buf *b, const char *s, size_t len)
{
	if (is_word(s, len)) {
		add_spec(b, s, len);
		return;
	}
	if (len >= 4 && memcmp(s, "FILE", 4) == 0)
		add_spec(b, "FILE", 4);
	else if (equals(s, len, "DIR"))
		add_spec(b, "FILE", 4);
	else if (len > 5 && memcmp(s, "KIND/", 5) == 0)
		add_spec(b, "@kind/name", strlen("@kind/name"));
	else if (equals(s, len, "KIND"))
		add_spec(b, "@kinds", strlen("@kinds"));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (equals(s, len, names[i].placeholder))
			buf_addf(b, "%s@%s", b->len ? " " : "", names[i].kinds);
}

/* "[PIPELINE|--all]..." without its brackets and dots, in alternatives */
void completion_specs(struct buf *b, const char *placeholder, size_t len)
{
	const char *at = placeholder, *end = placeholder + len;

	while (at < end) {
		size_t n;

		at += strspn(at, "[|. ");
		if (at >= end)
			return;
		n = strcspn(at, "[]|. ");
		if (n > (size_t)(end - at))
			n = (size_t)(end - at);
		if (at[n] == '[' && memcmp(at + n, "[/", 2) == 0)
			n = strcspn(at, "]|. ");
		add_alternative(b, at, n);
		at += n;
		at += strspn(at, "]");
	}
}

/* --team NAME has a placeholder that says nothing. */
void completion_option(struct buf *b, const struct opt *opt)
{
	const char *placeholder = strcmp(opt->name, "team") == 0 ? "TEAM" : opt->value;

	completion_specs(b, placeholder, strlen(placeholder));
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
