#include "tick/deliver.h"

#include "base/clock.h"
#include "base/mem.h"
#include "engine/keys.h"
#include "engine/premises.h"
#include "tick/outlet_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CLAIM_MAX 300  /* at once: what 100 connections want */
#define LOOK_MS   1000 /* how often other work is looked for while answers are waited for */
#define NEXT_US   60   /* of answers that come in a row, the next one is here by then */

struct delivery_run {
	struct engine *e;
	int64_t team;
	int64_t look_ms; /* monotonic */
	struct deliver_limits *limits;
	struct deliver_count *count;
	struct outlet **outlets;
	size_t n, cap;
};

static int64_t horizon(const struct delivery_run *d)
{
	int64_t left = d->limits->deadline_ms - clock_monotonic_ms();

	return d->e->now + (d->limits->real_time && left > 0 ? left / 1000 : 0);
}

bool deliver_is_astray(const struct deliver_limits *limits, int64_t now)
{
	return limits->real_time && guard_astray(&limits->begun, now);
}

static bool is_astray(const struct delivery_run *d)
{
	return deliver_is_astray(d->limits, d->e->now);
}

static bool is_stopped(const struct deliver_limits *limits)
{
	return limits->stop && *limits->stop;
}

bool deliver_may_begin(const struct deliver_limits *limits)
{
	return !is_stopped(limits) && clock_monotonic_ms() < limits->deadline_ms;
}

static bool may_claim(const struct delivery_run *d)
{
	return d->limits->max > 0 && deliver_may_begin(d->limits) && !is_astray(d);
}

/* What a mailbox needs is somewhere else than it may be: it goes down before anything is tried. */
static void close_outlet(struct outlet *o, const struct mailbox *mb, const char *problem, struct arena *a)
{
	struct mailbox *copy = ARENA_NEW(a, struct mailbox);

	copy->transport = mb->transport;
	o->mailbox = copy;
	o->down = true;
	o->down_why = delivery_make(DELIVERY_SETTINGS, PHASE_CHECK, "%s", problem);
}

static void add_outlet(struct delivery_run *d, const struct lane *lane, const struct team *team,
                       const struct mailbox *mb)
{
	struct arena a = { 0 };
	struct err err = ERR_INIT;
	const char *problem;
	struct outlet *o = ARENA_NEW(&a, struct outlet);

	o->lane = *lane;
	o->lane.kind = arena_strdup(&a, lane->kind);
	o->lane.name = arena_strdup(&a, lane->name);
	o->lane.reason = arena_strdup(&a, lane->reason);
	o->lane.reason_text = arena_strdup(&a, lane->reason_text);
	o->mailbox = premises_of_mailbox(d->e, team, mb, &a, &problem);
	if (o->mailbox && mb->verp != VERP_NONE && keys_load(db_path(d->e->db), &o->key, &err) < 0) {
		problem = arena_strdup(&a, err.text);
		o->mailbox = NULL;
	}
	if (!o->mailbox)
		close_outlet(o, mb, problem, &a);
	if (mb->transport == MAILBOX_SMTP) { /* one that is down already has no connections */
		o->n_conns = o->mailbox->limit.connections;
		o->conns = arena_array(&a, (size_t)o->n_conns, sizeof *o->conns);
	}
	o->arena = a;
	parcel_list_init(&o->waiting);
	parcel_list_init(&o->wanting);
	parcel_list_init(&o->done);
	parcel_list_init(&o->back);
	GROW(&d->outlets, &d->cap, d->n);
	d->outlets[d->n++] = o;
}

/* What is due goes on a lane that is here already, but not behind a mail that its server has not answered. */
static bool is_here(struct delivery_run *d, int64_t lane)
{
	for (size_t i = 0; i < d->n; i++) {
		struct outlet *o = d->outlets[i];

		if (o->lane.id != lane)
			continue;
		o->dry &= o->on_the_way > 0;
		return true;
	}
	return false;
}

/* The mailboxes whose lanes are open and have something due. */
static int find_outlets(struct delivery_run *d, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct lane *lanes;
	int64_t first;
	int got, n = lane_list(d->e->db, d->team, &a, &lanes, err);

	for (int i = 0; i < n; i++) {
		const struct mailbox *mb;
		struct world *w;

		if (strcmp(lanes[i].kind, "mailbox") != 0 || lanes[i].paused || lanes[i].free_at > d->e->now)
			continue;
		got = queue_first_due(d->e->db, lanes[i].id, &first, err);
		if (got < 0 || engine_world(d->e, lanes[i].team, &w, err) < 0)
			return -1;
		mb = world_mailbox(w, lanes[i].name);
		if (got > 0 && first <= d->e->now && mb && !is_here(d, lanes[i].id))
			add_outlet(d, &lanes[i], world_team(w), mb);
	}
	return err_or_none(n);
}


