#include "engine/parcel.h"

#include "base/utf8.h"
#include "engine/crash.h"
#include "engine/inbox_age.h"
#include "engine/letter.h"
#include "engine/message.h"
#include "engine/parking.h"
#include "engine/person.h"
#include "engine/sender.h"
#include "model/address.h"
#include "store/contact_store.h"
#include "store/due_store.h"

#include <stdlib.h>
#include <string.h>

#define MAX_MAIL     ((size_t)32 << 20)

void parcel_free(struct parcel *p)
{
	struct arena a;

	if (!p)
		return;
	a = p->arena;
	arena_release(&a);
}

/* One item that is being taken: from where, for whom, and what it becomes. */
struct taking {
	struct engine *e;
	struct lane *lane;
	const struct mailbox *mailbox;
	const struct queue_row *row;
	int64_t slot_at;
	struct parcel *parcel;
	struct traveller t;   /* of a run; a mail without one has none */
	bool has_message;     /* of its step, from an earlier try */
	uint64_t changes;     /* of the engine when it was loaded */
	int step;
	struct message m;
	bool keep_bytes;      /* nothing else gives them again */
	const char *problem;  /* why there is no mail, when there is none */
	bool quarantined;     /* ticks have died over it */
};

static struct parcel *parcel_new(void)
{
	struct arena a = { 0 };
	struct parcel *p = ARENA_NEW(&a, struct parcel);

	p->arena = a;
	return p;
}

static int new_message(struct taking *k, struct err *err)
{
	const struct run *r = &k->t.run;
	const char *template = k->t.pipeline->steps[k->step].template;

	k->m = (struct message){
		.contact = r->contact,
		.run = r->id,
		.step = r->step,
		.visit = r->visit,
		.created_at = k->e->now,
		.template = template ? template : "",
		.headers = "",
		.reply = "",
	};
	return message_new_id(k->e, k->mailbox->from_address, k->t.arena, &k->m, err);
}

/* The address is stored twice, as written and folded: one that changed on the disk must not be written to. */
static int read_address(const struct taking *k, struct address *ret, struct err *err)
{
	const struct contact *c = &k->t.contact;
	struct err why = ERR_INIT;

	if (address_parse(c->email, ret, &why) == 0 && strcmp(ret->folded, c->folded) == 0)
		return 0;
	return err_set(err, ERR_CONFIG,
	               "%s is damaged: the address of contact %lld is not as it was written; bring a backup back: pipectl restore",
	               db_path(k->e->db), (long long)c->id);
}

/* Why a mail was not made. */
enum made { MADE_FAILED = -1, MADE_NOT, MADE, MADE_WITH_HOLES };

/* The bytes and what is kept for people; k->problem says why not. */
static enum made make_mail(struct taking *k, struct buf *bytes, struct err *err)
{
	struct traveller *t = &k->t;
	struct rendered parts = { 0 };
	struct composing how = {
		.mailbox = k->mailbox,
		.contact = &t->contact,
		.pipeline = t->pipeline,
		.step = &t->pipeline->steps[k->step],
		.template = message_template(t->world, &t->pipeline->steps[k->step]),
		.marketing = t->pipeline->purpose == PURPOSE_MARKETING,
		.arena = t->arena,
	};
	struct address to;
	int got;

	if (read_address(k, &to, err) < 0)
		return MADE_FAILED;
	t->message_id = k->m.message_id;
	got = message_render(k->e, t, k->step, &parts, &k->problem, err);
	if (got <= 0)
		return got < 0 ? MADE_FAILED : MADE_NOT;
	if (*parts.missing) {
		k->problem = parts.missing;
		return MADE_WITH_HOLES;
	}
	k->m.team = t->run.team;
	k->m.rcpt_to = arena_strdup(t->arena, to.wire);
	k->m.subject = parts.subject;
	k->m.text = parts.text;
	k->m.html = parts.html;
	message_share(k->mailbox, &parts.source, t->arena, &k->m);
	k->keep_bytes = !message_can_again(&how);
	got = message_compose(k->e, t->world, &how, &k->m, bytes, &k->problem, err);
	return got < 0 ? MADE_FAILED : got ? MADE : MADE_NOT;
}

/* One that was taken back and is claimed again by this tick is another claim; 0 is none. */
static int64_t token_of(const struct engine *e, int64_t attempts)
{
	return e->token ^ attempts << 1;
}

static void prepare_row(struct taking *k)
{
	struct message *m = &k->m;

	k->parcel->again = m->token == token_of(k->e, m->attempts);
	m->state = MESSAGE_SENDING;
	m->lane = k->lane->id;
	m->attempts++;
	m->token = token_of(k->e, m->attempts);
	if (m->first_try_at == 0)
		m->first_try_at = k->e->now;
	m->changed_at = k->e->now;
}

static int insert_claim(struct taking *k, struct err *err)
{
	struct claim row = k->parcel->claim;

	if (!k->keep_bytes)
		row.len = 0;
	return claim_insert(k->e->db, row.team, &row, err);
}

