#include "engine/parcel.h"

#include "engine/event.h"
#include "engine/letter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GIVE_UP_S (48 * 3600) /* temporary failures are retried for so long */
#define POLICY_REFUSALS 3     /* 5.7.x in a row speak of the mailbox, not of people */

static const char *reply_text(struct parcel *p)
{
	const struct delivery *d = &p->result;

	if (d->code && !p->reply && strtol(d->text, NULL, 10) == d->code)
		p->reply = d->text; /* a server's words begin with its code */
	else if (d->code && !p->reply)
		p->reply = arena_printf(&p->arena, "%d %s%s%s", d->code, d->status, *d->status ? " " : "", d->text);
	return d->code ? p->reply : d->text;
}

static int give_slot_back(struct engine *e, const struct parcel *p, struct err *err)
{
	return quota_remove(e->db, p->claim.lane, p->claim.slot_at, p->claim.message, err);
}

static int move(struct engine *e, struct parcel *p, enum message_state to, struct err *err)
{
	return message_move(e->db, p->claim.team, p->claim.message, p->claim.token,
	                    p->fenced ? MESSAGE_OFFERED : MESSAGE_SENDING, to, e->now, reply_text(p), err);
}

/* The run that waits for this mail, if it still does. 1, 0, -1. */
static int waiting_run(struct engine *e, struct parcel *p, struct traveller *ret, struct err *err)
{
	if (p->t.world && p->changes == e->changes) {
		*ret = p->t;
		return 1;
	}
	return traveller_of_message(e, &p->message, &p->arena, ret, err);
}

static int record_event(struct engine *e, struct parcel *p, const char *type, struct traveller *t,
                        const struct change *changes, size_t n, struct err *err)
{
	const struct message *m = &p->message;
	struct happening h = { .arena = &p->arena, .contact = t ? &t->contact : NULL, .changes = changes, .n_changes = n };

	if (m->contact == 0)
		return 0;
	h.ev = (struct event){
		.contact = m->contact,
		.run = m->run,
		.step = m->step,
		.message = m->id,
		.type = type,
		.source = "pipeline",
		.actor = t ? arena_join(&p->arena, "pipeline ", t->pipeline->name, "") : "pipe-tick",
		.data = event_data(&p->arena, "subject", m->subject, "reply", reply_text(p), NULL),
	};
	return err_or_none(event_record(e, p->claim.team, &h, err));
}

static int record_sent(struct engine *e, struct lane *l, struct parcel *p, struct err *err)
{
	struct traveller t;
	int waits, moved = move(e, p, MESSAGE_SENT, err);

	if (moved <= 0)
		return moved;
	if (lane_works(e, l, err) < 0)
		return -1;
	if (message_is_letter(&p->message))
		return letter_sent(e, &p->message, reply_text(p), &p->arena, err);
	waits = waiting_run(e, p, &t, err);
	if (waits < 0 || record_event(e, p, "email.sent", waits ? &t : NULL, NULL, 0, err) < 0)
		return -1;
	if (waits == 0)
		return 0;
	/* The event itself may have ended the run, where somebody looks at it. */
	if (world_cares(t.world, "email.sent"))
		waits = waiting_run(e, p, &t, err);
	if (waits <= 0)
		return waits;
	t.run.mails_sent++;
	if (t.run.status == RUN_BLOCKED)
		t.run.reason = t.run.reason_text = "";
	return run_step_done(e, &t, t.pipeline->steps[pipeline_step_index(t.pipeline, t.run.step)].next, err);
}

static int block_waiting(struct engine *e, struct parcel *p, enum block_reason reason, const char *text,
                         struct err *err)
{
	struct traveller t;
	int waits;

	if (message_is_letter(&p->message))
		return letter_failed(e, &p->message, text, &p->arena, err);
	waits = waiting_run(e, p, &t, err);
	return waits <= 0 ? waits : run_block(e, &t, reason, text, err);
}

