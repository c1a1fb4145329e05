#include "engine/lanes.h"

#include "base/random.h"
#include "engine/alert.h"
#include "store/message_store.h"

#include <stdio.h>
#include <string.h>

#define HOUR LANE_HOUR_S
#define DAY  LANE_DAY_S
#define LATE_S 1 /* so much of a gap may be lost to a server that answers a little sooner than before */
#define OPENED "opened" /* told, and somebody has looked after it since */

static bool is_limited(const struct mailbox *mb)
{
	return mb->limit.per_day || mb->limit.per_hour || mb->limit.gap_s;
}

static int close_until(struct engine *e, struct lane *l, int64_t until, const char *reason, const char *text,
                       struct err *err)
{
	if (!*reason)
		l->closed_since = 0;
	else if (l->closed_since == 0 || strcmp(l->reason, reason) != 0)
		l->closed_since = e->now;
	l->free_at = until;
	l->reason = reason;
	l->reason_text = text;
	return lane_update(e->db, l->team, l, err);
}

/* How many fit into a window, at most *room; closes the lane until the oldest leaves it when none does. */
static int fit_window(struct engine *e, struct lane *l, int64_t window, int64_t limit, const char *text, int *room,
                      struct err *err)
{
	int64_t used, oldest;
	int got;

	if (limit == 0)
		return 1;
	if (quota_used(e->db, l->id, e->now - window, &used, err) < 0)
		return -1;
	if (limit - used < *room)
		*room = limit > used ? (int)(limit - used) : 0;
	if (*room > 0)
		return 1;
	got = quota_nth(e->db, l->id, limit, &oldest, err);
	if (got <= 0)
		return got;
	return err_or_none(close_until(e, l, oldest + window, "quota", text, err));
}

int64_t lane_gap_after(const struct lane *l, const struct mailbox *mb, int64_t last)
{
	uint64_t h = hash_bytes(&last, sizeof last) ^ hash_bytes(&l->id, sizeof l->id);

	return mb->limit.gap_s + (mb->limit.jitter_s ? (int64_t)(h % (uint64_t)(mb->limit.jitter_s + 1)) : 0);
}

int64_t lane_memory(const struct mailbox *mb)
{
	int64_t gap = mb->limit.gap_s ? mb->limit.gap_s + mb->limit.jitter_s : 0;

	return gap > DAY ? gap : DAY;
}

/* The instants from which the next messages may go: a gap and jitter apart. */
static int space_out(struct engine *e, struct lane *l, const struct mailbox *mb, int64_t horizon, int room,
                     int64_t *slots, struct err *err)
{
	int64_t last, next = e->now;
	int n = 0, got = quota_nth(e->db, l->id, 1, &last, err);

	if (got < 0)
		return -1;
	for (; n < room; n++) {
		if (got > 0 || n > 0) {
			int64_t gap = lane_gap_after(l, mb, last);

			next = last + gap > e->now ? last + gap : e->now;
		}
		if (next > horizon)
			break;
		slots[n] = last = next;
	}
	if (n == 0)
		return err_or_none(close_until(e, l, next, "gap", "a pause between two mails", err));
	return n;
}

int lane_slots(struct engine *e, struct lane *l, const struct mailbox *mb, int64_t horizon, int want, int64_t *slots,
               struct err *err)
{
	int room = want, got;

	if (!is_limited(mb)) {
		for (int i = 0; i < want; i++)
			slots[i] = e->now;
		return want;
	}
	if (quota_prune(e->db, l->id, e->now - lane_memory(mb), err) < 0)
		return -1;
	got = fit_window(e, l, DAY, mb->limit.per_day, "the limit per day is reached", &room, err);
	if (got > 0)
		got = fit_window(e, l, HOUR, mb->limit.per_hour, "the limit per hour is reached", &room, err);
	if (got <= 0)
		return got;
	if (mb->limit.gap_s)
		return space_out(e, l, mb, horizon, room, slots, err);
	for (int i = 0; i < room; i++)
		slots[i] = e->now;
	return room;
}

int lane_take_slot(struct engine *e, const struct lane *l, const struct mailbox *mb, int64_t at, int64_t message,
                   struct err *err)
{
	return is_limited(mb) ? quota_insert(e->db, l->id, at, message, err) : 0;
}

int lane_slot_is_free(struct engine *e, const struct mailbox *mb, const struct claim *c, struct err *err)
{
	int64_t since = e->now - mb->limit.gap_s + LATE_S, *used;
	ARENA_AUTO a = { 0 };
	int n, others = 0;

	/* Its own slot is among them. */
	if (!mb->limit.gap_s)
		return 1;
	n = quota_list(e->db, c->lane, since, &a, &used, err);
	for (int i = 0; i < n && used[i] <= e->now; i++)
		others++;
	others -= c->slot_at > since && c->slot_at <= e->now;
	return n < 0 ? -1 : others == 0;
}