/* The row is stored: from here on it is a claim. */
static int store_claim(struct taking *k, const struct buf *bytes, struct err *err)
{
	struct parcel *p = k->parcel;
	const struct message *m = &k->m;

	p->claim = (struct claim){
		.message = m->id,
		.team = m->team,
		.item = k->row->item,
		.lane = k->row->lane,
		.class = k->row->class,
		.due = k->row->due,
		.token = m->token,
		.slot_at = k->slot_at,
		.bytes = arena_strndup(&p->arena, bytes->s, bytes->len),
		.len = bytes->len,
	};
	p->message = *m;
	p->t = k->t;
	p->changes = k->changes;
	p->eightbit = !utf8_is_ascii(p->claim.bytes, p->claim.len);
	if (lane_take_slot(k->e, k->lane, k->mailbox, k->slot_at, m->id, err) < 0)
		return -1;
	return insert_claim(k, err) < 0 ? -1 : 1;
}

/* The bytes of a mail that is sent again after it was in doubt: the same ones. 1, 0 there are none, -1. */
static int take_kept_bytes(struct taking *k, struct buf *bytes, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct claim kept;
	int got = claim_load(k->e->db, k->m.team, k->m.id, &a, &kept, err);

	if (got <= 0)
		return got;
	k->keep_bytes = kept.len > 0;
	if (k->keep_bytes)
		buf_add(bytes, kept.bytes, kept.len);
	else if (message_compose_again(&k->m, bytes, err) < 0)
		return -1;
	return claim_remove(k->e->db, k->m.team, k->m.id, CLAIM_SET_ASIDE, err) < 0 ? -1 : 1;
}

/* Only the claim is appended: the run's row stays as it is until the answer comes. */
static int store_message(struct taking *k, bool there, struct err *err)
{
	int64_t team = k->t.run.team;

	prepare_row(k);
	return there ? message_update(k->e->db, team, &k->m, err) : message_insert(k->e->db, team, &k->m, err);
}

/* A message of this step that is there already: 1 it is sent (again) now, 0 it is dealt with, -1. */
static int meet_message(struct taking *k, struct err *err)
{
	struct traveller *t = &k->t;

	switch (k->m.state) {
	case MESSAGE_SENT:
	case MESSAGE_BOUNCED:
		return run_step_done(k->e, t, t->pipeline->steps[k->step].next, err);
	case MESSAGE_OFFERED:
	case MESSAGE_IN_DOUBT:
		return run_block(k->e, t, BLOCK_IN_DOUBT, "it may have been sent already", err);
	case MESSAGE_HELD:
		return run_update(k->e->db, t->run.team, &t->run, err);
	case MESSAGE_QUEUED:
	case MESSAGE_SENDING:
	case MESSAGE_REFUSED:
	case MESSAGE_DROPPED:
	case MESSAGE_QUARANTINED:
		return 1;
	}
	BUG("message state %d", (int)k->m.state);
}

static int find_message(struct taking *k, struct err *err)
{
	const struct run *r = &k->t.run;

	return k->has_message ? message_of_step(k->e->db, r->team, r->id, r->step, r->visit, k->t.arena, &k->m, err) : 0;
}

static int claim_step(struct taking *k, struct err *err)
{
	BUF_AUTO bytes = BUF_INIT(MAX_MAIL);
	struct traveller *t = &k->t;
	enum made made = MADE;
	int got = find_message(k, err);
	bool there = got > 0;

	if (got > 0)
		got = meet_message(k, err);
	else if (got == 0)
		got = new_message(k, err);
	if (got < 0 || (there && got == 0))
		return got;
	got = there ? take_kept_bytes(k, &bytes, err) : 0;
	if (got == 0)
		made = make_mail(k, &bytes, err);
	if (got < 0 || made == MADE_FAILED)
		return -1;
	if (made != MADE)
		return run_block(k->e, t, made == MADE_NOT ? BLOCK_TEMPLATE : BLOCK_MISSING, k->problem, err);
	return store_message(k, there, err) < 0 ? -1 : store_claim(k, &bytes, err);
}

static int load_run(struct taking *k, struct err *err)
{
	struct arena *a = &k->parcel->arena;
	struct due_mail due;
	int got = due_mail_load(k->e->db, k->lane->team, k->row->item, a, &due, err);

	if (got <= 0)
		return got;
	k->has_message = due.has_message;
	k->changes = k->e->changes;
	return traveller_of_rows(k->e, &due.run, &due.contact, a, &k->t, err);
}

/* What a closed lane kept waiting is planned for when it opened: only missing ticks and a pause make it late. */
static void plan_anew(struct taking *k)
{
	struct run *r = &k->t.run;

	if (k->lane->free_at > r->due_at && k->lane->free_at <= k->e->now)
		r->due_at = k->lane->free_at;
}

