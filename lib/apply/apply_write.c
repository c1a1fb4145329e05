#include "apply/apply_private.h"

#include "base/buf.h"
#include "base/clock.h"
#include "engine/awaited.h"
#include "engine/chunk.h"
#include "engine/lanes.h"
#include "engine/progress.h"
#include "store/message_store.h"
#include "store/run_store.h"
#include "store/team_store.h"

#include <string.h>

#define ROWS_AT_ONCE 1000
#define NUMBERS_MAX  (1 << 16)

/* Somebody corrected it: what it could not send for is tried again at once. A pause stays. */
static int open_lane(struct apply *ap, const char *mailbox, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct lane lane;
	int got = lane_find(ap->e->db, ap->who.team, "mailbox", mailbox, &a, &lane, err);

	if (got <= 0 || lane.paused)
		return err_or_none(got);
	return lane_open_now(ap->e, &lane, err);
}

static int store_attachments(struct apply *ap, const struct document *d, struct err *err)
{
	for (size_t i = 0; i < d->n_attach; i++) {
		const struct attachment *at = &d->attach[i];

		if (at->data && attachment_insert(ap->e->db, ap->who.team, at->sha256, at->data, at->len, err) < 0)
			return -1;
	}
	return 0;
}

static int store_version(struct apply *ap, const struct apply_item *item, const struct document_row *row, struct err *err)
{
	BUF_AUTO numbers = BUF_INIT(NUMBERS_MAX);
	struct document_version v = {
		.document = row->id,
		.version = row->version,
		.kind = row->kind,
		.name = row->name,
		.body = row->body,
		.actor = ap->e->actor,
		.created_at = ap->e->now,
	};

	if (item->kind == DOC_PIPELINE)
		pipeline_numbers(item->doc->pipeline, &numbers);
	BUG_ON(numbers.over);
	v.steps = numbers.s;
	return version_insert(ap->e->db, ap->who.team, &v, err);
}

/* What a document is besides its text. */
static int take_effect(struct apply *ap, const struct apply_item *item, struct err *err)
{
	const struct document *d = item->doc;

	if (d->kind == DOC_TEAM && d->as_team->n_members > 0)
		return team_set_members(ap->e->db, ap->who.team, d->as_team->members, d->as_team->n_members, err);
	if (d->kind == DOC_MAILBOX)
		return open_lane(ap, item->name, err);
	if (d->kind == DOC_PIPELINE)
		return awaited_add(ap->e->db, ap->who.team, d->pipeline, err);
	return 0;
}

static int write_changed(struct apply *ap, const struct apply_item *item, struct err *err)
{
	struct document_row row = item->row;

	row.kind = doc_kind_yaml(item->kind);
	row.name = item->name;
	row.body = item->doc->text;
	row.folder = item->folder;
	row.source = item->source;
	row.version++;
	row.next_step = item->next_step;
	row.updated_at = ap->e->now;
	if (row.id == 0)
		row.created_at = ap->e->now;
	if ((row.id ? document_update(ap->e->db, ap->who.team, &row, err)
	            : document_insert(ap->e->db, ap->who.team, &row, err)) < 0)
		return -1;
	if (store_version(ap, item, &row, err) < 0 || store_attachments(ap, item->doc, err) < 0)
		return -1;
	return take_effect(ap, item, err);
}

/* The text is the same; where it comes from may not be. */
static int write_origin(struct apply *ap, const struct apply_item *item, struct err *err)
{
	struct document_row row = item->row;

	if (strcmp(row.folder, item->folder) == 0 && strcmp(row.source, item->source) == 0)
		return 0;
	row.folder = item->folder;
	row.source = item->source;
	return document_update(ap->e->db, ap->who.team, &row, err);
}

/* Stops some open runs in the caller's transaction; returns how many were looked at. */
static int stop_some(struct apply *ap, const struct apply_item *item, int64_t *after, struct err *err)
{
	ARENA_AUTO a = { 0 };
	int64_t until = clock_monotonic_ms() + CHUNK_MS;
	struct run *runs;
	int i, n = run_list_open(ap->e->db, ap->who.team, item->row.id, *after, ROWS_AT_ONCE, &a, &runs, err);

	for (i = 0; i < n && chunk_has_time(i, until); i++) {
		struct traveller t;
		int got = traveller_of_run(ap->e, &runs[i], &a, &t, err);

		if (got < 0 || (got > 0 && run_end_by_hand(ap->e, &t, err) < 0))
			return -1;
		*after = runs[i].contact;
	}
	return n < 0 ? -1 : i;
}

int apply_stop_people(struct apply *ap, const struct apply_item *item, struct err *err)
{
	int64_t after = 0;
	int n;

	do {
		TXN_AUTO txn = TXN_INIT;

		if (item->people == 0)
			return 0;
		if (txn_begin(&txn, ap->e->db, err) < 0 || engine_refresh(ap->e, err) < 0)
			return -1;
		n = stop_some(ap, item, &after, err);
		if (n < 0 || txn_commit(&txn, err) < 0)
			return -1;
	} while (n > 0);
	return 0;
}

static int stop_rest(struct apply *ap, const struct apply_item *item, struct err *err)
{
	int64_t after = 0;
	int n;

	do {
		n = stop_some(ap, item, &after, err);
		if (n > 0 && item->people == 0)
			return err_set(err, ERR_BUSY, "somebody has just entered pipeline/%s; try again", item->name);
	} while (n > 0);
	return n;
}

static int delete_item(struct apply *ap, const struct apply_item *item, struct err *err)
{
	if (item->kind == DOC_PIPELINE && !ap->rehearsing && stop_rest(ap, item, err) < 0)
		return -1;
	return document_delete(ap->e->db, ap->who.team, item->row.id, err);
}

int apply_write(struct apply *ap, const struct apply_item *item, struct err *err)
{
	switch (item->action) {
	case APPLY_CREATED:
	case APPLY_CONFIGURED:
		return write_changed(ap, item, err);
	case APPLY_UNCHANGED:
		return write_origin(ap, item, err);
	case APPLY_DELETED:
		return delete_item(ap, item, err);
	}
	BUG("action %d", (int)item->action);
}
