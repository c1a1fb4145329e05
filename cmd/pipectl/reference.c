#include "reference.h"

#include "base/err.h"
#include "base/near.h"
#include "cli/context.h"
#include "engine/absent.h"

#include <stdlib.h>
#include <string.h>

static int read_kind(struct cli *cli, const char *word, struct reference *ret, struct err *err)
{
	const char *names[DOC_KIND_COUNT], *near;

	(void)cli;
	if (doc_kind_parse(word, &ret->kind))
		return 0;
	for (int k = 0; k < DOC_KIND_COUNT; k++)
		names[k] = doc_kind_word((enum doc_kind)k);
	near = near_match(word, names, DOC_KIND_COUNT);
	return err_set(err, ERR_USAGE, "there is no kind '%s'%s%s%s", word, near ? "; did you mean '" : "", near ? near : "",
	               near ? "'?" : "");
}

static int read_version(const char *text, struct reference *ret, struct err *err)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < 1 || n > INT32_MAX)
		return err_set(err, ERR_USAGE, "'%s' is no version", text);
	ret->version = (int)n;
	return 0;
}

int reference_read(struct cli *cli, const char *word, bool alone_is_pipeline, struct reference *ret, struct err *err)
{
	char *text = arena_strdup(&cli->arena, word);
	char *at = strchr(text, '@'), *slash = strchr(text, '/');

	*ret = (struct reference){ .kind = DOC_PIPELINE };
	if (at) {
		*at = '\0';
		if (read_version(at + 1, ret, err) < 0)
			return -1;
	}
	if (slash) {
		*slash = '\0';
		ret->name = slash + 1;
		return read_kind(cli, text, ret, err);
	}
	if (!alone_is_pipeline)
		return read_kind(cli, text, ret, err);
	ret->name = text;
	return 0;
}

int reference_find(struct cli *cli, const struct reference *ref, struct document_row *ret, struct err *err)
{
	int got = document_find(cli->db, cli->team, doc_kind_yaml(ref->kind), ref->name, &cli->arena, ret, err);

	if (got == 0)
		return absent_document(cli->db, cli->team, ref->kind, ref->name, err);
	return got < 0 ? -1 : 0;
}

int reference_version(struct cli *cli, const struct document_row *row, int version, struct document_version *ret,
                      struct err *err)
{
	int got = version_load(cli->db, cli->team, row->id, version, &cli->arena, ret, err);
	enum doc_kind kind;

	if (got != 0)
		return got < 0 ? -1 : 0;
	if (!doc_kind_parse(row->kind, &kind))
		BUG("a stored document has the kind '%s'", row->kind);
	return err_set(err, ERR_MISSING, "%s/%s has no version %d; the newest is %d", doc_kind_word(kind), row->name, version,
	               row->version);
}
