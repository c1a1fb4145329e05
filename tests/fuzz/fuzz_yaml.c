/* YAML: what is written reads back, and is written the same again. */
#include "fuzz.h"

#include "base/buf.h"
#include "format/yaml.h"

#include <string.h>

#define OUTPUT ((size_t)64 << 20)

static void write_again(struct arena *a, const struct yaml *node)
{
	BUF_AUTO first = BUF_INIT(OUTPUT), second = BUF_INIT(OUTPUT);
	struct diags diags = { 0 };
	struct yaml_file file;

	yaml_write(node, &first);
	if (first.len <= YAML_SIZE_MAX) {
		HOLD(yaml_read(a, diags_file(&diags, "again"), first.s, first.len, &diags, &file) == 0);
		HOLD(file.n_docs == 1);
		yaml_write(file.docs[0], &second);
		HOLD(first.len == second.len && memcmp(first.s, second.s, first.len) == 0);
	}
	diags_release(&diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	BUF_AUTO out = BUF_INIT(OUTPUT);
	struct diags diags = { 0 };
	ARENA_AUTO a = { 0 };
	struct yaml_file file;
	int got = yaml_read(&a, diags_file(&diags, "input"), (const char *)data, len, &diags, &file);

	HOLD((got < 0) == (diags.errors > 0));
	diags_print(&diags, &out);
	for (size_t i = 0; i < file.n_docs && got == 0; i++)
		write_again(&a, file.docs[i]);
	diags_release(&diags);
	return 0;
}
