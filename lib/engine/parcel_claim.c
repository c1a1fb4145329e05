#include "engine/parcel.h"

#include "base/mem.h"
#include "base/random.h"
#include "engine/crash.h"
#include "engine/message.h"
#include "model/address.h"
#include "transport/content.h"

#include <stdlib.h>
#include <string.h>

#define MAX_MAIL ((size_t)32 << 20)

void parcel_free(struct parcel *p)
{
	struct arena a;

	if (!p)
		return;
	a = p->arena;
	arena_release(&a);
}

static struct parcel *parcel_new(void)
{
	struct arena a = { 0 };
	struct parcel *p = ARENA_NEW(&a, struct parcel);

	p->arena = a;
	return p;
}

/* A run of a paused pipeline waits in a lane of its own until somebody resumes it. */
static int park(struct engine *e, struct traveller *t, const struct queue_row *q, struct err *err)
{
	struct queue_row to = *q;

	if (engine_lane(e, t->run.team, "parked", t->pipeline->name, &to.lane, err) < 0 ||
	    queue_insert(e->db, &to, err) < 0)
		return -1;
	t->run.lane = to.lane;
	return run_update(e->db, t->run.team, &t->run, err);
}

static struct message new_message(struct engine *e, const struct traveller *t, const struct mailbox *mb,
                                  const struct step *st, struct arena *a)
{
	return (struct message){
		.contact = t->run.contact,
		.run = t->run.id,
		.step = t->run.step,
		.visit = t->run.visit,
		.message_id = message_new_id(a, mb->from_address),
		.created_at = e->now,
		.template = st->template ? st->template : "",
		.headers = "",
		.reply = "",
	};
}

/* The bytes and what is kept for people. 1, 0 with *ret_problem, -1. */
static int make_mail(struct engine *e, struct traveller *t, int step, const struct mailbox *mb, struct message *m,
                     struct buf *bytes, const char **ret_problem, struct err *err)
{
	struct rendered parts = { 0 };
	struct composing how = {
		.mailbox = mb,
		.contact = &t->contact,
		.pipeline = t->pipeline,
		.step = &t->pipeline->steps[step],
		.marketing = t->pipeline->purpose == PURPOSE_MARKETING,
	};
	struct address to;
	struct err why = ERR_INIT;
	int got;

	if (address_parse(t->contact.email, &to, &why) < 0) {
		*ret_problem = arena_strdup(t->arena, why.text);
		return 0;
	}
	t->message_id = m->message_id;
	how.template = message_template(t->world, how.step);
	got = message_render(e, t, step, &parts, ret_problem, err);
	if (got <= 0)
		return got;
	if (*parts.missing) {
		*ret_problem = parts.missing;
		return 2;
	}
	m->team = t->run.team;
	m->rcpt_to = arena_strdup(t->arena, to.wire);
	m->subject = parts.subject;
	m->text = parts.text;
	m->html = parts.html;
	return message_compose(e, t->world, &how, m, t->arena, bytes, ret_problem, err);
}

static int store_claim(struct engine *e, const struct lane *l, const struct mailbox *mb, const struct queue_row *q,
                       int64_t slot_at, struct message *m, struct parcel *p, struct err *err)
{
	p->claim.message = m->id;
	p->claim.team = m->team;
	p->claim.item = q->item;
	p->claim.lane = q->lane;
	p->claim.class = q->class;
	p->claim.due = q->due;
	p->claim.token = m->token;
	p->claim.slot_at = slot_at;
	p->run = m->run;
	p->mail_from = m->mail_from;
	p->rcpt_to = m->rcpt_to;
	p->message_id = m->message_id;
	if (mail_content_check(p->claim.bytes, p->claim.len, &p->eightbit) != NULL)
		BUG("a mail was composed that must not go out");
	if (lane_take_slot(e, l, mb, slot_at, m->id, err) < 0)
		return -1;
	return claim_insert(e->db, m->team, &p->claim, err);
}

static void prepare_row(struct engine *e, const struct lane *l, struct message *m)
{
	m->state = MESSAGE_SENDING;
	m->token = random_token();
	m->lane = l->id;
	m->attempts++;
	if (m->first_try_at == 0)
		m->first_try_at = e->now;
	m->changed_at = e->now;
}

static int keep_bytes(struct parcel *p, const struct buf *bytes)
{
	p->claim.bytes = arena_strndup(&p->arena, bytes->s, bytes->len);
	p->claim.len = bytes->len;
	return 0;
}

/* The bytes of a mail that is sent again after it was in doubt: the same ones. 1, 0 there are none, -1. */
static int take_kept_bytes(struct engine *e, const struct message *m, struct buf *bytes, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct claim kept;
	int got = claim_load(e->db, m->team, m->id, &a, &kept, err);

	if (got <= 0)
		return got;
	buf_add(bytes, kept.bytes, kept.len);
	return claim_remove(e->db, m->team, m->id, CLAIM_SET_ASIDE, err) < 0 ? -1 : 1;
}

