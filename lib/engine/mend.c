#include "engine/mend.h"

#include "base/arena.h"
#include "base/buf.h"

#include <string.h>

#define COMMAND_MAX ((size_t)1 << 16)

/* A word of the command line, in quotes when the shell would not take it as it is. */
static void add_word(struct buf *b, const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+=:,./_-";

	if (*word && word[strspn(word, plain)] == '\0') {
		buf_adds(b, word);
		return;
	}
	buf_addc(b, '\'');
	for (; *word; word++)
		if (*word == '\'')
			buf_adds(b, "'\\''");
		else
			buf_addc(b, *word);
	buf_addc(b, '\'');
}

/* The field in "contact.plan", or in "plan", which a wait names; NULL: it is none of a contact's. */
static const char *field_in(const char *name, size_t *len)
{
	static const char root[] = "contact.";
	size_t skip = strlen(root);

	if (*len <= skip || strncmp(name, root, skip) != 0)
		return memchr(name, '.', *len) ? NULL : name;
	*len -= skip;
	return name + skip;
}

const char *mend_command(const char *email, const char *missing, const char *team, struct arena *a)
{
	BUF_AUTO b = BUF_INIT(COMMAND_MAX);

	for (const char *at = missing; *at; at += strspn(at, ", ")) {
		size_t len = strcspn(at, ",");
		const char *field = field_in(at, &len);

		at += strcspn(at, ",");
		if (!field)
			continue;
		if (b.len == 0) {
			buf_adds(&b, "contactctl set ");
			add_word(&b, email);
		}
		buf_addf(&b, " %.*s=...", (int)len, field);
	}
	if (team && b.len)
		buf_addf(&b, " --team %s", team);
	return arena_strdup(a, b.s);
}
