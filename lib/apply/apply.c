#include "apply/apply_private.h"

#include "base/mem.h"
#include "engine/parking.h"
#include "engine/pause.h"
#include "operate/runs.h"
#include "store/message_store.h"
#include "store/team_store.h"

#include <stdlib.h>
#include <string.h>

const char *apply_action_text(enum apply_action action)
{
	static const char *const texts[] = { "created", "configured", "unchanged", "deleted" };

	return texts[action];
}

enum doc_kind apply_row_kind(const struct document_row *row)
{
	enum doc_kind kind;

	if (!doc_kind_parse(row->kind, &kind))
		BUG("a stored document has the kind '%s'", row->kind);
	return kind;
}

const struct document_row *apply_stored(const struct apply *ap, enum doc_kind kind, const char *name)
{
	for (size_t i = 0; i < ap->n_rows; i++)
		if (strcmp(ap->rows[i].name, name) == 0 && strcmp(ap->rows[i].kind, doc_kind_yaml(kind)) == 0)
			return &ap->rows[i];
	return NULL;
}

static int has_content(void *ctx, const char *team, const char *sha256, struct err *err)
{
	struct apply *ap = ctx;
	ARENA_AUTO a = { 0 };
	const void *data;
	size_t len;

	(void)team;
	return attachment_load(ap->e->db, ap->who.team, sha256, &a, &data, &len, err);
}

static int load_team(struct apply *ap, struct err *err)
{
	const struct document_row *row = apply_stored(ap, DOC_TEAM, ap->who.team_name);
	struct document doc;

	ap->team = (struct team){ .id = ap->who.team, .name = ap->who.team_name };
	if (!row)
		return 0;
	if (author_read(&ap->arena, row->body, strlen(row->body), &doc, err) < 0)
		return -1;
	ap->team = *doc.as_team;
	ap->team.id = ap->who.team;
	return 0;
}

int apply_begin(struct apply *ap, struct engine *e, const struct apply_caller *who, struct err *err)
{
	int n;

	*ap = (struct apply){ .e = e, .who = *who };
	author_init(&ap->author);
	ap->author.team = who->team_name;
	ap->author.shared = who->shared;
	ap->author.files.ctx = ap;
	ap->author.files.has = has_content;
	if (team_generation(e->db, who->team, &ap->generation, err) < 0)
		return -1;
	n = document_list(e->db, who->team, NULL, &ap->arena, &ap->rows, err);
	if (n < 0)
		return -1;
	ap->n_rows = (size_t)n;
	ap->gone = arena_array(&ap->arena, ap->n_rows, sizeof *ap->gone);
	return load_team(ap, err);
}

void apply_release(struct apply *ap)
{
	if (!ap->e)
		return;
	author_release(&ap->author);
	free(ap->files);
	free(ap->folders);
	arena_release(&ap->arena);
	*ap = (struct apply){ 0 };
}

void apply_add(struct apply *ap, const char *name, const char *text, size_t len, const char *folder)
{
	struct apply_file *f;

	GROW(&ap->files, &ap->cap_files, ap->n_files);
	f = &ap->files[ap->n_files++];
	*f = (struct apply_file){ .name = arena_strdup(&ap->arena, name), .first = ap->author.n_docs };
	f->folder = arena_strdup(&ap->arena, folder);
	author_load(&ap->author, name, text, len);
	f->n = ap->author.n_docs - f->first;
}

void apply_add_folder(struct apply *ap, const char *folder)
{
	GROW(&ap->folders, &ap->cap_folders, ap->n_folders);
	ap->folders[ap->n_folders++] = arena_strdup(&ap->arena, folder);
}

/* Whether the caller may use a team; of others nobody is told whether there are such. */
static bool is_own_team(const struct apply *ap, const char *name)
{
	struct err ignored = ERR_INIT;
	ARENA_AUTO a = { 0 };
	struct team_row *rows;
	enum role *roles;
	int n = ap->who.owner ? team_list(ap->e->db, &a, &rows, &ignored)
	                         : team_of_account(ap->e->db, ap->e->actor, &a, &rows, &roles, &ignored);

	for (int i = 0; i < n; i++)
		if (strcmp(rows[i].name, name) == 0)
			return true;
	return false;
}

/* Documents of other teams are not the caller's business here. Returns how many there are. */
static int check_teams(struct apply *ap)
{
	const char *own = ap->who.team_name;
	int wrong = 0;

	for (size_t i = 0; i < ap->author.n_docs; i++) {
		const struct document *d = ap->author.docs[i];

		if (!*d->team || strcmp(d->team, own) == 0) /* "": a Team whose name is wrong, which has been said */
			continue;
		wrong++;
		if (d->kind == DOC_TEAM && !is_own_team(ap, d->name))
			diag_error(&ap->author.diags, d->at, "this is team '%s', but '%s' is meant; to add it: pipectl init --team %s",
			           d->name, own, d->name);
		else
			diag_error(&ap->author.diags, d->at, "this is of team '%s', but '%s' is meant; say --team %s", d->team, own,
			           d->team);
	}
	return wrong;
}

static int know_stored(struct apply *ap, struct err *err)
{
	for (size_t i = 0; i < ap->n_rows; i++) {
		const struct document_row *row = &ap->rows[i];

		if (!ap->gone[i] &&
		    author_know(&ap->author, ap->who.team_name, row->body, strlen(row->body), err) < 0)
			return err_prefix(err, "%s/%s", doc_kind_word(apply_row_kind(row)), row->name);
	}
	return 0;
}

static bool changes(const struct apply_item *item)
{
	return item->action != APPLY_UNCHANGED;
}

