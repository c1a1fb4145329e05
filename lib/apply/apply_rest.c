#include "apply/apply_private.h"

#include "base/buf.h"

#include <stdio.h>
#include <string.h>

/*
 * Texts that are not touched may name what goes: a template, a field, a member. They are checked as if they came from
 * files, together with what the others will be.
 */

/* Fields and Teams have names in them that others use. */
static bool may_break(const struct apply_item *item)
{
	if (item->action == APPLY_DELETED)
		return true;
	return item->action == APPLY_CONFIGURED && (item->kind == DOC_FIELDS || item->kind == DOC_TEAM);
}

static bool anything_may_break(const struct apply *ap)
{
	for (size_t i = 0; i < ap->n_items; i++)
		if (may_break(&ap->items[i]))
			return true;
	return false;
}

static const struct apply_item *item_of(const struct apply *ap, const struct document_row *row)
{
	for (size_t i = 0; i < ap->n_items; i++)
		if (ap->items[i].row.id == row->id)
			return &ap->items[i];
	return NULL;
}

static void load_row(struct author *au, const struct document_row *row)
{
	char name[160];

	snprintf(name, sizeof name, "%s/%s", doc_kind_word(apply_row_kind(row)), row->name);
	author_load(au, name, row->body, strlen(row->body));
}

static void load_untouched(const struct apply *ap, struct author *au)
{
	for (size_t i = 0; i < ap->n_rows; i++)
		if (!item_of(ap, &ap->rows[i]))
			load_row(au, &ap->rows[i]);
}

/* Makes the documents of the files known, which are right by themselves, and reads the untouched ones. */
static void load_after(const struct apply *ap, struct author *au)
{
	struct err err = ERR_INIT;

	for (size_t i = 0; i < ap->n_items; i++) {
		const struct document *d = ap->items[i].doc;

		if (d && author_know(au, ap->who.team_name, d->text, d->text_len, &err) < 0)
			BUG("%s/%s cannot be read: %s", doc_kind_word(d->kind), d->name, err.text);
	}
	load_untouched(ap, au);
}

/* The same with what is stored in their place, and of those that are to be deleted. */
static int load_before(const struct apply *ap, struct author *au, struct err *err)
{
	for (size_t i = 0; i < ap->n_rows; i++) {
		const struct document_row *row = &ap->rows[i];

		if (item_of(ap, row) && author_know(au, ap->who.team_name, row->body, strlen(row->body), err) < 0)
			return err_prefix(err, "%s/%s", doc_kind_word(apply_row_kind(row)), row->name);
	}
	load_untouched(ap, au);
	return 0;
}

static void begin(const struct apply *ap, struct author *au)
{
	author_init(au);
	au->team = ap->who.team_name;
	au->files = ap->author.files;
	au->files.read = NULL;
}

static bool says(const struct diags *d, const struct diag *what)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->list[i].at.line == what->at.line && d->list[i].at.column == what->at.column &&
		    strcmp(d->list[i].at.file, what->at.file) == 0 && strcmp(d->list[i].text, what->text) == 0)
			return true;
	return false;
}

/* What is wrong now and was not before; what was wrong already is nobody's fault here. */
static int report_new(struct apply *ap, const struct author *after, const struct author *before)
{
	int n = 0;

	for (size_t i = 0; i < after->diags.n; i++) {
		const struct diag *g = &after->diags.list[i];
		struct place at = g->at;

		if (g->severity != DIAG_ERROR || says(&before->diags, g))
			continue;
		at.file = diags_file(&ap->author.diags, at.file);
		diag_error(&ap->author.diags, at, "%s", g->text);
		n++;
	}
	return n;
}

/* Finds who is to blame for what is wrong. 1 it was so before, 0 the caller (in the diagnostics), -1. */
static int compare_before(struct apply *ap, const struct author *after, struct err *err)
{
	struct author before;
	int got;

	begin(ap, &before);
	got = load_before(ap, &before, err);
	if (got == 0) {
		author_check(&before);
		got = report_new(ap, after, &before) > 0 ? 0 : 1;
	}
	author_release(&before);
	return got;
}

int apply_check_rest(struct apply *ap, struct err *err)
{
	struct author after;
	int got = 1;

	if (!anything_may_break(ap))
		return 1;
	begin(ap, &after);
	load_after(ap, &after);
	if (author_check(&after) < 0)
		got = compare_before(ap, &after, err);
	author_release(&after);
	return got;
}
