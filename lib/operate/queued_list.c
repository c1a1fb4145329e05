#include "operate/queued.h"

#include "engine/inbox_age.h"
#include "operate/activity.h"
#include "operate/runs.h"

#include <string.h>

#define ROWS_AT_ONCE 200

struct listing {
	struct engine *e;
	int64_t team;
	struct standings standings;
	const struct queued_query *query;
	int (*each)(const struct queued *mail, void *ctx, struct err *err);
	void *ctx;
};

static int fill_from_message(struct listing *l, const struct message *m, struct queued *ret, struct arena *a,
                             struct err *err)
{
	struct lane lane;
	int got = lane_load(l->e->db, l->team, m->lane, a, &lane, err);

	if (got < 0)
		return -1;
	if (!ret->mailbox)
		ret->mailbox = got ? lane.name : "";
	ret->id = ret->message = m->id;
	ret->state = message_state_text(m->state);
	ret->to = m->rcpt_to;
	ret->subject = m->subject;
	ret->attempts = m->attempts;
	if (!*ret->text)
		ret->text = m->reply;
	return 0;
}

/* It was due, and is put off by a minute at a time. */
static bool waits_for_inbox(const struct queued *mail)
{
	return strcmp(mail->reason, block_reason_text(BLOCK_INBOX)) == 0;
}

static int fill_from_run(struct listing *l, const struct run *r, struct queued *ret, struct arena *a, struct err *err)
{
	struct run_shown shown;

	if (run_show(&l->standings, r, a, &shown, err) < 0)
		return -1;
	ret->id = ret->run = r->id;
	ret->to = shown.contact;
	ret->pipeline = shown.pipeline;
	ret->step = shown.step ? shown.step : "";
	ret->reason = shown.now.reason;
	if (waits_for_inbox(ret) && ret->due > l->e->now)
		ret->due = shown.now.since;
	ret->text = shown.now.text;
	ret->next = shown.now.next;
	ret->moved = shown.now.moved;
	return 0;
}

static struct queued empty(const char *mailbox, int64_t due)
{
	return (struct queued){ .mailbox = mailbox, .due = due, .state = "planned", .to = "", .pipeline = "", .step = "",
		                    .subject = "", .reason = "", .text = "", .moved = "" };
}

/* A mail without a run. 1 with the message, 0, -1. */
static int fill_loose(struct listing *l, const struct queue_row *q, struct queued *mail, struct arena *a,
                      struct message *ret, struct err *err)
{
	struct run_standing now;
	int got = message_load(l->e->db, l->team, -q->item, a, ret, err);

	if (got <= 0 || loose_standing(&l->standings, ret, q->due, a, &now, err) < 0)
		return got == 0 ? 0 : -1;
	mail->reason = now.reason;
	mail->text = now.text;
	mail->next = now.next;
	mail->moved = now.moved;
	return 1;
}

/* 1 with the message when there is one by now, 0, -1. mail->mailbox NULL: not known yet. */
static int fill_row(struct listing *l, int64_t run, struct queued *mail, struct arena *a, struct message *ret,
                    struct err *err)
{
	struct run r;
	int got = run_load(l->e->db, l->team, run, a, &r, err);

	if (got <= 0)
		return got;
	if (!mail->mailbox && run_mailbox(l->e, &r, a, &mail->mailbox, err) < 0)
		return -1;
	if (!*mail->mailbox)
		return 0;
	got = fill_from_run(l, &r, mail, a, err);
	return got < 0 ? -1 : message_of_step(l->e->db, l->team, run, r.step, r.visit, a, ret, err);
}

/* A row of a lane's queue: 1 it is a mail, and of the mailbox that is asked for, 0, -1. */
static int describe_row(struct listing *l, const struct lane *lane, const struct queue_row *q, struct arena *a,
                        struct queued *ret, struct err *err)
{
	const char *wanted = l->query->mailbox;
	struct message m;
	int got;

	*ret = empty(strcmp(lane->kind, "mailbox") == 0 ? lane->name : NULL, q->due);
	got = q->item > 0 ? fill_row(l, q->item, ret, a, &m, err) : fill_loose(l, q, ret, a, &m, err);
	if (got < 0 || (got > 0 && fill_from_message(l, &m, ret, a, err) < 0))
		return -1;
	return ret->id && (!wanted || strcmp(wanted, ret->mailbox) == 0);
}

static int show_row(struct listing *l, const struct lane *lane, const struct queue_row *q, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct queued mail;
	int got = describe_row(l, lane, q, &a, &mail, err);

	if (got <= 0 || (mail.due > l->e->now && !l->query->later))
		return err_or_none(got);
	return l->each(&mail, l->ctx, err);
}

static int show_lane(struct listing *l, const struct lane *lane, struct err *err)
{
	struct queue_row rows[ROWS_AT_ONCE], last = { .class = -1 };
	int n, got;

	do {
		n = queue_list(l->e->db, lane->id, &last, rows, ROWS_AT_ONCE, err);
		for (int i = 0; i < n; i++) {
			last = rows[i];
			got = l->query->later || rows[i].due <= l->e->now + INBOX_WAIT_S ? show_row(l, lane, &rows[i], err) : 0;
			if (got != 0)
				return got;
		}
	} while (n == ROWS_AT_ONCE);
	return err_or_none(n);
}

