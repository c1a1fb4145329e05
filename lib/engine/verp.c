#include "engine/verp.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LOCAL_MAX = 64, SIGNED_MAX = 64 };

static size_t signed_text(int64_t team, int64_t message, char ret[SIGNED_MAX])
{
	return (size_t)snprintf(ret, SIGNED_MAX, "bounce %" PRId64 " %" PRId64, team, message);
}

const char *verp_sender(const struct token_key *key, const struct mailbox *mb, int64_t team, int64_t message,
                        const char *mail_from, struct arena *a)
{
	const char *sign = strrchr(mail_from, '@');
	char text[SIGNED_MAX], token[TOKEN_TEXT], local[LOCAL_MAX + 1];
	int n = sign ? (int)(sign - mail_from) : 0;

	if (mb->verp == VERP_NONE || !sign)
		return mail_from;
	token_sign(key, text, signed_text(team, message, text), token);
	if (mb->verp == VERP_DOMAIN)
		return arena_printf(a, "b%" PRId64 "-%s@%s", message, token, mb->verp_domain);
	if (mail_from[0] == '"' || snprintf(local, sizeof local, "%.*s+b%" PRId64 "-%s", n, mail_from, message, token) > LOCAL_MAX)
		return mail_from;
	return arena_printf(a, "%s%s", local, sign);
}

/* "b17-TOKEN" at the beginning of s. */
static int64_t message_at(const struct token_key *key, int64_t team, const char *s)
{
	char text[SIGNED_MAX];
	int64_t message = 0;
	size_t n = 1;

	if (tolower((unsigned char)*s) != 'b')
		return 0;
	while (n < 18 && isdigit((unsigned char)s[n]))
		message = message * 10 + (s[n++] - '0');
	if (n == 1 || s[n] != '-')
		return 0;
	return token_good(key, text, signed_text(team, message, text), s + n + 1) ? message : 0;
}

int64_t verp_message(const struct token_key *key, int64_t team, const char *addresses)
{
	bool begins = true;

	for (const char *s = addresses; *s; s++) {
		int64_t message = begins ? message_at(key, team, s) : 0;

		if (message > 0)
			return message;
		begins = *s == ' ' || *s == '+' || *s == '<';
	}
	return 0;
}
