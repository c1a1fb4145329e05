#include "model/message_id.h"

#include "base/arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LETTERS (MESSAGE_ID_SECRET * 8 / 5)

/* Five bits a letter. */
static void letters_of(const unsigned char *bytes, char ret[LETTERS + 1])
{
	static const char letters[] = "234567abcdefghijklmnopqrstuvwxyz";
	unsigned bits = 0, have = 0;

	for (size_t i = 0; i < LETTERS; i++) {
		if (have < 5) {
			bits = bits << 8 | *bytes++;
			have += 8;
		}
		have -= 5;
		ret[i] = letters[bits >> have & 31];
	}
	ret[LETTERS] = '\0';
}

const char *message_id_make(struct arena *a, int64_t number, const unsigned char secret[MESSAGE_ID_SECRET],
                            const char *from_address)
{
	const char *at = strrchr(from_address, '@');
	char text[LETTERS + 1];

	letters_of(secret, text);
	return arena_printf(a, "%lld.%s@%s", (long long)number, text, at ? at + 1 : "localhost");
}

int64_t message_id_number(const char *message_id)
{
	char *end;
	long long number;

	if (*message_id < '1' || *message_id > '9')
		return 0;
	errno = 0;
	number = strtoll(message_id, &end, 10);
	return errno || *end != '.' ? 0 : number;
}