/* A mail of a step where its run stands no more: what holds the run there is nothing to it. */
static int place_where_it_was(struct listing *l, const struct message *m, const struct run *r, struct queued *mail,
                              struct arena *a, struct err *err)
{
	struct activity_place at;

	if (run_waits_for(r, m))
		return 0;
	if (activity_place(l->e, l->team, m->run, m->step, a, &at, err) < 0)
		return -1;
	mail->step = at.step ? at.step : "";
	mail->reason = mail->text = mail->moved = "";
	mail->next = 0;
	return 0;
}

/* Those that are in no queue: under way, held, in doubt. */
static int show_message(struct listing *l, const struct message *m, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct queued mail = empty(NULL, 0);
	struct run r;
	int got = m->run ? run_load(l->e->db, l->team, m->run, &a, &r, err) : 0;

	if (got > 0)
		got = fill_from_run(l, &r, &mail, &a, err) < 0 ? -1 : place_where_it_was(l, m, &r, &mail, &a, err);
	if (got < 0 || fill_from_message(l, m, &mail, &a, err) < 0)
		return -1;
	if (l->query->mailbox && strcmp(l->query->mailbox, mail.mailbox) != 0)
		return 0;
	return l->each(&mail, l->ctx, err);
}

/* Where a mail that was made waits: 1, 0 nowhere, -1. */
static int place_in_queue(struct listing *l, const struct message *m, struct queue_row *ret, struct arena *a, struct err *err)
{
	struct run r;
	int got;

	if (m->run == 0)
		return queue_find(l->e->db, m->lane, CLASS_LOOSE, -m->id, ret, err);
	got = run_load(l->e->db, l->team, m->run, a, &r, err);
	if (got <= 0 || r.lane == 0 || !run_waits_for(&r, m))
		return err_or_none(got);
	*ret = (struct queue_row){ r.lane, r.class, r.queued_at, r.id };
	return 1;
}

/* One that was tried and is put off; what is due again is listed with its lane. */
static int show_put_off(struct listing *l, const struct message *m, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct queued mail;
	struct queue_row q;
	struct lane lane;
	int got = m->attempts > 0 ? place_in_queue(l, m, &q, &a, err) : 0;

	if (got > 0)
		got = lane_load(l->e->db, l->team, q.lane, &a, &lane, err);
	if (got > 0)
		got = describe_row(l, &lane, &q, &a, &mail, err);
	if (got <= 0 || mail.due <= l->e->now)
		return err_or_none(got);
	return l->each(&mail, l->ctx, err);
}

static int show_messages_in(struct listing *l, enum message_state state, struct err *err)
{
	struct message *list;
	int64_t after = 0;
	int n;

	do {
		ARENA_AUTO a = { 0 };

		n = message_list_open(l->e->db, l->team, state, after, ROWS_AT_ONCE, &a, &list, err);
		for (int i = 0; i < n; i++) {
			int got = state == MESSAGE_QUEUED ? show_put_off(l, &list[i], err) : show_message(l, &list[i], err);

			if (got != 0)
				return got;
			after = list[i].id;
		}
	} while (n == ROWS_AT_ONCE);
	return err_or_none(n);
}

static int show_messages(struct listing *l, struct err *err)
{
	static const enum message_state states[] = { MESSAGE_SENDING, MESSAGE_OFFERED, MESSAGE_HELD, MESSAGE_IN_DOUBT,
		                                         MESSAGE_QUARANTINED };
	int got = l->query->later ? 0 : show_messages_in(l, MESSAGE_QUEUED, err);

	for (size_t s = 0; s < ARRAY_LEN(states) && got == 0; s++)
		got = show_messages_in(l, states[s], err);
	return got;
}

static int show_lanes(struct listing *l, struct err *err)
{
	ARENA_AUTO a = { 0 };
	const struct queued_query *q = l->query;
	struct lane *lanes;
	int n = lane_list(l->e->db, l->team, &a, &lanes, err), got = 0;

	for (int i = 0; i < n && got == 0; i++) {
		bool mails = strcmp(lanes[i].kind, "mailbox") == 0;

		if (strcmp(lanes[i].kind, "parked") == 0 || (mails && (!q->mailbox || strcmp(q->mailbox, lanes[i].name) == 0)))
			got = show_lane(l, &lanes[i], err);
	}
	return n < 0 ? -1 : got;
}

int queued_each(struct engine *e, int64_t team, const struct queued_query *q,
                int (*each)(const struct queued *mail, void *ctx, struct err *err), void *ctx, struct err *err)
{
	struct listing l = { .e = e, .team = team, .query = q, .each = each, .ctx = ctx };
	int got;

	standings_begin(&l.standings, e, team);
	got = show_lanes(&l, err);
	if (got == 0)
		got = show_messages(&l, err);
	standings_end(&l.standings);
	return got;
}
