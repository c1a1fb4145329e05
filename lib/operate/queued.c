#include "operate/queued.h"

#include "engine/absent.h"
#include "engine/event.h"
#include "engine/lanes.h"
#include "engine/message.h"
#include "engine/parcel.h"
#include "engine/sender.h"
#include "model/address.h"
#include "operate/runs.h"

#include <string.h>

static bool is_open_state(enum message_state s)
{
	return s == MESSAGE_QUEUED || s == MESSAGE_HELD || s == MESSAGE_REFUSED || s == MESSAGE_QUARANTINED;
}

/* A run's mail that no tick has come to yet: only who and from where; the rest is made when it goes. */
static int make_message(struct engine *e, struct traveller *t, struct message *ret, struct err *err)
{
	int step = pipeline_step_index(t->pipeline, t->run.step);
	const struct step *st = pipeline_step(t->pipeline, step);
	const struct mailbox *mb;
	const char *mailbox;
	struct hurdle ignored;
	struct address to;
	int class;

	if (!run_state_open(t->run.status) || !st || st->verb != VERB_EMAIL)
		return err_set(err, ERR_REFUSED, "run %lld has no mail as its next step", (long long)t->run.id);
	mailbox = sender_of_step(t, st, &ignored);
	mb = world_mailbox(t->world, mailbox);
	if (!mb || address_parse(t->contact.email, &to, err) < 0)
		return err_set(err, ERR_REFUSED, "run %lld cannot send this mail", (long long)t->run.id);
	*ret = (struct message){
		.contact = t->run.contact,
		.run = t->run.id,
		.step = t->run.step,
		.visit = t->run.visit,
		.state = MESSAGE_QUEUED,
		.mail_from = mb->from_address,
		.rcpt_to = arena_strdup(t->arena, to.wire),
		.subject = "",
		.text = "",
		.html = "",
		.headers = "",
		.template = st->template ? st->template : "",
		.created_at = e->now,
		.changed_at = e->now,
		.reply = "",
	};
	if (run_lane(e, t, step, &ret->lane, &class, err) < 0 ||
	    message_new_id(e, mb->from_address, t->arena, ret, err) < 0)
		return -1;
	return message_insert(e->db, t->run.team, ret, err);
}

int queued_find(struct engine *e, int64_t team, int64_t id, struct arena *a, struct message *ret, struct err *err)
{
	struct traveller t;
	int got = message_load(e->db, team, id, a, ret, err);

	if (got != 0)
		return err_or_none(got);
	got = traveller_load(e, team, id, a, &t, err);
	if (got <= 0)
		return got < 0 ? -1 : absent_message_id(e->db, team, id, err);
	got = message_of_step(e->db, team, id, t.run.step, t.run.visit, a, ret, err);
	if (got == 0)
		return make_message(e, &t, ret, err);
	return err_or_none(got);
}

/* Has the run gone on because its last mail was dropped? 1 with that mail, 0, -1. */
static int find_dropped(struct engine *e, const struct run *r, struct arena *a, struct message *ret, struct err *err)
{
	int got = message_last_of_run(e->db, r->team, r->id, a, ret, err);

	return got <= 0 ? got : ret->state == MESSAGE_DROPPED && ret->visit == r->visit && ret->step != r->step;
}

static int check_step(const struct traveller *t, const char *name, struct err *err)
{
	const struct step *st = pipeline_step_of(t->pipeline, t->run.step);

	if (!st)
		return err_set(err, ERR_REFUSED, "run %lld stands before no step, not '%s'", (long long)t->run.id, name);
	if (strcmp(st->name, name) != 0)
		return err_set(err, ERR_REFUSED, "run %lld stands before '%s', not '%s'", (long long)t->run.id, st->name, name);
	return 0;
}

int queued_find_named(struct engine *e, int64_t team, const struct queued_name *name, struct arena *a,
                      struct message *ret, struct err *err)
{
	struct traveller t;
	int got = name->step || name->again ? traveller_load(e, team, name->id, a, &t, err) : 0;