static void count_result(struct deliver_count *c, enum delivery_outcome outcome)
{
	switch (outcome) {
	case DELIVERY_SENT:
		c->sent++;
		break;
	case DELIVERY_RETRY:
	case DELIVERY_AUTH:
	case DELIVERY_SETTINGS:
		c->retried++;
		break;
	case DELIVERY_RECIPIENT:
	case DELIVERY_REFUSED:
		c->refused++;
		break;
	case DELIVERY_IN_DOUBT:
		c->in_doubt++;
		break;
	}
}

/* What was recorded is forgotten; what was fenced goes out. */
static void release_round(struct delivery_run *d)
{
	for (size_t i = 0; i < d->n; i++) {
		struct outlet *o = d->outlets[i];
		struct parcel *p;

		while ((p = parcel_list_take(&o->done)) != NULL) {
			count_result(d->count, p->result.outcome);
			parcel_free(p);
		}
		while ((p = parcel_list_take(&o->back)) != NULL)
			parcel_free(p);
		outlet_release_fenced(o, d->e->now, clock_monotonic_ms());
	}
}

/* Claims one of the next n due items for each slot, and adds to *used. Returns how many it looked at, or -1. */
static int claim_rows(struct delivery_run *d, struct outlet *o, const int64_t *slots, int n, int *used, struct err *err)
{
	struct queue_row rows[CLAIM_MAX];
	int seen = queue_take(d->e->db, o->lane.id, d->e->now, rows, n, err);

	for (int i = 0; i < seen; i++) {
		struct parcel *p;
		int claimed = parcel_claim(d->e, &o->lane, o->mailbox, &rows[i], slots[*used], &p, err);

		if (claimed < 0)
			return -1;
		if (claimed == 0)
			continue;
		parcel_list_add(&o->waiting, p);
		++*used;
		d->limits->max--;
		d->count->claimed++;
	}
	return seen;
}

/*
 * What does not go, since its inbox is unread for instance, leaves its slot to the next: with a gap there is but one.
 * 1 each slot is used, or enough was looked at for one transaction; 0 no more is due; -1.
 */
static int claim_slots(struct delivery_run *d, struct outlet *o, const int64_t *slots, int n, int *ret_used,
                       struct err *err)
{
	*ret_used = 0;
	for (int seen = 0; *ret_used < n && seen < CLAIM_MAX;) {
		int wanted = n - *ret_used, got = claim_rows(d, o, slots, wanted, ret_used, err);

		if (got < wanted)
			return err_or_none(got);
		seen += got;
	}
	return 1;
}

static int claim_more(struct delivery_run *d, struct outlet *o, struct err *err)
{
	int64_t slots[CLAIM_MAX];
	int want = outlet_wants(o), room, used, got, paused;

	if (!may_claim(d)) {
		o->dry = true;
		return 0;
	}
	paused = lane_is_paused(d->e->db, o->lane.team, o->lane.id, err);
	if (paused != 0) {
		o->dry = true;
		return err_or_none(paused);
	}
	BUG_ON(want > CLAIM_MAX);
	if (want > d->limits->max)
		want = (int)d->limits->max;
	room = lane_slots(d->e, &o->lane, o->mailbox, horizon(d), want, slots, err);
	if (room <= 0) {
		o->dry = true;
		return room;
	}
	got = claim_slots(d, o, slots, room, &used, err);
	if (got == 0 || (used == room && room < want)) /* no more is due, or its limits leave no room for more */
		o->dry = true;
	return err_or_none(got);
}

/* The lane's text may be the server's, which goes with the parcel. */
static void keep_lane_text(struct outlet *o)
{
	o->lane.reason_text = arena_strdup(&o->arena, o->lane.reason_text);
}

static int record_done(struct delivery_run *d, struct outlet *o, struct err *err)
{
	for (struct parcel *p = o->done.first; p; p = p->next) {
		const char *text = o->lane.reason_text;

		if (parcel_record(d->e, &o->lane, p, err) < 0)
			return -1;
		if (o->lane.reason_text != text)
			keep_lane_text(o);
		if (o->lane.free_at > d->e->now)
			o->down = o->down_recorded = true;
	}
	for (struct parcel *p = o->back.first; p; p = p->next)
		if (parcel_return(d->e, p, err) < 0)
			return -1;
	return 0;
}

