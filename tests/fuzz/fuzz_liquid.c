/*
 * Templates: compiling and rendering stay within their limits, give the same twice, and a hostile value never comes
 * out of an HTML template as it went in.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "format/liquid.h"

#include <string.h>

#define OUTPUT_MAX 65536
#define HOSTILE    "<\"'pwn onerror=x>"
#define HOSTILE_IN "<\"'pwn"

static struct value data_of(struct arena *a)
{
	struct value root = value_map(a), contact = value_map(a), list = value_array(a);

	value_map_set(&contact, "first_name", value_text("Anna"));
	value_map_set(&contact, "last_name", value_text(HOSTILE));
	value_map_set(&contact, "company", value_text(""));
	value_map_set(&contact, "score", value_int(INT64_MAX));
	value_map_set(&contact, "ratio", value_double(-1e308));
	value_map_set(&contact, "since", value_text("2024-02-29T23:59:59+13:45"));
	for (int i = 0; i < 5; i++)
		value_array_add(&list, i % 2 ? value_int(i) : contact);
	value_map_set(&root, "contact", contact);
	value_map_set(&root, "list", list);
	value_map_set(&root, "n", value_int(3));
	value_map_set(&root, "t", value_bool(true));
	return root;
}

static int render(const struct liquid *t, const struct liquid_options *how, struct buf *out)
{
	ARENA_AUTO a = { 0 }, scratch = { 0 };
	struct value root = data_of(&a);
	struct liquid_report report;

	return liquid_render(t, &root, how, &scratch, out, &report);
}

/* Could the template make the hostile text by itself? */
static bool is_innocent(const char *text, size_t len)
{
	return !memmem(text, len, "raw", 3) && !memmem(text, len, "\"'", 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	BUF_AUTO first = BUF_INIT(2 * OUTPUT_MAX), second = BUF_INIT(2 * OUTPUT_MAX);
	const char *text = (const char *)data + 1;
	struct liquid_options how = { .now = 1782716400, .max_output = OUTPUT_MAX, .max_memory = 1 << 20,
		                          .max_iterations = 2000, .max_steps = 20000 };
	struct liquid_problem problem;
	const struct liquid *t;
	ARENA_AUTO a = { 0 };
	int got;

	if (len-- == 0 || liquid_compile(&a, text, len, &t, &problem) < 0)
		return 0;
	how.html = data[0] & 1;
	how.strict = data[0] & 2;
	got = render(t, &how, &first);
	HOLD(first.len <= OUTPUT_MAX);
	HOLD(render(t, &how, &second) == got);
	HOLD(first.len == second.len && memcmp(first.s, second.s, first.len) == 0);
	if (how.html && is_innocent(text, len))
		HOLD(!memmem(first.s, first.len, HOSTILE_IN, strlen(HOSTILE_IN)));
	return 0;
}
