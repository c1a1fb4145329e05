#include "author/steps.h"

#include "base/buf.h"

#include <string.h>

/* The canonical text has no team: the same document may go to another one. */
static void drop_team(struct yaml *tree)
{
	size_t n = 0;

	for (size_t i = 0; i < tree->n; i++)
		if (strcmp(tree->pairs[i].key->text, "team") != 0)
			tree->pairs[n++] = tree->pairs[i];
	tree->n = n;
}

static void write_canonical(struct author *au, struct document *d)
{
	BUF_AUTO text = BUF_INIT(YAML_SIZE_MAX);

	drop_team(d->tree);
	yaml_write(d->tree, &text);
	if (text.over) {
		diag_error(&au->diags, d->at, "%s '%s' has more than 1 MiB with the files that it names",
		           doc_kind_yaml(d->kind), d->name);
		return;
	}
	d->text = arena_strndup(&au->arena, text.s, text.len);
	d->text_len = text.len;
	if (d->kind == DOC_PIPELINE)
		steps_sign(&au->arena, d->pipeline, d->tree);
}

int author_check(struct author *au)
{
	link_refs(au);
	senders_warn(au);
	for (size_t i = 0; i < au->n_docs; i++)
		if (!au->docs[i]->stored && au->docs[i]->good)
			write_canonical(au, au->docs[i]);
	return au->diags.errors > 0 ? -1 : 0;
}