static int record_down(struct delivery_run *d, struct outlet *o, struct err *err)
{
	const struct delivery *why = &o->down_why;

	if (!o->down || o->down_recorded)
		return 0;
	o->down_recorded = true;
	if (why->outcome == DELIVERY_AUTH || why->outcome == DELIVERY_SETTINGS)
		return lane_suspend(d->e, &o->lane, delivery_outcome_text(why->outcome), why->text, err);
	return lane_back_off(d->e, &o->lane, why->text, err);
}

static void read_clock(struct delivery_run *d)
{
	if (d->limits->real_time)
		d->e->now = clock_now();
}

/* A mailbox that rests for want of the right password tries again when its file changes. */
static int watch_secret(struct delivery_run *d, struct outlet *o, struct err *err)
{
	const char *file = o->mailbox->smtp.password_file, *reason = o->lane.reason;
	struct lane_watch w = { .lane = o->lane.id, .path = file, .stamp = o->secret_stamp };

	if (o->watched || !o->down_recorded || !file || (strcmp(reason, "auth") != 0 && strcmp(reason, "settings") != 0))
		return 0;
	o->watched = true;
	return lane_watch_set(d->e->db, o->lane.team, &w, err);
}

static int fence_wanting(struct delivery_run *d, struct outlet *o, struct err *err)
{
	for (struct parcel *p = o->wanting.first; p; p = p->next) {
		bool late = is_astray(d) || is_stopped(d->limits);
		int got = late ? 0 : lane_slot_is_free(d->e, o->mailbox, &p->claim, err);

		if (got > 0)
			got = parcel_fence(d->e, p, err);
		if (got < 0 || (got == 0 && parcel_refuse(d->e, p, err) < 0) ||
		    (got > 0 && lane_use_slot(d->e, o->mailbox, &p->claim, err) < 0))
			return -1;
	}
	return 0;
}

/* The round's transaction, begun when it is needed. */
static int enter(struct delivery_run *d, struct txn *txn, struct err *err)
{
	if (db_in_txn(d->e->db))
		return 0;
	if (txn_begin(txn, d->e->db, err) < 0)
		return -1;
	read_clock(d); /* another writer may have been waited for */
	return engine_refresh(d->e, err);
}

static int claim_all(struct delivery_run *d, struct txn *txn, struct err *err)
{
	for (size_t i = 0; i < d->n; i++)
		if (outlet_wants(d->outlets[i]) > 0 && (enter(d, txn, err) < 0 || claim_more(d, d->outlets[i], err) < 0))
			return -1;
	return 0;
}

static bool has_news(const struct outlet *o)
{
	return o->done.n || o->back.n || o->wanting.n || (o->down && !o->down_recorded);
}

static int record_all(struct delivery_run *d, struct txn *txn, struct err *err)
{
	for (size_t i = 0; i < d->n; i++) {
		struct outlet *o = d->outlets[i];

		if (has_news(o) && (enter(d, txn, err) < 0 || record_done(d, o, err) < 0 || record_down(d, o, err) < 0 ||
		                    watch_secret(d, o, err) < 0 || fence_wanting(d, o, err) < 0))
			return -1;
	}
	return 0;
}

static bool is_over(const struct delivery_run *d)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct outlet *o = d->outlets[i];

		if (o->waiting.n || o->on_the_way || outlet_wants(o) > 0 || has_news(o))
			return false;
	}
	return true;
}

/* Of what was taken nothing may have become a mail: paused, stopped, without a name. Then more is taken at once. */
static bool can_take_more(const struct delivery_run *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (outlet_wants(d->outlets[i]) > 0)
			return may_claim(d);
	return false;
}

static size_t fds_of_all(const struct delivery_run *d, struct pollfd *ret, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += outlet_fds(d->outlets[i], ret + n, room - n);
	return n;
}

static void wait_for_something(const struct delivery_run *d)
{
	struct pollfd fds[OUTLET_FDS];
	int64_t now = clock_monotonic_ms(), wake = now + 1000;

	for (size_t i = 0; i < d->n; i++) {
		int64_t w = outlet_wake_ms(d->outlets[i], d->e->now, now);

		if (w < wake)
			wake = w;
	}
	if (wake > now)
		(void)poll(fds, fds_of_all(d, fds, ARRAY_LEN(fds)), (int)(wake - now)); /* interrupted or timed out: the round looks for itself */
}

