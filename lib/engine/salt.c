#include "engine/salt.h"

#include "base/random.h"

#include <stdio.h>
#include <string.h>

#define META_SALT "salt"

static void make(char ret[VEIL_SALT + 1])
{
	unsigned char bytes[VEIL_SALT / 2];

	random_bytes(bytes, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
}

int salt_load(struct engine *e, bool keep, char ret[VEIL_SALT + 1], struct err *err)
{
	ARENA_AUTO a = { 0 };
	const char *text;
	int got = meta_get(e->db, META_SALT, &a, &text, err);

	if (got < 0)
		return -1;
	if (got > 0 && strlen(text) == VEIL_SALT) {
		memcpy(ret, text, VEIL_SALT + 1);
		return 0;
	}
	make(ret);
	return keep ? meta_set(e->db, META_SALT, ret, err) : 0;
}
