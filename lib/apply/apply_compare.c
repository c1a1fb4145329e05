#include "apply/apply_private.h"

#include "format/diff.h"
#include "model/match.h"
#include "store/tally_store.h"

#include <stdio.h>
#include <string.h>

/* Those of a file stand behind those of the file before. */
static const struct apply_file *file_of(const struct apply *ap, size_t doc)
{
	for (size_t i = 0; i < ap->n_files; i++)
		if (doc < ap->files[i].first + ap->files[i].n)
			return &ap->files[i];
	BUG("a document is in no file");
}

static bool given_whole(const struct apply *ap, const char *folder)
{
	for (size_t i = 0; i < ap->n_folders; i++)
		if (strcmp(ap->folders[i], folder) == 0)
			return true;
	return false;
}

/*
 * A document belongs to a folder when the folder was given whole. Naming its file alone does not take it away from
 * there; coming from somewhere else does.
 */
static const char *folder_of(const struct apply *ap, const struct apply_file *f, const struct document_row *row)
{
	if (!f->folder)
		return "";
	if (given_whole(ap, f->folder) || strcmp(row->folder, f->folder) == 0)
		return f->folder;
	return "";
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int count_people(struct apply *ap, struct apply_item *item, struct err *err)
{
	struct run_stand *stands;
	int n = run_stands(ap->e->db, ap->who.team, item->row.id, &ap->arena, &stands, err);

	for (int i = 0; i < n; i++)
		item->people += stands[i].runs;
	return err_or_none(n);
}

/* Its newest version. */
static int load_stored(struct apply *ap, const struct apply_item *item, struct pipeline **ret, struct err *err)
{
	struct pipeline *p = ARENA_NEW(&ap->arena, struct pipeline);
	int got = pipeline_load_version(ap->e->db, ap->who.team, item->row.id, item->row.version, &ap->arena, p, err);

	if (got == 0)
		return err_set(err, ERR_CONFIG, "pipeline '%s' has no version %d", item->name, item->row.version);
	*ret = p;
	return err_or_none(got);
}

/* Gives the steps their permanent numbers, and says what happens to people. */
static int compare_steps(struct apply *ap, struct apply_item *item, struct err *err)
{
	struct pipeline *new = item->doc->pipeline;
	struct migration_request want = { .now = new };

	item->next_step = item->row.id ? item->row.next_step : 1;
	if (item->row.id && load_stored(ap, item, &item->old, err) < 0)
		return -1;
	match_steps(item->old, new, &ap->arena, &item->next_step);
	item->steps_changed = item->old && !match_same(item->old, new);
	if (!item->steps_changed)
		return 0;
	return migrate_plan(ap->e->db, ap->who.team, item->row.id, &want, &ap->arena, &item->plan, err);
}

static int plan_stragglers(struct apply *ap, struct apply_item *item, struct err *err)
{
	struct migration_request want = { 0 };
	struct pipeline *now;

	if (load_stored(ap, item, &now, err) < 0)
		return -1;
	want.now = now;
	return migrate_plan(ap->e->db, ap->who.team, item->row.id, &want, &ap->arena, &item->plan, err);
}

int apply_plan_stragglers(struct apply *ap, struct err *err)
{
	for (size_t i = 0; i < ap->n_items; i++) {
		struct apply_item *item = &ap->items[i];

		if (item->kind == DOC_PIPELINE && item->doc && item->row.id && !item->steps_changed &&
		    plan_stragglers(ap, item, err) < 0)
			return -1;
	}
	return 0;
}

static int compare_one(struct apply *ap, size_t at, struct apply_item *item, struct err *err)
{
	const struct document *d = ap->author.docs[at];
	const struct apply_file *f = file_of(ap, at);
	const struct document_row *row = apply_stored(ap, d->kind, d->name);

	*item = (struct apply_item){ .action = APPLY_CREATED, .kind = d->kind, .name = d->name, .doc = d };
	if (row)
		item->row = *row;
	else
		item->row.folder = item->row.source = "";
	item->folder = folder_of(ap, f, &item->row);
	item->source = base_name(f->name);
	if (row)
		item->action = strcmp(row->body, d->text) == 0 ? APPLY_UNCHANGED : APPLY_CONFIGURED;
	if (d->kind != DOC_PIPELINE || item->action == APPLY_UNCHANGED)
		return 0;
	return compare_steps(ap, item, err);
}

static int compare_gone(struct apply *ap, const struct document_row *row, struct apply_item *item, struct err *err)
{
	*item = (struct apply_item){ .action = APPLY_DELETED, .kind = apply_row_kind(row), .name = row->name, .row = *row };
	return item->kind == DOC_PIPELINE ? count_people(ap, item, err) : 0;
}

/* The team must keep somebody who can change it. Without `members` the accounts stay as they are. */
static void check_members(struct apply *ap, const struct document *d)
{
	const struct team *t = d->as_team;

	for (size_t i = 0; i < t->n_members; i++)
		if (t->members[i].role == ROLE_ADMIN)
			return;
	if (t->n_members > 0)
		diag_error(&ap->author.diags, d->at, "team '%s' would have no admin: give a member 'role: admin'", t->name);
}

int apply_compare(struct apply *ap, struct err *err)
{
	ap->items = arena_array(&ap->arena, ap->author.n_docs + ap->n_rows, sizeof *ap->items);
	for (size_t i = 0; i < ap->author.n_docs; i++) {
		if (ap->author.docs[i]->stored)
			continue;
		if (compare_one(ap, i, &ap->items[ap->n_items], err) < 0)
			return err_prefix(err, "%s", ap->author.docs[i]->name);
		ap->n_items++;
		if (ap->author.docs[i]->kind == DOC_TEAM)
			check_members(ap, ap->author.docs[i]);
	}
	for (size_t i = 0; i < ap->n_rows; i++)
		if (ap->gone[i] && compare_gone(ap, &ap->rows[i], &ap->items[ap->n_items++], err) < 0)
			return -1;
	return 0;
}

void apply_diff(const struct apply_item *item, struct buf *out)
{
	const char *was = item->row.id ? item->row.body : "";
	const char *word = doc_kind_word(item->kind);
	char old_name[160], new_name[160];

	snprintf(old_name, sizeof old_name, item->row.id ? "stored/%s/%s" : "/dev/null", word, item->name);
	snprintf(new_name, sizeof new_name, "files/%s/%s", word, item->name);
	diff_unified(old_name, was, new_name, item->doc->text, out);
}