/* The step's mail, unless it went out already or somebody holds it. */
static int claim_step(struct engine *e, struct traveller *t, int step, struct lane *l, const struct mailbox *mb,
                      const struct queue_row *q, int64_t slot_at, struct parcel *p, struct err *err)
{
	BUF_AUTO bytes = BUF_INIT(MAX_MAIL);
	const char *problem = NULL;
	struct message m;
	int got = message_of_step(e->db, t->run.team, t->run.id, t->run.step, t->run.visit, t->arena, &m, err);
	bool there = got > 0;

	if (got < 0)
		return -1;
	if (there && (m.state == MESSAGE_SENT || m.state == MESSAGE_BOUNCED))
		return run_step_done(e, t, t->pipeline->steps[step].next, err);
	if (there && (m.state == MESSAGE_IN_DOUBT || m.state == MESSAGE_OFFERED))
		return run_block(e, t, BLOCK_IN_DOUBT, "it may have been sent already", err);
	if (there && m.state == MESSAGE_HELD)
		return run_update(e->db, t->run.team, &t->run, err);
	if (!there)
		m = new_message(e, t, mb, &t->pipeline->steps[step], t->arena);
	got = there ? take_kept_bytes(e, &m, &bytes, err) : 0;
	if (got == 0) {
		crash_mark(q->item);
		got = make_mail(e, t, step, mb, &m, &bytes, &problem, err);
		crash_mark(0);
	}
	if (got < 0)
		return -1;
	if (got == 0 || got == 2)
		return run_block(e, t, got ? BLOCK_MISSING : BLOCK_TEMPLATE, problem, err);
	prepare_row(e, l, &m);
	if ((there ? message_update(e->db, m.team, &m, err) : message_insert(e->db, t->run.team, &m, err)) < 0 ||
	    run_update(e->db, t->run.team, &t->run, err) < 0)
		return -1;
	keep_bytes(p, &bytes);
	return store_claim(e, l, mb, q, slot_at, &m, p, err) < 0 ? -1 : 1;
}

static int decide_mail(struct engine *e, struct traveller *t, struct decision *d, struct err *err)
{
	struct surroundings s = world_surroundings(t->world, &t->contact);
	struct standing at = {
		.step = t->run.step ? pipeline_step_index(t->pipeline, t->run.step) : STEP_NONE,
		.started_at = t->run.started_at,
		.due_at = t->run.due_at,
	};
	struct facts f;

	if (traveller_facts(e, t, NULL, &f, err) < 0)
		return -1;
	return decide(t->pipeline, &at, &f, &s, d, err);
}

static int claim_run(struct engine *e, struct lane *l, const struct mailbox *mb, const struct queue_row *q,
                     int64_t slot_at, struct parcel *p, struct err *err)
{
	struct traveller t;
	struct decision d;
	int crashes, got = traveller_load(e, l->team, q->item, &p->arena, &t, err);

	if (got <= 0)
		return got;
	t.run.lane = 0;
	if (!run_state_open(t.run.status) || t.run.status == RUN_BLOCKED)
		return 0;
	if (t.pipeline->paused || !t.pipeline->active)
		return park(e, &t, q, err);
	crashes = crash_count(e, q->item, err);
	if (crashes < 0)
		return -1;
	if (crashes >= CRASH_LIMIT)
		return run_block(e, &t, BLOCK_QUARANTINED, "the program crashed three times over this mail", err);
	if (decide_mail(e, &t, &d, err) < 0)
		return -1;
	if (d.kind != DECIDE_ACT || t.pipeline->steps[d.step].verb != VERB_EMAIL)
		return run_execute(e, &t, err);
	return claim_step(e, &t, d.step, l, mb, q, slot_at, p, err);
}

/* A mail without a run: it is rendered already. */
static int claim_loose(struct engine *e, struct lane *l, const struct mailbox *mb, const struct queue_row *q,
                       int64_t slot_at, struct parcel *p, struct err *err)
{
	BUF_AUTO bytes = BUF_INIT(MAX_MAIL);
	struct composing how = { .mailbox = mb };
	const char *problem = NULL;
	struct world *w;
	struct message m;
	int got = message_load(e->db, l->team, -q->item, &p->arena, &m, err);

	if (got <= 0)
		return got;
	if (m.state != MESSAGE_QUEUED)
		return 0;
	if (engine_world(e, l->team, &w, err) < 0)
		return -1;
	how.template = *m.template ? world_template(w, m.template) : NULL;
	got = take_kept_bytes(e, &m, &bytes, err);
	if (got == 0)
		got = message_compose(e, w, &how, &m, &p->arena, &bytes, &problem, err);
	if (got < 0)
		return -1;
	prepare_row(e, l, &m);
	if (got == 0) {
		m.state = MESSAGE_REFUSED;
		m.reply = problem;
	}
	if (message_update(e->db, m.team, &m, err) < 0 || got == 0)
		return got == 0 ? 0 : -1;
	keep_bytes(p, &bytes);
	return store_claim(e, l, mb, q, slot_at, &m, p, err) < 0 ? -1 : 1;
}

int parcel_claim(struct engine *e, struct lane *l, const struct mailbox *mb, const struct queue_row *q, int64_t slot_at,
                 struct parcel **ret, struct err *err)
{
	struct parcel *p;
	int got = queue_remove(e->db, q, err);

	if (got <= 0)
		return got;
	p = parcel_new();
	got = q->item > 0 ? claim_run(e, l, mb, q, slot_at, p, err) : claim_loose(e, l, mb, q, slot_at, p, err);
	if (got <= 0) {
		parcel_free(p);
		return got;
	}
	*ret = p;
	return 1;
}
