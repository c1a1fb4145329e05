#include "engine/standing.h"

#include "engine/forecast.h"
#include "engine/inbox_age.h"
#include "store/contact_store.h"
#include "store/in_hand_store.h"
#include "store/message_store.h"

#include <stdlib.h>
#include <string.h>

struct run_lane {
	struct lane lane;
	const struct mailbox *mailbox; /* NULL: it is none of a mailbox that there is */
	int unread;                    /* its inbox was not read for too long; -1: not looked at yet */
	struct inbox_state inbox;
	bool forecast_made;
	struct forecast forecast;
};

/* One run that is looked at. */
struct look {
	struct standings *s;
	const struct run *run;
	struct arena *arena;
	struct run_standing *ret;
};

void standings_begin(struct standings *s, struct engine *e, int64_t team)
{
	*s = (struct standings){ .e = e, .team = team };
}

void standings_end(struct standings *s)
{
	arena_release(&s->arena);
}

/* Does a due mail count as blocked while its mailbox is closed for this reason? */
static bool lane_reason_blocks(const char *reason)
{
	return strcmp(reason, "quota") == 0 || strcmp(reason, "auth") == 0 || strcmp(reason, "settings") == 0;
}

static int load_lanes(struct standings *s, struct err *err)
{
	struct lane *list;

	s->n_lanes = lane_list(s->e->db, s->team, &s->arena, &list, err);
	if (s->n_lanes < 0)
		return -1;
	s->lanes = arena_array(&s->arena, (size_t)s->n_lanes + 1, sizeof *s->lanes);
	for (int i = 0; i < s->n_lanes; i++) {
		s->lanes[i].lane = list[i];
		s->lanes[i].unread = -1;
		if (strcmp(list[i].kind, "mailbox") == 0)
			s->lanes[i].mailbox = world_mailbox(s->world, list[i].name);
	}
	return 0;
}

static int load(struct standings *s, struct err *err)
{
	if (s->loaded)
		return 0;
	if (engine_world(s->e, s->team, &s->world, err) < 0 || load_lanes(s, err) < 0)
		return -1;
	s->n_in_hand = in_hand_list(s->e->db, s->team, &s->arena, &s->in_hand, err);
	s->loaded = s->n_in_hand >= 0;
	return s->loaded ? 0 : -1;
}

static int by_lane_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = ((const struct run_lane *)b)->lane.id;

	return (x > y) - (x < y);
}

static struct run_lane *find_lane(const struct standings *s, int64_t id)
{
	return bsearch(&id, s->lanes, (size_t)s->n_lanes, sizeof *s->lanes, by_lane_id);
}

/* A lane as of now; NULL: there is none of this id. */
static int standings_lane(struct standings *s, int64_t id, const struct lane **ret, struct err *err)
{
	struct run_lane *l;

	if (load(s, err) < 0)
		return -1;
	l = find_lane(s, id);
	*ret = l ? &l->lane : NULL;
	return 0;
}

/* Was the inbox of its mailbox not read for too long? Looked up once. 1, 0, -1. */
static int is_unread(struct standings *s, struct run_lane *l, struct err *err)
{
	if (l->unread < 0)
		l->unread = inbox_unread(s->e, s->team, l->mailbox, &s->arena, &l->inbox, err);
	return l->unread;
}

int standings_may_move(struct standings *s, struct err *err)
{
	int unread;

	if (load(s, err) < 0)
		return -1;
	for (int i = 0; i < s->n_lanes; i++) {
		struct run_lane *l = &s->lanes[i];

		if (!l->mailbox)
			continue;
		if (l->lane.paused || l->lane.free_at > s->e->now || forecast_needed(l->mailbox))
			return 1;
		unread = is_unread(s, l, err);
		if (unread != 0)
			return unread;
	}
	return 0;
}

int run_standing_mailbox(struct standings *s, const struct run *r, const char **ret, struct err *err)
{
	const struct lane *l;

	if (standings_lane(s, r->lane, &l, err) < 0)
		return -1;
	*ret = l && strcmp(l->kind, "mailbox") == 0 ? l->name : "";
	return 0;
}

static int by_run(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = ((const struct in_hand *)b)->run;

	return (x > y) - (x < y);
}

