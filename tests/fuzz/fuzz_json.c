/* JSON: what is written reads back as an equal value, and is written the same again. */
#include "fuzz.h"

#include "base/buf.h"
#include "base/err.h"
#include "format/json.h"

#include <string.h>

#define LIMIT  ((size_t)1 << 20)
#define OUTPUT ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	BUF_AUTO first = BUF_INIT(OUTPUT), second = BUF_INIT(OUTPUT);
	struct err err = ERR_INIT;
	struct value v, again;
	ARENA_AUTO a = { 0 };

	if (json_parse(&a, (const char *)data, len, LIMIT, &v, &err) < 0)
		return 0;
	json_value(&first, &v);
	HOLD(json_parse(&a, first.s, first.len, OUTPUT, &again, &err) == 0);
	json_value(&second, &again);
	HOLD(first.len == second.len && memcmp(first.s, second.s, first.len) == 0);
	return 0;
}
