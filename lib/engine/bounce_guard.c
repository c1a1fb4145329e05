#include "engine/bounce_guard.h"

#include "engine/alert.h"
#include "engine/pause.h"
#include "store/message_store.h"
#include "store/queue_store.h"
#include "store/rate_store.h"

#include <string.h>

#define DAY        86400
#define STALE_S    3600  /* an hour later the mails of the last day are others */
#define WHOLE      10000 /* shares are hundredths of a percent */
#define LOOK_AHEAD 4     /* so many times the mails that would do are counted, so that it is not counted again at once */

static const struct {
	const char *event, *past;
} kinds[] = {
	[BAD_BOUNCE] = { "email.bounced", "came back" },
	[BAD_COMPLAINT] = { "email.complained", "were complained about" },
};

static int kind_of(const char *event_type)
{
	for (int i = 0; i < BAD_KINDS; i++)
		if (strcmp(kinds[i].event, event_type) == 0)
			return i;
	return -1;
}

bool bounce_guard_cares(const char *event_type)
{
	return kind_of(event_type) >= 0;
}

/* One mailbox in front of its guard. */
struct watch_post {
	struct engine *e;
	struct lane lane;
	const struct mailbox *mailbox;
	struct lane_guard guard;
	struct arena *arena;
	int64_t since;
};

static int64_t limit_of(const struct watch_post *w, enum bad_mail kind)
{
	return kind == BAD_BOUNCE ? w->mailbox->guard.bounces : w->mailbox->guard.complaints;
}

static int pause(struct watch_post *w, enum bad_mail kind, int64_t bad, int64_t all, struct err *err)
{
	int64_t limit = limit_of(w, kind);

	w->guard.text = arena_printf(w->arena, "%lld of its last %lld mails %s, more than %g %%", (long long)bad, (long long)all,
	                             kinds[kind].past, (double)limit / 100);
	if (pause_mailbox(w->e, w->lane.team, w->lane.name, true, err) < 0)
		return -1;
	return alert_mailbox_guarded(w->e, &w->lane, w->guard.text, err);
}

/* Counts the mails of the day, if the bad ones alone do not say that all is well. */
static int judge(struct watch_post *w, enum bad_mail kind, int64_t bad, struct err *err)
{
	int64_t limit = limit_of(w, kind), most, all;

	if (bad < w->guard.next[kind] && w->e->now - w->guard.checked_at[kind] < STALE_S)
		return 0;
	most = w->mailbox->guard.over + LOOK_AHEAD * bad * WHOLE / (limit ? limit : 1);
	if (mail_count_since(w->e->db, w->lane.team, w->lane.id, w->since, most, &all, err) < 0)
		return -1;
	all = all > bad ? all : bad;
	w->guard.checked_at[kind] = w->e->now;
	w->guard.next[kind] = limit * (all > w->mailbox->guard.over ? all : w->mailbox->guard.over) / WHOLE + 1;
	if (all >= w->mailbox->guard.over && bad * WHOLE > limit * all && pause(w, kind, bad, all, err) < 0)
		return -1;
	return lane_guard_save(w->e->db, w->lane.team, w->lane.id, &w->guard, err);
}

/* 1; 0 the message is of no mailbox that there is, or of one that is paused already; -1. */
static int stand(struct watch_post *w, const struct world *world, int64_t lane, struct err *err)
{
	int64_t team = world_team(world)->id;
	int got = lane_load(w->e->db, team, lane, w->arena, &w->lane, err);

	if (got <= 0)
		return got;
	w->mailbox = world_mailbox(world, w->lane.name);
	if (!w->mailbox || w->lane.paused)
		return 0;
	if (lane_guard_load(w->e->db, team, lane, w->arena, &w->guard, err) < 0)
		return -1;
	w->since = w->e->now - DAY;
	if (w->since < w->guard.counted_from)
		w->since = w->guard.counted_from;
	return 1;
}

int bounce_guard_count(struct engine *e, const struct world *world, int64_t message, const char *event_type, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct watch_post w = { .e = e, .arena = &a };
	int64_t team = world_team(world)->id;
	enum bad_mail kind = (enum bad_mail)kind_of(event_type);
	struct message m;
	int64_t bad;
	int got = message_load(e->db, team, message, &a, &m, err);

	if (got > 0)
		got = stand(&w, world, m.lane, err);
	if (got <= 0)
		return got;
	if (bad_mail_insert(e->db, team, m.lane, kind, e->now, message, err) < 0 ||
	    bad_mail_forget(e->db, team, m.lane, e->now - 2 * DAY, err) < 0 ||
	    bad_mail_count(e->db, team, m.lane, kind, w.since, &bad, err) < 0)
		return -1;
	return judge(&w, kind, bad, err);
}

int bounce_guard_text(struct engine *e, int64_t team, int64_t lane, struct arena *a, const char **ret, struct err *err)
{
	struct lane_guard g;

	if (lane_guard_load(e->db, team, lane, a, &g, err) < 0)
		return -1;
	*ret = g.text;
	return 0;
}

int bounce_guard_reset(struct engine *e, int64_t team, int64_t lane, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct lane_guard g;

	if (lane_guard_load(e->db, team, lane, &a, &g, err) < 0)
		return -1;
	if (!*g.text)
		return 0;
	return lane_guard_save(e->db, team, lane, &(struct lane_guard){ .counted_from = e->now, .text = "" }, err);
}