	if (got > 0 && name->step && check_step(&t, name->step, err) < 0)
		return -1;
	if (got > 0 && !name->step)
		got = find_dropped(e, &t.run, a, ret, err);
	else if (got == 0 && name->step)
		return absent_run(e->db, team, name->id, err);
	else if (got > 0)
		got = 0;
	if (got != 0)
		return err_or_none(got);
	return queued_find(e, team, name->id, a, ret, err);
}

static int set_state(struct engine *e, const struct message *m, enum message_state state, struct err *err)
{
	struct message now = *m;

	now.state = state;
	now.changed_at = e->now;
	return message_update(e->db, m->team, &now, err);
}

/* A mail without a run waits under its own id. */
static int unqueue_loose(struct engine *e, const struct message *m, struct err *err)
{
	struct queue_row row;
	int got = queue_find(e->db, m->lane, CLASS_LOOSE, -m->id, &row, err);

	return got <= 0 ? got : queue_remove(e->db, &row, err);
}

static int queue_loose(struct engine *e, const struct message *m, int64_t due, struct err *err)
{
	struct queue_row row = { m->lane, CLASS_LOOSE, due, -m->id };

	return unqueue_loose(e, m, err) < 0 ? -1 : queue_insert(e->db, &row, err);
}

static int unqueue_run(struct engine *e, struct traveller *t, struct err *err)
{
	if (run_unqueue(e, &t->run, err) < 0)
		return -1;
	return run_update(e->db, t->run.team, &t->run, err);
}

/* What a tick has in hand is asked back first. -1 with ERR_REFUSED: that is too late, or it is done. */
static int seize(struct engine *e, const struct message *m, const char *to_do, struct err *err)
{
	if (m->state == MESSAGE_SENDING) {
		int got = parcel_take_back(e, m->team, m->id, err);

		if (got != 0)
			return got;
	}
	if (m->state == MESSAGE_IN_DOUBT)
		return err_set(err, ERR_REFUSED, "message %lld may have been sent; say so or send it again: pipectl settle %lld"
		               " sent|resend", (long long)m->id, (long long)m->id);
	if (m->state == MESSAGE_OFFERED)
		return err_set(err, ERR_REFUSED, "message %lld is with the server at this moment", (long long)m->id);
	if (!is_open_state(m->state) && m->state != MESSAGE_SENDING)
		return err_set(err, ERR_REFUSED, "message %lld is %s and cannot be %s", (long long)m->id,
		               message_state_text(m->state), to_do);
	return 1;
}

int queued_hold(struct engine *e, const struct message *m, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct traveller t;
	int waits;

	if (m->state == MESSAGE_HELD)
		return 0;
	if (seize(e, m, "held", err) < 0)
		return -1;
	waits = traveller_of_message(e, m, &a, &t, err);
	if (waits < 0)
		return -1;
	if (waits > 0 && t.run.status == RUN_BLOCKED)
		return err_set(err, ERR_REFUSED, "message %lld does not go anyway: its run %lld is blocked (%s)",
		               (long long)m->id, (long long)m->run, t.run.reason);
	if (set_state(e, m, MESSAGE_HELD, err) < 0 || (m->run == 0 && unqueue_loose(e, m, err) < 0) ||
	    (waits > 0 && unqueue_run(e, &t, err) < 0))
		return -1;
	return 1;
}

int queued_release(struct engine *e, const struct message *m, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct traveller t;
	int waits;

	if (m->state == MESSAGE_QUEUED || m->state == MESSAGE_SENDING || m->state == MESSAGE_OFFERED)
		return 0;
	if (m->state != MESSAGE_HELD)
		return err_set(err, ERR_REFUSED, "message %lld is %s, not held", (long long)m->id,
		               message_state_text(m->state));
	if (set_state(e, m, MESSAGE_QUEUED, err) < 0)
		return -1;
	if (m->run == 0)
		return queue_loose(e, m, e->now, err) < 0 ? -1 : 1;
	waits = traveller_of_message(e, m, &a, &t, err);
	if (waits <= 0 || t.run.status == RUN_BLOCKED)
		return waits < 0 ? -1 : 1;
	/* A hold counts as planned anew: only missing ticks and `pause` make late. */
	return run_requeue(e, &t, t.run.due_at > e->now ? t.run.due_at : e->now, err) < 0 ? -1 : 1;
}