static const struct in_hand *find_in_hand(const struct standings *s, const struct run *r)
{
	const struct in_hand *m = s->n_in_hand
	                                ? bsearch(&r->id, s->in_hand, (size_t)s->n_in_hand, sizeof *m, by_run)
	                                : NULL;

	while (m && m > s->in_hand && m[-1].run == r->id)
		m--;
	for (; m && m < s->in_hand + s->n_in_hand && m->run == r->id; m++)
		if (m->step == r->step && m->visit == r->visit)
			return m;
	return NULL;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void hold(struct look *k, const char *reason, const char *text, int64_t since)
{
	k->ret->reason = reason;
	k->ret->text = text;
	k->ret->since = since;
}

/* A paused pipeline or a draft: nothing of it goes. */
static bool pipeline_holds(struct look *k, const struct pipeline *p)
{
	if (!p || (!p->paused_at && p->active))
		return false;
	if (p->paused_at)
		hold(k, "paused", "the pipeline is paused", later(p->paused_at, k->run->started_at));
	else
		hold(k, "draft", "the pipeline is a draft", 0);
	return true;
}

static bool hand_holds(struct look *k)
{
	const struct in_hand *m = find_in_hand(k->s, k->run);

	if (!m)
		return false;
	if (m->state == MESSAGE_HELD) {
		hold(k, "held", "the mail is held", m->since);
		return true;
	}
	hold(k, "sending", "the mail is on its way", m->since);
	k->ret->next = k->run->due_at;
	return true;
}

/* It goes when somebody says that the task is done. */
static bool task_holds(struct look *k)
{
	const struct run *r = k->run;

	if (strcmp(r->reason, RUN_REASON_TASK) != 0)
		return false;
	hold(k, r->reason, r->reason_text, r->held_since);
	return true;
}

static const char *hours_name(struct world *w, const struct pipeline *p, const struct step *st)
{
	const char *name = st && st->hours ? st->hours : p->hours ? p->hours : world_team(w)->hours;

	return name ? name : "always";
}

/* The step that comes next, as its version has it; NULL. */
static int next_step(struct look *k, struct world *w, const struct pipeline **ret_p, const struct step **ret,
                     struct err *err)
{
	const struct run *r = k->run;
	int got = world_pipeline_version(w, k->s->e->db, r->pipeline, r->version, ret_p, err);

	*ret = got > 0 ? pipeline_step_of(*ret_p, r->step) : NULL;
	return got;
}

static int tell_put_off(struct look *k, struct world *w, struct err *err)
{
	const struct run *r = k->run;
	const struct pipeline *p;
	const struct step *st;
	const char *text = r->reason_text;
	int got;

	if (!*r->reason || r->due_at <= k->s->e->now)
		return 0;
	if (strcmp(r->reason, RUN_REASON_AWAIT) != 0)
		k->ret->moved = r->reason;
	if (r->held_since > k->s->e->now)
		return 0;
	if (strcmp(r->reason, "hours") == 0) {
		got = next_step(k, w, &p, &st, err);
		if (got < 0)
			return -1;
		text = got ? arena_printf(k->arena, "the calendar '%s' is closed", hours_name(w, p, st)) : "";
	}
	hold(k, r->reason, text, r->held_since);
	if (strcmp(r->reason, block_reason_text(BLOCK_CAP)) == 0 || strcmp(r->reason, block_reason_text(BLOCK_INBOX)) == 0)
		k->ret->status = RUN_BLOCKED;
	return 0;
}

/* Was it put off to an instant for which nobody asked its calendar? */
static bool was_put_off(const struct run *r, int64_t now)
{
	return *r->reason && strcmp(r->reason, "hours") != 0 && r->due_at > now;
}

/* A mail that is put off, as by its mailbox or an absence note, may fall out of the hours in which it may go. */
static int open_again(struct look *k, struct world *w, struct err *err)
{
	const struct pipeline *p;
	const struct step *st;
	struct surroundings around;
	struct err never = ERR_INIT;
	struct contact c;
	int64_t at;
	int got = next_step(k, w, &p, &st, err);

	if (got <= 0 || !st || strcmp(hours_name(w, p, st), "always") == 0)
		return err_or_none(got);
	got = contact_load(k->s->e->db, k->run->team, k->run->contact, k->arena, &c, err);
	if (got <= 0)
		return got;
	around = world_surroundings_in(w, p, &c);
	if (decide_open(p, (int)(st - p->steps), k->ret->next, &around, &at, &never) < 0)
		return 0;
	if (at != k->ret->next)
		k->ret->moved = "hours";
	k->ret->next = at;
	return 0;
}

static int forecast_of(struct look *k, struct run_lane *l, const struct forecast_slot **ret, struct err *err)
{
	*ret = NULL;
	if (!l->mailbox || !forecast_needed(l->mailbox))
		return 0;
	if (!l->forecast_made &&
	    forecast_lane(k->s->e, &l->lane, l->mailbox, &k->s->arena, &l->forecast, err) < 0)
		return -1;
	l->forecast_made = true;
	*ret = forecast_find(&l->forecast, k->run->id);
	return 0;
}

/* When the mailbox lets it go. A login that fails ends when somebody mends it. */
static int tell_slot(struct look *k, struct run_lane *l, struct err *err)
{
	const struct forecast_slot *slot;
	int64_t now = k->s->e->now, free_at = l->lane.free_at;
	bool down = free_at > now && (strcmp(l->lane.reason, "auth") == 0 || strcmp(l->lane.reason, "settings") == 0);

	if (down && k->run->queued_at <= now) {
		k->ret->moved = l->lane.reason;
		k->ret->next = 0;
	}
	if (down)
		return 0;
	if (forecast_of(k, l, &slot, err) < 0)
		return -1;
	if (slot)
		k->ret->ahead = slot->ahead;
	if (slot && *slot->rule) {
		k->ret->next = slot->at;
		k->ret->moved = slot->rule;
	} else if (!slot && free_at > now && free_at > k->ret->next) {
		k->ret->next = free_at;
		k->ret->moved = strcmp(l->lane.reason, "quota") == 0 ? "limit" : l->lane.reason;
	}
	return 0;
}

static int lane_holds(struct look *k, struct run_lane *l, struct world *w, struct err *err)
{
	int64_t now = k->s->e->now, planned = k->ret->next;
	bool due = k->run->queued_at <= now;

	if (l->lane.paused) {
		if (due) {
			hold(k, "paused", "the mailbox is paused", later(l->lane.paused_at, k->run->queued_at));
			k->ret->next = 0;
		}
		return 0;
	}
	if (due && l->lane.free_at > now) {
		hold(k, l->lane.reason, l->lane.reason_text, later(l->lane.closed_since, k->run->queued_at));
		if (lane_reason_blocks(l->lane.reason))
			k->ret->status = RUN_BLOCKED;
	}
	if (tell_slot(k, l, err) < 0)
		return -1;
	return k->ret->next > planned || was_put_off(k->run, now) ? open_again(k, w, err) : 0;
}

/* Who answered is not written to again: all that is due waits, not only the run that a tick took up last. */
static int inbox_holds_lane(struct look *k, struct run_lane *l, struct world *w, struct err *err)
{
	const struct pipeline *p = world_pipeline_by_id(w, k->run->pipeline);
	const char *reason = block_reason_text(BLOCK_INBOX), *other = k->ret->reason;
	bool taken_up = strcmp(k->run->reason, reason) == 0;

	if (*other && strcmp(other, "gap") != 0 && strcmp(other, reason) != 0)
		return 0;
	if (!l->mailbox || !p || !pipeline_stops_on_reply(p) || (k->run->queued_at > k->s->e->now && !taken_up))
		return 0;
	if (is_unread(k->s, l, err) == 0 && taken_up) {
		hold(k, "", "", 0);
		k->ret->status = k->run->status;
	}
	if (l->unread <= 0)
		return l->unread;
	hold(k, reason, inbox_unread_text(l->mailbox, &l->inbox, k->arena),
	     taken_up ? k->run->held_since
	              : later(k->run->queued_at, l->inbox.read_at ? l->inbox.read_at + l->mailbox->inbox_max_age_s : 0));
	k->ret->status = RUN_BLOCKED;
	k->ret->moved = reason;
	k->ret->next = 0;
	return 0;
}

static int look_at_waiting(struct look *k, struct err *err)
{
	struct run_lane *l;
	struct world *w;

	if (load(k->s, err) < 0)
		return -1;
	w = k->s->world;
	if (pipeline_holds(k, world_pipeline_by_id(w, k->run->pipeline)) || hand_holds(k))
		return 0;
	if (task_holds(k))
		return 0;
	k->ret->next = k->run->due_at;
	if (tell_put_off(k, w, err) < 0)
		return -1;
	l = find_lane(k->s, k->run->lane);
	if (!l || strcmp(l->lane.kind, "mailbox") != 0)
		return 0;
	if (lane_holds(k, l, w, err) < 0)
		return -1;
	return inbox_holds_lane(k, l, w, err);
}

int run_standing(struct standings *s, const struct run *r, struct arena *a, struct run_standing *ret, struct err *err)
{
	struct look k = { s, r, a, ret };

	*ret = (struct run_standing){ .status = r->status, .reason = "", .text = "", .moved = "", .ahead = -1 };
	if (r->status == RUN_PENDING || r->status == RUN_RUNNING)
		return look_at_waiting(&k, err);
	hold(&k, r->reason, r->reason_text, r->held_since);
	return 0;
}

int loose_standing(struct standings *s, const struct message *m, int64_t due, struct arena *a, struct run_standing *ret,
                   struct err *err)
{
	const struct run alone = { .id = -m->id, .team = m->team, .lane = m->lane, .status = RUN_PENDING, .reason = "",
		                       .reason_text = "", .due_at = due, .queued_at = due };

	return run_standing(s, &alone, a, ret, err);
}