/* Not now: the message goes back to the queue, its run comes up again later. */
static int record_retry(struct engine *e, struct parcel *p, struct err *err)
{
	const struct message *m = &p->message;
	struct traveller t;
	struct queue_row q = { p->claim.lane, p->claim.class, 0, p->claim.item };
	bool over = e->now - m->first_try_at >= GIVE_UP_S;
	int waits, got;

	if (give_slot_back(e, p, err) < 0)
		return -1;
	got = move(e, p, over && m->run == 0 ? MESSAGE_REFUSED : MESSAGE_QUEUED, err);
	if (got <= 0)
		return got;
	if (over)
		return block_waiting(e, p, BLOCK_UNDELIVERABLE, arena_printf(&p->arena, "for 48 hours: %s", reply_text(p)),
		                     err);
	q.due = retry_at(e->now, m->attempts, m->id);
	if (p->message.run == 0)
		return queue_insert(e->db, &q, err);
	waits = waiting_run(e, p, &t, err);
	return waits <= 0 ? waits : run_put_off(e, &t, q.due, &(struct put_off){ "backoff", reply_text(p) }, err);
}

/* The address does not exist: a bounce, which ends all runs of the contact. */
static int record_bounce(struct engine *e, struct lane *l, struct parcel *p, struct err *err)
{
	static const struct change bounced = { .kind = CHANGE_SUPPRESS, .bits = SUPPRESS_BOUNCED };
	struct traveller t;
	int waits;

	if (give_slot_back(e, p, err) < 0 || move(e, p, MESSAGE_REFUSED, err) < 0 || lane_works(e, l, err) < 0)
		return -1;
	waits = waiting_run(e, p, &t, err);
	if (waits < 0)
		return -1;
	return record_event(e, p, "email.bounced", waits ? &t : NULL, &bounced, 1, err);
}

static int record_refused(struct engine *e, struct lane *l, struct parcel *p, struct err *err)
{
	if (give_slot_back(e, p, err) < 0 || move(e, p, MESSAGE_REFUSED, err) < 0 ||
	    block_waiting(e, p, BLOCK_UNDELIVERABLE, reply_text(p), err) < 0)
		return -1;
	if (!delivery_blames_mailbox(&p->result))
		return lane_works(e, l, err);
	l->refusals++;
	if (l->refusals < POLICY_REFUSALS)
		return lane_update(e->db, l->team, l, err);
	return lane_suspend(e, l, "settings", reply_text(p), err);
}

/* Nobody can know: its mailbox's policy decides. */
static int record_in_doubt(struct engine *e, struct parcel *p, enum in_doubt_policy policy, struct err *err)
{
	if (policy == IN_DOUBT_HOLD) {
		if (move(e, p, MESSAGE_IN_DOUBT, err) < 0 || claim_set_aside(e->db, p->claim.team, p->claim.message, err) < 0)
			return -1;
		return p->message.run ? block_waiting(e, p, BLOCK_IN_DOUBT, "its last byte left, and no answer came", err) : 0;
	}
	BUG_ON(policy != IN_DOUBT_RESEND);
	if (record_retry(e, p, err) < 0)
		return -1;
	return claim_set_aside(e->db, p->claim.team, p->claim.message, err);
}

/* Of a mailbox that is gone nothing is known: it is held. */
static int find_policy(struct engine *e, struct parcel *p, enum in_doubt_policy *ret, struct err *err)
{
	const struct mailbox *mb = NULL;
	struct lane lane;
	struct world *w;
	int got = lane_load(e->db, p->claim.team, p->claim.lane, &p->arena, &lane, err);

	if (got < 0 || engine_world(e, p->claim.team, &w, err) < 0)
		return -1;
	if (got > 0)
		mb = world_mailbox(w, lane.name);
	*ret = !mb ? IN_DOUBT_HOLD : mb->transport == MAILBOX_MAILDIR ? IN_DOUBT_RESEND : mb->in_doubt;
	return 0;
}