int apply_add_delete(struct apply *ap, enum doc_kind kind, const char *name, struct err *err)
{
	const struct document_row *row = apply_stored(ap, kind, name);

	if (!row)
		return 0;
	if (kind == DOC_TEAM)
		return err_set(err, ERR_REFUSED, "a team cannot be deleted");
	ap->gone[row - ap->rows] = true;
	return 1;
}

/* What came from one of the folders, and is in none of the files any more. */
static void find_pruned(struct apply *ap)
{
	for (size_t i = 0; i < ap->n_rows; i++) {
		const struct document_row *row = &ap->rows[i];
		enum doc_kind kind = apply_row_kind(row);
		const struct document *d = author_find(&ap->author, kind, row->name, ap->who.team_name);

		for (size_t k = 0; k < ap->n_folders && !d && kind != DOC_TEAM; k++)
			if (strcmp(ap->folders[k], row->folder) == 0)
				ap->gone[i] = true;
	}
}

int apply_check(struct apply *ap, bool prune, struct err *err)
{
	if (check_teams(ap) > 0)
		return 0;
	if (prune)
		find_pruned(ap);
	if (know_stored(ap, err) < 0)
		return -1;
	if (author_check(&ap->author) < 0)
		return 0;
	if (apply_compare(ap, err) < 0)
		return -1;
	return ap->author.diags.errors > 0 ? 0 : apply_check_rest(ap, err);
}

static int permitted(const struct apply *ap, const struct apply_item *item, struct err *err)
{
	if (item->kind == DOC_TEAM && ap->who.shared && !ap->who.owner)
		return err_set(err, ERR_DENIED, "only the owner of a shared database may change team/%s", item->name);
	if (ap->who.owner || team_may_change(&ap->team, ap->who.role, item->kind))
		return 0;
	return err_set(err, ERR_DENIED, "only an admin of team '%s' may change %s/%s", ap->who.team_name,
	               doc_kind_word(item->kind), item->name);
}

int apply_permitted(const struct apply *ap, struct err *err)
{
	for (size_t i = 0; i < ap->n_items; i++)
		if (changes(&ap->items[i]) && permitted(ap, &ap->items[i], err) < 0)
			return -1;
	return 0;
}

/* Nothing of a draft goes, not even what a tick has in its hands. */
static int take_back_drafts(struct apply *ap, struct err *err)
{
	for (size_t i = 0; i < ap->n_items; i++) {
		const struct apply_item *item = &ap->items[i];

		if (item->doc && item->kind == DOC_PIPELINE && !item->doc->pipeline->active && item->row.id &&
		    pause_take_back(ap->e, ap->who.team, item->row.id, err) < 0)
			return -1;
	}
	return 0;
}

static int check_generation(struct apply *ap, struct err *err)
{
	int64_t generation;

	if (team_generation(ap->e->db, ap->who.team, &generation, err) < 0)
		return -1;
	if (generation == ap->generation)
		return 0;
	return err_set(err, ERR_BUSY, "somebody else has just changed documents of team '%s'; try again", ap->who.team_name);
}

static int write_all(struct apply *ap, struct err *err)
{
	bool changed = false;

	if (check_generation(ap, err) < 0)
		return -1;
	/* What a rehearsal left in memory is gone here: its generation is none that is stored. */
	if (engine_refresh(ap->e, err) < 0)
		return -1;
	for (size_t i = 0; i < ap->n_items; i++) {
		if (apply_write(ap, &ap->items[i], err) < 0)
			return -1;
		changed |= changes(&ap->items[i]);
	}
	if (take_back_drafts(ap, err) < 0)
		return -1;
	return changed ? team_touch(ap->e->db, ap->who.team, err) : 0;
}

/* Runs lay still while their pipeline was a draft; also those that an earlier try did not get to. */
static int release_parked(struct apply *ap, struct err *err)
{
	int64_t released;

	for (size_t i = 0; i < ap->n_items; i++) {
		const struct apply_item *item = &ap->items[i];

		if (!item->doc || item->kind != DOC_PIPELINE || !item->doc->pipeline->active || item->row.paused)
			continue;
		if (runs_unpark(ap->e, ap->who.team, item->name, &released, err) < 0)
			return -1;
	}
	return 0;
}

static bool changes_team(const struct apply *ap)
{
	for (size_t i = 0; i < ap->n_items; i++)
		if (ap->items[i].kind == DOC_TEAM && changes(&ap->items[i]))
			return true;
	return false;
}

int apply_commit(struct apply *ap, struct err *err)
{
	TXN_AUTO txn = TXN_INIT;

	if (check_generation(ap, err) < 0)
		return -1;
	for (size_t i = 0; i < ap->n_items; i++)
		if (ap->items[i].action == APPLY_DELETED && apply_stop_people(ap, &ap->items[i], err) < 0)
			return -1;
	if (txn_begin(&txn, ap->e->db, err) < 0 || write_all(ap, err) < 0 || txn_commit(&txn, err) < 0 ||
	    engine_refresh(ap->e, err) < 0)
		return -1;
	if (changes_team(ap) && runs_resume_settings(ap->e, ap->who.team, err) < 0)
		return -1;
	return release_parked(ap, err);
}

int apply_rehearse(struct apply *ap, struct err *err)
{
	struct world *w;
	int got = -1;
	TXN_AUTO txn = TXN_INIT;

	ap->rehearsing = true;
	if (txn_begin(&txn, ap->e->db, err) == 0 && write_all(ap, err) == 0 && engine_refresh(ap->e, err) == 0)
		got = engine_world(ap->e, ap->who.team, &w, err);
	ap->rehearsing = false;
	return got;
}
