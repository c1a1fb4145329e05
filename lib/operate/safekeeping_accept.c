#include "operate/safekeeping.h"

#include "engine/chunk.h"
#include "engine/guard.h"
#include "engine/hold.h"
#include "engine/message.h"
#include "operate/queued.h"
#include "store/queue_store.h"

#include <string.h>
#include <unistd.h>

#define ROWS_AT_ONCE 200

static const char in_doubt_text[] = "it was due before a backup was restored: the database that was lost may have sent it";

struct accepting {
	struct engine *e;
	int64_t now;        /* the engine's moves with the steps */
	struct chunk chunk;
	struct accept_count *count;
	int64_t handled;    /* in this pass over the lanes */
};

static int put_in_doubt(struct accepting *s, struct message *m, struct err *err)
{
	m->state = MESSAGE_IN_DOUBT;
	m->changed_at = s->now;
	s->count->in_doubt++;
	return message_update(s->e->db, m->team, m, err);
}

/* What a tick had in hand when the backup was made. Its bytes stay, set aside. */
static int doubt_claim(struct accepting *s, const struct claim *c, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct traveller t;
	struct message m;
	int got = message_load(s->e->db, c->team, c->message, &a, &m, err);

	if (got > 0 && m.state != MESSAGE_SENDING && m.state != MESSAGE_OFFERED)
		got = 0;
	if (got <= 0)
		return got < 0 || claim_remove(s->e->db, c->team, c->message, c->token, err) < 0 ? -1 : 0;
	if (put_in_doubt(s, &m, err) < 0 || claim_set_aside(s->e->db, c->team, c->message, err) < 0)
		return -1;
	got = traveller_of_message(s->e, &m, &a, &t, err);
	return got <= 0 ? got : run_block(s->e, &t, BLOCK_IN_DOUBT, in_doubt_text, err);
}

static int doubt_claims(struct accepting *s, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct claim *claims;
	int n = claim_list(s->e->db, &a, &claims, err);

	for (int i = 0; i < n; i++)
		if (doubt_claim(s, &claims[i], err) < 0)
			return -1;
	return err_or_none(n);
}

/* So that people see what it is about; a mail that cannot be rendered has no subject. */
static int fill_in(struct accepting *s, struct traveller *t, struct message *m, struct err *err)
{
	struct rendered parts = { 0 };
	const char *problem = NULL;
	int got;

	if (*m->subject)
		return 0;
	got = message_render(s->e, t, pipeline_step_index(t->pipeline, t->run.step), &parts, &problem, err);
	if (got > 0) {
		m->subject = parts.subject;
		m->text = parts.text;
		m->html = parts.html;
	}
	return err_or_none(got);
}

/* A run whose mail was due. 1 handled, 0 it goes as before (nothing of it could have been sent), -1. */
static int doubt_run(struct accepting *s, struct traveller *t, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct message m;

	if (queued_find(s->e, t->run.team, t->run.id, t->arena, &m, &ignored) < 0) {
		if (ignored.kind == ERR_REFUSED)
			return 0;
		*err = ignored;
		return -1;
	}
	if (m.state != MESSAGE_QUEUED)
		return 0;
	if (fill_in(s, t, &m, err) < 0 || put_in_doubt(s, &m, err) < 0 ||
	    run_block(s->e, t, BLOCK_IN_DOUBT, in_doubt_text, err) < 0)
		return -1;
	return 1;
}

static int doubt_loose(struct accepting *s, const struct lane *l, const struct queue_row *q, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct message m;
	int got = message_load(s->e->db, l->team, -q->item, &a, &m, err);

	if (got > 0)
		got = put_in_doubt(s, &m, err);
	return got < 0 || queue_remove(s->e->db, q, err) < 0 ? -1 : 1;
}

/* A step without mail happens as of when it was due, so that what follows it is planned as it was. */
static int replay(struct accepting *s, struct traveller *t, const struct queue_row *q, struct err *err)
{
	int got = queue_remove(s->e->db, q, err);

	if (got <= 0)
		return got;
	t->run.lane = 0;
	s->e->now = q->due;
	got = run_execute(s->e, t, err);
	s->e->now = s->now;
	s->count->moved++;
	return got < 0 ? -1 : 1;
}

/* A pipeline that is paused in the backup may have been resumed since, and paused again. */
static int accept_row(struct accepting *s, const struct lane *l, const struct queue_row *q, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct traveller t;
	int got;

	if (q->item < 0)
		return doubt_loose(s, l, q, err);
	got = traveller_load(s->e, l->team, q->item, &a, &t, err);
	if (got <= 0)
		return err_or_none(got);
	return q->class == CLASS_LOCAL ? replay(s, &t, q, err) : doubt_run(s, &t, err);
}

static int accept_lane(struct accepting *s, const struct lane *l, struct err *err)
{
	struct queue_row rows[ROWS_AT_ONCE], last = { .class = -1 };
	int n;

	do {
		n = queue_list(s->e->db, l->id, &last, rows, ROWS_AT_ONCE, err);
		for (int i = 0; i < n; i++) {
			int got = rows[i].due <= s->now ? accept_row(s, l, &rows[i], err) : 0;

			last = rows[i];
			if (got < 0 || chunk_step(&s->chunk, err) < 0)
				return -1;
			s->handled += got;
		}
	} while (n == ROWS_AT_ONCE);
	return err_or_none(n);
}

/* A step that is replayed may make a mail due in another lane: until a pass finds nothing more. */
static int accept_lanes(struct accepting *s, struct err *err)
{
	do {
		ARENA_AUTO a = { 0 };
		struct lane *lanes;
		int n = lane_list(s->e->db, 0, &a, &lanes, err);

		s->handled = 0;
		for (int i = 0; i < n; i++)
			if (accept_lane(s, &lanes[i], err) < 0)
				return -1;
		if (n < 0)
			return -1;
	} while (s->handled > 0);
	return 0;
}

static int accept_all(struct engine *e, bool dry_run, struct accept_count *ret, struct err *err)
{
	struct accepting s = { .e = e, .now = e->now, .count = ret };
	int got;

	if (chunk_begin(&s.chunk, e->db, dry_run, err) < 0)
		return -1;
	got = doubt_claims(&s, err) < 0 || accept_lanes(&s, err) < 0 || meta_delete(e->db, HOLD_RESTORE, err) < 0 ||
	              chunk_end(&s.chunk, err) < 0
	          ? -1
	          : 1;
	e->now = s.now;
	chunk_release(&s.chunk);
	return got;
}

/* The next tick takes this database for what it is. */
static int accept_age(struct engine *e, const struct guard *g, struct err *err)
{
	int64_t newest;

	if (db_newest_id(e->db, "item", &newest, err) < 0)
		return -1;
	guard_set_newest(g, newest);
	return 1;
}

int safekeep_accept(struct engine *e, bool dry_run, struct accept_count *ret, struct err *err)
{
	ARENA_AUTO a = { 0 };
	const char *ignored;
	struct guard g;
	int got;

	*ret = (struct accept_count){ 0 };
	if (safekeep_lock(db_path(e->db), &g, err) < 0)
		return -1;
	got = meta_get(e->db, HOLD_RESTORE, &a, &ignored, err);
	if (got > 0)
		got = accept_all(e, dry_run, ret, err);
	if (got > 0 && !dry_run)
		got = accept_age(e, &g, err);
	close(g.fd);
	return got;
}