int parcel_record(struct engine *e, struct lane *l, struct parcel *p, struct err *err)
{
	enum in_doubt_policy policy;
	int got = -1;

	switch (p->result.outcome) {
	case DELIVERY_SENT:
		got = record_sent(e, l, p, err);
		break;
	case DELIVERY_RETRY:
		got = record_retry(e, p, err);
		break;
	case DELIVERY_RECIPIENT:
		got = record_bounce(e, l, p, err);
		break;
	case DELIVERY_REFUSED:
		got = record_refused(e, l, p, err);
		break;
	case DELIVERY_AUTH:
	case DELIVERY_SETTINGS:
		if (lane_suspend(e, l, delivery_outcome_text(p->result.outcome), reply_text(p), err) < 0)
			return -1;
		return parcel_return(e, p, err);
	case DELIVERY_IN_DOUBT:
		if (find_policy(e, p, &policy, err) < 0)
			return -1;
		if (policy == IN_DOUBT_ASSUME_SENT) {
			got = record_sent(e, l, p, err);
			break;
		}
		return record_in_doubt(e, p, policy, err);
	}
	if (got < 0)
		return -1;
	return err_or_none(claim_remove(e->db, p->claim.team, p->claim.message, p->claim.token, err));
}

/* The machine may have slept since the claim, or the server: 1 it may go in this minute too, 0, -1. */
static int is_timely(struct engine *e, struct parcel *p, struct err *err)
{
	struct traveller t;
	struct decision d;
	int waits;

	if (p->message.run == 0 || e->now / 60 == p->decided_at / 60)
		return 1;
	p->decided_at = e->now;
	waits = waiting_run(e, p, &t, err);
	if (waits > 0 && run_decide(e, &t, &d, err) < 0)
		return -1;
	return waits > 0 ? d.kind == DECIDE_ACT : waits;
}

int parcel_fence(struct engine *e, struct parcel *p, struct err *err)
{
	int got = is_timely(e, p, err);

	if (got > 0)
		got = message_fence(e->db, p->claim.team, p->claim.message, p->claim.token, e->now, err);
	p->fenced = got > 0;
	return got;
}

/* not_before: 0 it is claimed as before. */
static int give_back(struct engine *e, struct parcel *p, int64_t not_before, struct err *err)
{
	struct queue_row q = { p->claim.lane, p->claim.class, not_before ? not_before : p->claim.due, p->claim.item };
	struct traveller t;
	int moved, waits;

	/* Somebody may have taken it back, and a tick may have claimed it again since: that claim is not ours. */
	moved = claim_remove(e->db, p->claim.team, p->claim.message, p->claim.token, err);
	if (moved > 0)
		moved = give_slot_back(e, p, err) < 0 ? -1 : move(e, p, MESSAGE_QUEUED, err);
	if (moved <= 0)
		return moved;
	if (p->message.run == 0)
		return queue_insert(e->db, &q, err);
	waits = waiting_run(e, p, &t, err);
	if (waits <= 0 || t.run.status == RUN_BLOCKED)
		return err_or_none(waits);
	return not_before ? run_queue_at(e, &t, not_before, err) : run_requeue(e, &t, t.run.due_at, err);
}

int parcel_return(struct engine *e, struct parcel *p, struct err *err)
{
	return give_back(e, p, 0, err);
}

int parcel_refuse(struct engine *e, struct parcel *p, struct err *err)
{
	return give_back(e, p, p->again ? e->now - e->now % 60 + 60 : 0, err);
}

/* What parcel_record needs, from what the store kept. */
static int parcel_of_claim(struct engine *e, const struct claim *c, struct parcel *p, struct lane *l, struct err *err)
{
	struct message *m = &p->message;
	int got;

	*p = (struct parcel){ .claim = *c };
	got = message_load(e->db, c->team, c->message, &p->arena, m, err);
	if (got <= 0)
		return got;
	p->claim.token = m->token;
	p->fenced = m->state == MESSAGE_OFFERED;
	return lane_load(e->db, c->team, c->lane, &p->arena, l, err);
}

