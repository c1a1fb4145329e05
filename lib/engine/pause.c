#include "engine/pause.h"

#include "engine/absent.h"
#include "engine/bounce_guard.h"
#include "engine/lanes.h"
#include "engine/parcel.h"
#include "store/document_store.h"
#include "store/message_store.h"
#include "store/team_store.h"

#define MESSAGES_AT_ONCE 100

/* Is it one that must not go any more? */
static int is_concerned(struct engine *e, const struct message *m, int64_t pipeline, int64_t lane, struct arena *a,
                        struct err *err)
{
	struct run r;
	int got;

	if (lane)
		return m->lane == lane;
	got = m->run ? run_load(e->db, m->team, m->run, a, &r, err) : 0;
	return got <= 0 ? got : r.pipeline == pipeline;
}

/* What a tick has claimed of a pipeline, or (pipeline 0) in a lane, and not offered. */
static int take_back(struct engine *e, int64_t team, int64_t pipeline, int64_t lane, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct message *list;
	int64_t after = 0;
	int n;

	do {
		arena_clear(&a);
		n = message_list_open(e->db, team, MESSAGE_SENDING, after, MESSAGES_AT_ONCE, &a, &list, err);
		for (int i = 0; i < n; i++) {
			int concerned = is_concerned(e, &list[i], pipeline, lane, &a, err);

			after = list[i].id;
			if (concerned < 0 || (concerned && parcel_take_back(e, team, list[i].id, err) < 0))
				return -1;
		}
	} while (n == MESSAGES_AT_ONCE);
	return err_or_none(n);
}

int pause_take_back(struct engine *e, int64_t team, int64_t pipeline, struct err *err)
{
	return take_back(e, team, pipeline, 0, err);
}

int pause_pipeline(struct engine *e, int64_t team, const char *name, bool paused, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct document_row row;
	int got = document_find(e->db, team, doc_kind_yaml(DOC_PIPELINE), name, &a, &row, err);

	if (got <= 0)
		return got < 0 ? -1 : absent_document(e->db, team, DOC_PIPELINE, name, err);
	if ((row.paused != 0) == paused)
		return 0;
	row.paused = paused ? e->now : 0;
	if (document_update(e->db, team, &row, err) < 0 || team_touch(e->db, team, err) < 0 ||
	    (paused && take_back(e, team, row.id, 0, err) < 0) || engine_refresh(e, err) < 0)
		return -1;
	return 1;
}

int pause_mailbox(struct engine *e, int64_t team, const char *name, bool paused, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct world *w;
	struct lane l;
	int changed;

	if (engine_world(e, team, &w, err) < 0)
		return -1;
	if (!world_mailbox(w, name))
		return absent_document(e->db, team, DOC_MAILBOX, name, err);
	if (lane_get(e->db, team, "mailbox", name, &a, &l, err) < 0)
		return -1;
	changed = lane_set_paused(e->db, team, l.id, paused ? e->now : 0, err);
	if (changed > 0 && paused && take_back(e, team, 0, l.id, err) < 0)
		return -1;
	if (changed < 0 || (!paused && (lane_open_now(e, &l, err) < 0 || bounce_guard_reset(e, team, l.id, err) < 0)))
		return -1;
	return changed;
}

int pause_parked(struct engine *e, int64_t team, const char *pipeline, int64_t *ret, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct queue_count count = { 0 };
	struct lane l;
	int got = lane_find(e->db, team, "parked", pipeline, &a, &l, err);

	if (got > 0)
		got = queue_count(e->db, l.id, e->now, &count, err);
	*ret = count.waiting;
	return err_or_none(got);
}

int mailbox_standing(struct engine *e, int64_t team, const char *name, struct arena *a, struct mailbox_standing *ret,
                     struct err *err)
{
	struct lane l;
	int got = lane_find(e->db, team, "mailbox", name, a, &l, err);
	bool closed = got > 0 && l.free_at > e->now;
	const char *why;

	*ret = (struct mailbox_standing){ .state = "open" };
	if (got <= 0)
		return got;
	if (closed) {
		ret->state = l.reason;
		ret->text = *l.reason_text ? l.reason_text : NULL;
		ret->since = l.closed_since;
		ret->until = l.free_at == LANE_NEVER ? 0 : l.free_at;
	}
	if (l.paused) {
		ret->state = "paused";
		ret->since = l.paused_at;
		if (bounce_guard_text(e, team, l.id, a, &why, err) < 0)
			return -1;
		ret->text = *why ? why : NULL;
	}
	return 0;
}