static int record_dropped(struct engine *e, const struct message *m, struct traveller *t, struct err *err)
{
	const char *what = *m->subject ? m->subject : t->pipeline->steps[pipeline_step_index(t->pipeline, m->step)].name;
	struct happening h = {
		.ev = {
			.contact = m->contact,
			.run = m->run,
			.step = m->step,
			.message = m->id,
			.type = "note.added",
			.data = event_data(t->arena, "text", arena_printf(t->arena, "mail '%s' dropped by hand", what), NULL),
		},
		.contact = &t->contact,
		.arena = t->arena,
	};

	return err_or_none(event_record(e, m->team, &h, err));
}

int queued_drop(struct engine *e, const struct message *m, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct traveller t;
	int waits;

	if (m->state == MESSAGE_DROPPED)
		return 0;
	if (seize(e, m, "dropped", err) < 0 || set_state(e, m, MESSAGE_DROPPED, err) < 0)
		return -1;
	if (m->run == 0)
		return unqueue_loose(e, m, err) < 0 ? -1 : 1;
	waits = traveller_of_message(e, m, &a, &t, err);
	if (waits > 0)
		waits = record_dropped(e, m, &t, err) < 0 ? -1 : traveller_of_message(e, m, &a, &t, err);
	if (waits <= 0)
		return waits < 0 ? -1 : 1;
	t.run.reason = t.run.reason_text = "";
	return run_step_done(e, &t, t.pipeline->steps[pipeline_step_index(t.pipeline, m->step)].next, err) < 0 ? -1 : 1;
}

/* Closed by trouble: not paused, no limit, no gap. */
static bool is_resting(const struct engine *e, const struct lane *l)
{
	return strcmp(l->kind, "mailbox") == 0 && l->free_at > e->now && strcmp(l->reason, "quota") != 0 &&
	       strcmp(l->reason, "gap") != 0;
}

static int open_lanes(struct engine *e, int64_t team, const char *mailbox, int64_t *ret_opened, int64_t *ret_lane,
                      struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct lane *lanes;
	int n = lane_list(e->db, team, &a, &lanes, err);

	for (int i = 0; i < n; i++) {
		if (mailbox && strcmp(lanes[i].name, mailbox) != 0)
			continue;
		if (mailbox && strcmp(lanes[i].kind, "mailbox") == 0)
			*ret_lane = lanes[i].id;
		if (!is_resting(e, &lanes[i]))
			continue;
		if (lane_open_now(e, &lanes[i], err) < 0)
			return -1;
		(*ret_opened)++;
	}
	return err_or_none(n);
}

/* 1: it was put off and goes now. */
static int hurry(struct engine *e, const struct message *m, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct queue_row row;
	struct traveller t;
	int got;

	if (m->attempts == 0)
		return 0;
	if (m->run == 0) {
		got = queue_find(e->db, m->lane, CLASS_LOOSE, -m->id, &row, err);
		if (got <= 0 || row.due <= e->now)
			return err_or_none(got);
		return queue_loose(e, m, e->now, err) < 0 ? -1 : 1;
	}
	got = traveller_of_message(e, m, &a, &t, err);
	if (got <= 0 || t.run.status == RUN_BLOCKED || t.run.lane == 0 || t.run.queued_at <= e->now)
		return err_or_none(got);
	return run_requeue(e, &t, e->now, err) < 0 ? -1 : 1;
}

#define MESSAGES_AT_ONCE 100

int queued_flush(struct engine *e, int64_t team, const char *mailbox, struct flush_count *ret, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct message *list;
	int64_t lane = 0, after = 0;
	int n;

	*ret = (struct flush_count){ 0 };
	if (open_lanes(e, team, mailbox, &ret->lanes, &lane, err) < 0)
		return -1;
	do {
		arena_clear(&a);
		n = message_list_open(e->db, team, MESSAGE_QUEUED, after, MESSAGES_AT_ONCE, &a, &list, err);
		for (int i = 0; i < n; i++) {
			int hurried = mailbox && list[i].lane != lane ? 0 : hurry(e, &list[i], err);

			after = list[i].id;
			if (hurried < 0)
				return -1;
			ret->mails += hurried;
		}
	} while (n == MESSAGES_AT_ONCE);
	return err_or_none(n);
}