int parcel_recover(struct engine *e, const struct claim *c, struct err *err)
{
	struct parcel p;
	struct lane l;
	int got = parcel_of_claim(e, c, &p, &l, err);

	if (got > 0 && p.message.state == MESSAGE_OFFERED) {
		p.result = delivery_make(DELIVERY_IN_DOUBT, PHASE_DOT, "the program ended before the answer came");
		got = parcel_record(e, &l, &p, err);
	} else if (got > 0 && p.message.state == MESSAGE_SENDING) {
		p.result = delivery_make(DELIVERY_RETRY, PHASE_CHECK, "not offered: the program ended before");
		got = parcel_return(e, &p, err);
	} else if (got >= 0) {
		got = claim_remove(e->db, c->team, c->message, c->token, err);
		if (got > 0)
			got = give_slot_back(e, &p, err);
	}
	arena_release(&p.arena);
	return err_or_none(got);
}

int parcel_take_back(struct engine *e, int64_t team, int64_t message, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct claim c;
	struct parcel p;
	struct lane l;
	int got = claim_load(e->db, team, message, &a, &c, err);

	if (got <= 0)
		return got;
	got = parcel_of_claim(e, &c, &p, &l, err);
	if (got > 0 && p.message.state != MESSAGE_SENDING)
		got = 0;
	if (got > 0) {
		p.result = delivery_make(DELIVERY_RETRY, PHASE_CHECK, "taken back by hand");
		got = parcel_return(e, &p, err) < 0 ? -1 : 1;
	}
	arena_release(&p.arena);
	return got;
}

/* The bytes stay set aside: the same ones go out again. */
static int settle_resend(struct engine *e, struct parcel *p, struct err *err)
{
	struct queue_row q = { p->claim.lane, CLASS_LOOSE, e->now, -p->claim.message };
	struct traveller t;
	int waits;

	if (move(e, p, MESSAGE_QUEUED, err) < 0)
		return -1;
	if (p->message.run == 0)
		return queue_insert(e->db, &q, err) < 0 ? -1 : 1;
	waits = waiting_run(e, p, &t, err);
	if (waits < 0)
		return -1;
	if (waits == 0)
		return err_set(err, ERR_REFUSED, "its run does not wait for it any more");
	return (t.run.status == RUN_BLOCKED ? run_retry(e, &t, err) : run_requeue(e, &t, e->now, err)) < 0 ? -1 : 1;
}

static int settle(struct engine *e, struct parcel *p, struct lane *l, bool resend, struct err *err)
{
	int got;

	got = message_move(e->db, p->claim.team, p->claim.message, p->claim.token, MESSAGE_IN_DOUBT, MESSAGE_OFFERED, e->now,
	                   "settled by hand", err);
	if (got <= 0)
		return got;
	p->fenced = true;
	p->result = delivery_make(resend ? DELIVERY_RETRY : DELIVERY_SENT, PHASE_DOT, "settled by hand");
	if (resend)
		return settle_resend(e, p, err);
	if (record_sent(e, l, p, err) < 0 ||
	    claim_remove(e->db, p->claim.team, p->claim.message, CLAIM_SET_ASIDE, err) < 0)
		return -1;
	return 1;
}

/* A message that a restored backup put in doubt has no bytes: it is made anew when it is sent again. */
static int load_kept(struct engine *e, int64_t team, int64_t message, struct arena *a, struct claim *ret,
                     struct err *err)
{
	struct message m;
	int got = claim_load(e->db, team, message, a, ret, err);

	if (got != 0)
		return got;
	got = message_load(e->db, team, message, a, &m, err);
	if (got > 0)
		*ret = (struct claim){ .message = m.id, .team = team, .lane = m.lane };
	return got;
}

int parcel_settle(struct engine *e, int64_t team, int64_t message, bool resend, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct claim c;
	struct parcel p;
	struct lane l;
	int got = load_kept(e, team, message, &a, &c, err);

	if (got <= 0)
		return got;
	got = parcel_of_claim(e, &c, &p, &l, err);
	if (got > 0)
		got = settle(e, &p, &l, resend, err);
	arena_release(&p.arena);
	return got;
}