/* A server that lets a mail wait must not keep the lock from the next tick: only what was offered is waited for. */
static void keep_time(struct delivery_run *d)
{
	bool over = !deliver_may_begin(d->limits) || is_astray(d);
	bool cut = is_stopped(d->limits) || clock_monotonic_ms() >= d->limits->cut_ms;

	for (size_t i = 0; i < d->n; i++) {
		if (over)
			outlet_send_back(d->outlets[i]);
		if (cut)
			outlet_hang_up(d->outlets[i]);
	}
}

static bool only_waits(const struct delivery_run *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->outlets[i]->waiting.n || outlet_wants(d->outlets[i]) > 0 || has_news(d->outlets[i]))
			return false;
	return true;
}

/* An answer can take five minutes, in which the lock keeps all other ticks out. */
static int look_around(struct delivery_run *d, struct err *err)
{
	int64_t now_ms = clock_monotonic_ms();

	if (!d->limits->meanwhile || now_ms < d->look_ms || is_stopped(d->limits) || !only_waits(d) || is_astray(d))
		return 0;
	d->look_ms = now_ms + LOOK_MS;
	if (d->limits->meanwhile(d->limits->ctx, err) < 0)
		return -1;
	return may_claim(d) ? find_outlets(d, err) : 0;
}

static void pump_all(struct delivery_run *d)
{
	for (size_t i = 0; i < d->n; i++)
		outlet_pump(d->outlets[i], d->e->now, clock_monotonic_ms());
}

/* How many mails the commit is for, and how many more are on the way to it. */
static int count_news(const struct delivery_run *d, int *ret_coming)
{
	int n = 0;

	*ret_coming = 0;
	for (size_t i = 0; i < d->n; i++) {
		const struct outlet *o = d->outlets[i];

		n += o->done.n + o->wanting.n;
		*ret_coming += o->on_the_way - o->wanting.n;
	}
	return n;
}

/* A commit takes as long for one mail as for many: while answers come in a row, it waits for the next one. */
static void gather_answers(struct delivery_run *d)
{
	static const struct timespec moment = { .tv_nsec = NEXT_US * 1000 };
	struct pollfd fds[OUTLET_FDS];
	int before = 1, coming, n = count_news(d, &coming);

	while (n > before && coming > 0 && ppoll(fds, fds_of_all(d, fds, ARRAY_LEN(fds)), &moment, NULL) > 0) {
		pump_all(d);
		before = n;
		n = count_news(d, &coming);
	}
}

/*
 * The one commit of a round. Claims come first: meanwhile the servers work on what went out in the round before,
 * and their answers and readiness are there when they are asked for.
 */
static int commit_round(struct delivery_run *d, struct err *err)
{
	TXN_AUTO txn = TXN_INIT;

	if (claim_all(d, &txn, err) < 0)
		return -1;
	read_clock(d); /* it may have been set since the claims: nothing is fenced outside its hours */
	keep_time(d);
	pump_all(d);
	gather_answers(d);
	if (record_all(d, &txn, err) < 0)
		return -1;
	return db_in_txn(d->e->db) ? txn_commit(&txn, err) : 0;
}

static int rounds(struct delivery_run *d, struct err *err)
{
	while (!is_over(d)) {
		read_clock(d);
		if (look_around(d, err) < 0)
			return -1;
		for (size_t i = 0; i < d->n; i++)
			outlet_connect(d->outlets[i], d->e->now, clock_monotonic_ms());
		if (commit_round(d, err) < 0)
			return -1;
		release_round(d);
		if (!is_over(d) && !can_take_more(d))
			wait_for_something(d);
	}
	return 0;
}

static void close_all(struct delivery_run *d)
{
	for (size_t i = 0; i < d->n; i++)
		outlet_close(d->outlets[i]);
	free(d->outlets);
}

int deliver(struct engine *e, int64_t team, struct deliver_limits *limits, struct deliver_count *count,
            struct err *err)
{
	struct delivery_run d = { .e = e, .team = team, .look_ms = clock_monotonic_ms() + LOOK_MS, .limits = limits, .count = count };
	int64_t before = count->claimed;
	int got = find_outlets(&d, err);

	if (got == 0)
		got = rounds(&d, err);
	close_all(&d);
	return got < 0 ? -1 : count->claimed > before;
}
