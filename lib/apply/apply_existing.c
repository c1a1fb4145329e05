#include "apply/apply_private.h"

#include "base/clock.h"
#include "engine/chunk.h"
#include "engine/enroll.h"
#include "store/contact_store.h"

#include <string.h>

#define CONTACTS_AT_ONCE 1000

/* Is there a way in that looks at how somebody is, and not at what happens? */
static bool has_entry(const struct pipeline *p)
{
	if (p->enroll.new_contacts)
		return true;
	for (size_t i = 0; i < p->enroll.n_starts; i++)
		if (!cond_is_event(p->enroll.starts[i].when))
			return true;
	return false;
}

static const struct pipeline *pipeline_of(const struct world *w, const struct apply_item *item)
{
	const struct pipeline *p = item->doc && item->kind == DOC_PIPELINE ? world_pipeline(w, item->name) : NULL;

	return p && p->active && has_entry(p) ? p : NULL;
}

static bool holds(struct world *w, const struct pipeline *p, const struct contact *c, int64_t now)
{
	struct facts f = { .contact = c, .now = now, .zone = world_surroundings(w, c).zone };

	if (p->enroll.new_contacts)
		return true;
	for (size_t i = 0; i < p->enroll.n_starts; i++)
		if (!cond_is_event(p->enroll.starts[i].when) && cond_true(p->enroll.starts[i].when, &f))
			return true;
	return false;
}

/* One contact for all pipelines. Who was in one before is not somebody who was forgotten. */
static int look_at(struct apply *ap, struct world *w, int64_t contact, bool dry_run, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct enrollment how = { .enroller = ap->e->actor, .again = AGAIN_NEVER, .dry_run = dry_run };
	struct enroll_result result;
	struct contact c;

	for (size_t i = 0; i < ap->n_items; i++) {
		const struct pipeline *p = pipeline_of(w, &ap->items[i]);
		int got = p ? contact_load(ap->e->db, ap->who.team, contact, &a, &c, err) : 0;

		if (got > 0 && holds(w, p, &c, ap->e->now)) {
			got = enroll_start(ap->e, w, p, &c, &how, &a, &result, err);
			ap->items[i].existing += got == 0 && enrolled_ok(result.how);
		}
		if (got < 0)
			return -1;
	}
	return 0;
}

/* One transaction, or none when nothing is written. Returns how many contacts it looked at. */
static int look_at_some(struct apply *ap, int64_t *after, bool dry_run, struct err *err)
{
	int64_t ids[CONTACTS_AT_ONCE], until = clock_monotonic_ms() + CHUNK_MS;
	struct world *w;
	int n, i;
	TXN_AUTO txn = TXN_INIT;

	if (!dry_run && (txn_begin(&txn, ap->e->db, err) < 0 || engine_refresh(ap->e, err) < 0))
		return -1;
	if (engine_world(ap->e, ap->who.team, &w, err) < 0)
		return -1;
	n = contact_ids(ap->e->db, ap->who.team, *after, ids, CONTACTS_AT_ONCE, err);
	for (i = 0; i < n && chunk_has_time(i, until); i++) {
		if (look_at(ap, w, ids[i], dry_run, err) < 0)
			return -1;
		*after = ids[i];
	}
	if (n < 0 || (!dry_run && txn_commit(&txn, err) < 0))
		return -1;
	return i;
}

static int everybody(struct apply *ap, const struct watch *watch, bool dry_run, struct err *err)
{
	int64_t after = 0, seen = 0;
	int n;

	for (size_t i = 0; i < ap->n_items; i++)
		ap->items[i].existing = 0;
	while ((n = look_at_some(ap, &after, dry_run, err)) > 0) {
		seen += n;
		if (watch)
			watch->progress(watch->ctx, seen);
	}
	return n;
}

int apply_count_existing(struct apply *ap, struct err *err)
{
	return everybody(ap, NULL, true, err);
}

int apply_enroll_existing(struct apply *ap, const struct watch *watch, struct err *err)
{
	return everybody(ap, watch, false, err);
}