static int claim_run(struct taking *k, struct err *err)
{
	struct engine *e = k->e;
	struct traveller *t = &k->t;
	struct decision d;
	struct hurdle ignored;
	const char *mailbox, *why;
	int got = load_run(k, err);

	if (got <= 0)
		return got;
	t->run.lane = 0;
	if (!run_state_active(t->run.status))
		return 0;
	if (decide_suppressed(t->pipeline, &t->contact))
		return run_end(e, t, RUN_STOPPED, decide_suppressed(t->pipeline, &t->contact), err);
	if (t->pipeline->paused_at || !t->pipeline->active)
		return run_park(e, t, k->row, err);
	if (k->quarantined)
		return run_block(e, t, BLOCK_QUARANTINED, "the program crashed three times over this mail", err);
	plan_anew(k);
	if (run_decide(e, t, &d, err) < 0)
		return -1;
	if (d.kind != DECIDE_ACT || t->pipeline->steps[d.step].verb != VERB_EMAIL)
		return run_execute(e, t, err);
	k->step = d.step;
	/* Another owner, or another mailbox of a member, since it was planned. */
	mailbox = sender_of_step(t, &t->pipeline->steps[d.step], &ignored);
	if (!mailbox || strcmp(mailbox, k->lane->name) != 0)
		return run_requeue(e, t, t->run.due_at, err);
	got = inbox_holds(e, t, k->mailbox, &why, err);
	if (got > 0)
		return run_put_off(e, t, e->now + INBOX_WAIT_S, &(struct put_off){ block_reason_text(BLOCK_INBOX), why }, err);
	return got < 0 ? -1 : claim_step(k, err);
}

/* The contact that it goes to; one that was deleted meanwhile is written to no more. 1, 0 with k->problem, -1. */
static int find_addressee(struct taking *k, struct contact *ret, struct err *err)
{
	struct arena *a = &k->parcel->arena;
	int got = contact_load(k->e->db, k->m.team, k->m.contact, a, ret, err);

	if (got == 0)
		k->problem = "the contact was deleted";
	if (got > 0 && ret->suppressed)
		k->problem = arena_printf(a, "the address must not be written to: %s", suppression_text(ret->suppressed, a));
	return got < 0 ? -1 : !k->problem;
}

/* The bytes of a mail without a run, which is rendered already. 1, 0 with k->problem, -1. */
static int make_loose(struct taking *k, struct buf *bytes, struct err *err)
{
	struct composing how = { .mailbox = k->mailbox, .arena = &k->parcel->arena };
	struct message *m = &k->m;
	struct contact c;
	struct world *w;
	int got = m->contact ? find_addressee(k, &c, err) : 1;

	if (got <= 0)
		return got;
	if (engine_world(k->e, m->team, &w, err) < 0)
		return -1;
	how.contact = m->contact ? &c : NULL;
	how.template = *m->template ? template_of_name(w, m->template) : NULL;
	if (*m->template && !how.template) {
		k->problem = arena_printf(how.arena, "there is no template '%s' any more", m->template);
		return 0;
	}
	k->keep_bytes = !message_can_again(&how);
	got = take_kept_bytes(k, bytes, err);
	return got != 0 ? got : message_compose(k->e, w, &how, m, bytes, &k->problem, err);
}

static int claim_loose(struct taking *k, struct err *err)
{
	BUF_AUTO bytes = BUF_INIT(MAX_MAIL);
	struct message *m = &k->m;
	int got = message_load(k->e->db, k->lane->team, -k->row->item, &k->parcel->arena, m, err);

	if (got <= 0 || m->state != MESSAGE_QUEUED)
		return err_or_none(got);
	if (k->quarantined) {
		m->state = MESSAGE_QUARANTINED;
		m->reply = "the program crashed three times over this mail";
		m->changed_at = k->e->now;
		return message_update(k->e->db, m->team, m, err);
	}
	got = make_loose(k, &bytes, err);
	if (got < 0)
		return -1;
	prepare_row(k);
	if (got == 0) {
		m->state = MESSAGE_REFUSED;
		m->reply = k->problem;
	}
	if (message_update(k->e->db, m->team, m, err) < 0)
		return -1;
	if (got > 0)
		return store_claim(k, &bytes, err);
	return message_is_letter(m) ? letter_failed(k->e, m, k->problem, &k->parcel->arena, err) : 0;
}

int parcel_claim(struct engine *e, struct lane *l, const struct mailbox *mb, const struct queue_row *q, int64_t slot_at,
                 struct parcel **ret, struct err *err)
{
	struct taking k = { .e = e, .lane = l, .mailbox = mb, .row = q, .slot_at = slot_at };
	int got, deaths = crash_enter(e, q->item, err);

	if (deaths < 0)
		return -1;
	k.quarantined = deaths >= CRASH_LIMIT;
	k.parcel = parcel_new();
	k.parcel->decided_at = e->now;
	got = q->item > 0 ? claim_run(&k, err) : claim_loose(&k, err);
	if (got >= 0 && crash_leave(e, q->item, deaths, err) < 0)
		got = -1;
	if (got <= 0) {
		parcel_free(k.parcel);
		return got;
	}
	*ret = k.parcel;
	return 1;
}