int lane_use_slot(struct engine *e, const struct mailbox *mb, struct claim *c, struct err *err)
{
	if (!is_limited(mb) || c->slot_at >= e->now)
		return 0;
	if (quota_remove(e->db, c->lane, c->slot_at, c->message, err) < 0 ||
	    quota_insert(e->db, c->lane, e->now, c->message, err) < 0)
		return -1;
	c->slot_at = e->now;
	return claim_set_slot(e->db, c->team, c->message, c->slot_at, err);
}

static void name_of_alert(const struct lane *l, char ret[40])
{
	snprintf(ret, 40, "alert:%lld", (long long)l->id);
}

/* What the team was told of it last, "" nothing; kept beside the lane, since a back-off in between is no change. */
static int find_told(struct engine *e, const struct lane *l, struct arena *a, const char **ret, struct err *err)
{
	char name[40];
	int got;

	name_of_alert(l, name);
	got = meta_get(e->db, name, a, ret, err);
	if (got == 0)
		*ret = "";
	return err_or_none(got);
}

static int tell_down(struct engine *e, const struct lane *l, struct err *err)
{
	char name[40];

	name_of_alert(l, name);
	return meta_set(e->db, name, l->reason, err) < 0 ? -1 : alert_mailbox_down(e, l, err);
}

static int begin_failing(struct engine *e, struct lane *l)
{
	if (l->failing_since == 0)
		l->failing_since = e->now;
	return e->now - l->failing_since >= LANE_ALERT_S;
}

int lane_back_off(struct engine *e, struct lane *l, const char *text, struct err *err)
{
	int64_t wait = 300 << (l->failures < 4 ? l->failures : 4);
	bool long_since = begin_failing(e, l);
	ARENA_AUTO a = { 0 };
	const char *told;

	l->failures++;
	if (close_until(e, l, e->now + (wait < HOUR ? wait : HOUR), "backoff", text, err) < 0 ||
	    find_told(e, l, &a, &told, err) < 0)
		return -1;
	return long_since && (*told == '\0' || strcmp(told, OPENED) == 0) ? tell_down(e, l, err) : 0;
}

int lane_suspend(struct engine *e, struct lane *l, const char *reason, const char *text, struct err *err)
{
	ARENA_AUTO a = { 0 };
	const char *told;

	l->refusals = 0;
	begin_failing(e, l);
	if (close_until(e, l, e->now + HOUR, reason, text, err) < 0 || find_told(e, l, &a, &told, err) < 0)
		return -1;
	return strcmp(told, reason) == 0 ? 0 : tell_down(e, l, err);
}

/* It stays known until when it was closed. */
static int64_t opening(const struct engine *e, const struct lane *l)
{
	return l->free_at < e->now ? l->free_at : e->now;
}

static int open_lane(struct engine *e, struct lane *l, struct err *err)
{
	l->failures = l->refusals = 0;
	return lane_watch_remove(e->db, l->team, l->id, err) < 0 ? -1 : close_until(e, l, opening(e, l), "", "", err);
}

int lane_works(struct engine *e, struct lane *l, struct err *err)
{
	ARENA_AUTO a = { 0 };
	const char *told;
	char name[40];

	if (l->failures == 0 && l->refusals == 0 && l->failing_since == 0 && *l->reason == '\0')
		return 0;
	name_of_alert(l, name);
	if (find_told(e, l, &a, &told, err) < 0 || (*told && alert_mailbox_works(e, l, err) < 0) ||
	    meta_delete(e->db, name, err) < 0)
		return -1;
	l->failing_since = 0;
	return open_lane(e, l, err);
}

/* A trouble that comes again is told again; that it is over is told only when it works. */
int lane_open_now(struct engine *e, struct lane *l, struct err *err)
{
	ARENA_AUTO a = { 0 };
	const char *told;
	char name[40];

	name_of_alert(l, name);
	if (find_told(e, l, &a, &told, err) < 0 || (*told && meta_set(e->db, name, OPENED, err) < 0))
		return -1;
	l->failing_since = *told ? e->now : 0;
	return open_lane(e, l, err);
}

int lane_try_once(struct engine *e, struct lane *l, struct err *err)
{
	return close_until(e, l, opening(e, l), l->reason, l->reason_text, err);
}

int64_t retry_at(int64_t now, int64_t attempts, int64_t message)
{
	int64_t wait = 300 << (attempts < 7 ? attempts - 1 : 6);
	int64_t mix[2] = { message, attempts };
	int64_t fifth;

	if (wait > 4 * HOUR)
		wait = 4 * HOUR;
	fifth = wait / 5;
	return now + wait - fifth + (int64_t)(hash_bytes(mix, sizeof mix) % (uint64_t)(2 * fifth + 1));
}
