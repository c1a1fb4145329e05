/* Documents: what is accepted has a canonical text that is accepted and says the same. */
#include "fuzz.h"

#include "author/author.h"
#include "base/buf.h"

#include <string.h>

#define OUTPUT ((size_t)64 << 20)

static int load(struct author *au, const char *text, size_t len)
{
	author_init(au);
	au->team = "sales";
	au->validate = true;
	author_load(au, "input.yaml", text, len);
	return author_check(au);
}

static void join_texts(const struct author *au, struct buf *out)
{
	for (size_t i = 0; i < au->n_docs; i++) {
		buf_adds(out, i ? "---\n" : "");
		if (au->docs[i]->kind != DOC_TEAM)
			buf_addf(out, "team: %s\n", au->docs[i]->team);
		buf_adds(out, au->docs[i]->text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	BUF_AUTO said = BUF_INIT(OUTPUT), first = BUF_INIT(OUTPUT), second = BUF_INIT(OUTPUT);
	struct author au, again;
	int got = load(&au, (const char *)data, len);

	HOLD((got < 0) == (au.diags.errors > 0));
	diags_print(&au.diags, &said);
	if (got == 0 && au.n_docs > 0) {
		join_texts(&au, &first);
		HOLD(load(&again, first.s, first.len) == 0);
		join_texts(&again, &second);
		HOLD(first.len == second.len && memcmp(first.s, second.s, first.len) == 0);
		author_release(&again);
	}
	author_release(&au);
	return 0;
}
