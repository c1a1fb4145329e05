#include "operate/runs.h"

#include "base/near.h"
#include "engine/absent.h"
#include "engine/enroll.h"
#include "engine/event.h"
#include "engine/lanes.h"
#include "engine/sender.h"
#include "engine/task.h"
#include "store/contact_store.h"
#include "store/message_store.h"

#include <string.h>

#define ROWS_AT_ONCE 200

static const char *step_label(const struct pipeline *p, int number, struct arena *a)
{
	const struct step *st = p ? pipeline_step_of(p, number) : NULL;

	if (number == 0)
		return NULL;
	return st ? st->name : arena_printf(a, "#%d", number);
}

/* The sender of what comes next; of a step without mail, and of a run that has ended, the run's. */
static int show_mailbox(struct standings *s, const struct run *r, struct arena *a, const char **ret, struct err *err)
{
	if (run_standing_mailbox(s, r, ret, err) < 0)
		return -1;
	if (!**ret && run_state_open(r->status) && run_mailbox(s->e, r, a, ret, err) < 0)
		return -1;
	if (!**ret)
		*ret = r->mailbox;
	return 0;
}

int run_show(struct standings *s, const struct run *r, struct arena *a, struct run_shown *ret, struct err *err)
{
	struct engine *e = s->e;
	const struct pipeline *p = NULL;
	struct world *w;
	int got;

	*ret = (struct run_shown){ .run = *r, .contact = "" };
	if (engine_world(e, r->team, &w, err) < 0 || run_standing(s, r, a, &ret->now, err) < 0 ||
	    contact_email(e->db, r->team, r->contact, a, &ret->contact, err) < 0 ||
	    pipeline_label(e, r->team, r->pipeline, a, &ret->pipeline, err) < 0 ||
	    show_mailbox(s, r, a, &ret->mailbox, err) < 0)
		return -1;
	got = world_pipeline_version(w, e->db, r->pipeline, r->version, &p, err);
	if (got < 0)
		return -1;
	ret->step = run_state_open(r->status) ? step_label(got ? p : NULL, r->step, a) : NULL;
	ret->last_step = step_label(got ? p : NULL, r->last_step, a);
	return 0;
}

int run_mailbox(struct engine *e, const struct run *r, struct arena *a, const char **ret, struct err *err)
{
	struct traveller t = { .run = *r, .arena = a };
	const struct pipeline *p;
	const struct step *st;
	const char *mailbox;
	struct hurdle ignored;
	struct world *w;
	int got;

	*ret = "";
	if (engine_world(e, r->team, &w, err) < 0)
		return -1;
	got = world_pipeline_version(w, e->db, r->pipeline, r->version, &p, err);
	st = got > 0 ? pipeline_step_of(p, r->step) : NULL;
	if (!st || st->verb != VERB_EMAIL)
		return err_or_none(got);
	t.world = w;
	if (sender_is_owner(st))
		got = contact_load(e->db, r->team, r->contact, a, &t.contact, err);
	mailbox = got > 0 ? sender_of_step(&t, st, &ignored) : NULL;
	*ret = mailbox ? arena_strdup(a, mailbox) : "";
	return err_or_none(got);
}

int run_states_parse(const char *text, unsigned *ret, struct err *err)
{
	static const char *const words[] = { "pending", "running", "blocked", "completed", "stopped", "active", "open" };
	const unsigned active = 1u << RUN_PENDING | 1u << RUN_RUNNING;
	enum run_state state;
	const char *near;

	if (run_state_parse(text, &state)) {
		*ret = 1u << state;
		return 0;
	}
	*ret = active;
	if (strcmp(text, "open") == 0)
		*ret |= 1u << RUN_BLOCKED;
	else if (strcmp(text, "active") != 0) {
		near = near_match(text, words, ARRAY_LEN(words));
		if (near)
			return err_set(err, ERR_USAGE, "no status '%s'; did you mean '%s'?", text, near);
		return err_set(err, ERR_USAGE, "no status '%s': pending, running, blocked, completed, stopped, active or open", text);
	}
	return 0;
}

int run_reason_check(const char *text, struct err *err)
{
	static const char *const holds[] = { "gap",    "backoff", "hours",   "away", "paused",
		                              "draft", "held",    "sending", "task", "await" };
	const char *names[32], *near;
	enum block_reason ignored;
	size_t n = 0;

	if (*text && block_reason_parse(text, &ignored))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(holds); i++) {
		if (strcmp(text, holds[i]) == 0)
			return 0;
		names[n++] = holds[i];
	}
	for (int r = BLOCK_NONE + 1; r <= BLOCK_INBOX; r++)
		names[n++] = block_reason_text((enum block_reason)r);
	near = near_match(text, names, n);
	return near ? err_set(err, ERR_USAGE, "no reason '%s'; did you mean '%s'?", text, near) : 0;
}

/* What the store can choose by itself; the rest is looked at row by row. */
static void prefilter(const struct engine *e, const struct run_query *q, struct run_filter *ret)
{
	const unsigned open = 1u << RUN_PENDING | 1u << RUN_RUNNING | 1u << RUN_BLOCKED;

	*ret = (struct run_filter){ .pipeline = q->pipeline, .contact = q->contact, .max = ROWS_AT_ONCE };
	if (q->states && (q->states & ~open) == 0)
		ret->open_only = true;
	for (int s = RUN_PENDING; s <= RUN_STOPPED; s++)
		if (q->states == 1u << s)
			ret->status = run_state_text((enum run_state)s);
	if (q->states == 1u << RUN_BLOCKED)
		ret->held_at = e->now;
}

static bool is_wanted(const struct run_query *q, const struct run_standing *s)
{
	return (q->states == 0 || (q->states & 1u << s->status)) && (!q->reason || strcmp(q->reason, s->reason) == 0);
}

int runs_each(struct engine *e, int64_t team, const struct run_query *q,
              int (*each)(const struct run_shown *run, void *ctx, struct err *err), void *ctx, struct err *err)
{
	ARENA_AUTO a = { 0 };
	STANDINGS_AUTO standings = { 0 };
	struct run_filter filter;
	struct run_shown shown;
	struct run *rows;
	int n, got;

	standings_begin(&standings, e, team);
	prefilter(e, q, &filter);
	do {
		arena_clear(&a);
		n = run_list(e->db, team, &filter, &a, &rows, err);
		for (int i = 0; i < n; i++) {
			if (run_standing(&standings, &rows[i], &a, &shown.now, err) < 0)
				return -1;
			if (!is_wanted(q, &shown.now))
				continue;
			if (run_show(&standings, &rows[i], &a, &shown, err) < 0)
				return -1;
			got = each(&shown, ctx, err);
			if (got != 0)
				return got;
		}
		filter.before = n > 0 ? rows[n - 1].id : 0;
	} while (n == ROWS_AT_ONCE);
	return err_or_none(n);
}

int run_stop(struct engine *e, int64_t team, int64_t run, struct run_stop *ret, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct traveller t;
	struct message m;
	int got = traveller_load(e, team, run, &a, &t, err);

	if (got <= 0)
		return got < 0 ? -1 : absent_run(e->db, team, run, err);
	if (!run_state_open(t.run.status))
		return 0;
	got = message_of_step(e->db, team, run, t.run.step, t.run.visit, &a, &m, err);
	if (got < 0)
		return -1;
	ret->under_way = got > 0 && m.state == MESSAGE_OFFERED;
	return run_end_by_hand(e, &t, err) < 0 ? -1 : 1;
}

/* What was tried before does not count: 48 hours begin anew. */
static int forget_tries(struct engine *e, struct traveller *t, const struct message *m, struct err *err)
{
	struct message fresh = *m;

	if (m->id == 0 || (m->state != MESSAGE_QUEUED && m->state != MESSAGE_REFUSED && m->state != MESSAGE_QUARANTINED))
		return 0;
	fresh.state = MESSAGE_QUEUED;
	fresh.attempts = fresh.crashes = fresh.first_try_at = 0;
	fresh.changed_at = e->now;
	return message_update(e->db, t->run.team, &fresh, err);
}

static int retry_blocked(struct engine *e, struct traveller *t, const struct message *m, struct retry_result *ret,
                         struct err *err)
{
	if (m->id && (m->state == MESSAGE_IN_DOUBT || m->state == MESSAGE_OFFERED)) {
		ret->how = RETRY_IN_DOUBT;
		ret->message = m->id;
		return 0;
	}
	if (forget_tries(e, t, m, err) < 0)
		return -1;
	if (strcmp(t->run.reason, block_reason_text(BLOCK_MISSING)) != 0)
		return run_retry(e, t, err);
	if (enroll_retry_missing(e, t, err) < 0)
		return -1;
	if (t->run.status == RUN_BLOCKED) {
		ret->how = RETRY_MISSING;
		ret->text = t->run.reason_text;
	}
	return 0;
}

/* A lane that is closed by trouble is opened; limits and gaps hold. */
static int open_closed(struct engine *e, const struct run *r, struct arena *a, struct err *err)
{
	struct lane l;
	int got = lane_load(e->db, r->team, r->lane, a, &l, err);

	if (got <= 0 || l.free_at <= e->now || strcmp(l.kind, "mailbox") != 0 || strcmp(l.reason, "quota") == 0 ||
	    strcmp(l.reason, "gap") == 0)
		return err_or_none(got);
	return lane_open_now(e, &l, err) < 0 ? -1 : 1;
}

static int retry_waiting(struct engine *e, struct traveller *t, const struct message *m, struct arena *a,
                         struct retry_result *ret, struct err *err)
{
	bool put_off = m->id && m->state == MESSAGE_QUEUED && m->attempts > 0 && t->run.queued_at > e->now;
	STANDINGS_AUTO standings = { 0 };
	struct run_standing now;
	int opened = open_closed(e, &t->run, a, err);

	standings_begin(&standings, e, t->run.team);
	if (opened < 0 || run_standing(&standings, &t->run, a, &now, err) < 0)
		return -1;
	ret->how = opened ? RETRY_OPENED : RETRY_NOTHING;
	ret->text = arena_strdup(a, now.text);
	if (put_off) {
		ret->how = RETRY_DONE;
		return forget_tries(e, t, m, err) < 0 ? -1 : run_requeue(e, t, e->now, err);
	}
	if (!opened && *now.reason && strcmp(now.reason, "hours") != 0)
		ret->how = RETRY_HELD;
	return 0;
}

int run_retry_by_hand(struct engine *e, int64_t team, int64_t run, struct arena *a, struct retry_result *ret,
                      struct err *err)
{
	struct traveller t;
	struct message m = { 0 };
	int got = traveller_load(e, team, run, a, &t, err);

	*ret = (struct retry_result){ .how = RETRY_DONE, .text = "" };
	if (got <= 0)
		return got < 0 ? -1 : absent_run(e->db, team, run, err);
	if (!run_state_open(t.run.status)) {
		ret->how = RETRY_ENDED;
		ret->text = run_state_text(t.run.status);
		return 0;
	}
	if (message_of_step(e->db, team, run, t.run.step, t.run.visit, a, &m, err) < 0)
		return -1;
	return t.run.status == RUN_BLOCKED ? retry_blocked(e, &t, &m, ret, err)
	                                   : retry_waiting(e, &t, &m, a, ret, err);
}

static int record_goto(struct engine *e, struct traveller *t, int step, struct err *err)
{
	struct happening h = {
		.ev = {
			.contact = t->run.contact,
			.run = t->run.id,
			.step = t->run.step,
			.type = "note.added",
			.data = event_data(t->arena, "text",
		                       arena_printf(t->arena, "sent to step '%s' of %s by hand", t->pipeline->steps[step].name,
		                                    t->pipeline->name), NULL),
		},
		.contact = &t->contact,
		.arena = t->arena,
	};

	return err_or_none(event_record(e, t->run.team, &h, err));
}

/* A mail goes when its calendar is open. */
static int queue_from(struct engine *e, struct traveller *t, int step, int64_t at, struct err *err)
{
	struct surroundings s = world_surroundings_in(t->world, t->pipeline, &t->contact);
	struct err never = ERR_INIT;
	int64_t open = at;

	if (decide_open(t->pipeline, step, at, &s, &open, &never) < 0)
		open = at; /* the tick blocks it, with the text */
	t->run.reason = open == at ? "" : "hours";
	t->run.held_since = open == at ? 0 : at;
	return run_requeue(e, t, open, err);
}

int run_goto(struct engine *e, struct traveller *t, int step, int64_t at, struct err *err)
{
	struct run *r = &t->run;

	if (!run_state_open(r->status))
		return 0;
	if (record_goto(e, t, step, err) < 0 || run_reload(e, t, err) < 0 || task_leave(e, t, err) < 0)
		return -1;
	if (!run_state_open(r->status))
		return 1;
	if (run_unqueue(e, r, err) < 0 || message_drop_of_run(e->db, r->team, r->id, e->now, err) < 0)
		return -1;
	r->status = r->steps_done > 0 ? RUN_RUNNING : RUN_PENDING;
	r->reason = r->reason_text = "";
	r->visit++;
	if (run_plan(e, t, step, e->now, err) < 0)
		return -1;
	if (at == 0 || r->status == RUN_BLOCKED)
		return 1;
	return queue_from(e, t, step, at, err) < 0 ? -1 : 1;
}

/* Who lacks something of the Team document, and has it now, goes on; who lacks other things stays as it is. */
static int resume_one(struct engine *e, struct traveller *t, struct err *err)
{
	const char *missing = t->run.reason_text;

	if (strcmp(t->run.reason, block_reason_text(BLOCK_MISSING)) != 0)
		return run_retry(e, t, err) < 0 ? -1 : 0;
	return strstr(missing, "sender.") || strstr(missing, "team.") ? enroll_retry_missing(e, t, err) : 0;
}

/* One transaction of runs below *before. Returns how many it looked at. */
static int resume_some(struct engine *e, int64_t team, enum block_reason reason, int64_t *before, struct err *err)
{
	struct run_filter f = { .status = run_state_text(RUN_BLOCKED),
		                    .reason = block_reason_text(reason),
		                    .before = *before,
		                    .max = ROWS_AT_ONCE };
	ARENA_AUTO a = { 0 };
	struct run *runs;
	struct traveller t;
	int n, got;
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, e->db, err) < 0 || engine_refresh(e, err) < 0)
		return -1;
	n = run_list(e->db, team, &f, &a, &runs, err);
	for (int i = 0; i < n; i++) {
		got = traveller_of_run(e, &runs[i], &a, &t, err);
		if (got < 0 || (got > 0 && resume_one(e, &t, err) < 0))
			return -1;
		*before = runs[i].id;
	}
	return n < 0 || txn_commit(&txn, err) < 0 ? -1 : n;
}

int runs_resume_settings(struct engine *e, int64_t team, struct err *err)
{
	static const enum block_reason reasons[] = { BLOCK_SETTINGS, BLOCK_MISSING };
	int n = 0;

	for (size_t i = 0; i < ARRAY_LEN(reasons) && n >= 0; i++) {
		int64_t before = 0;

		do
			n = resume_some(e, team, reasons[i], &before, err);
		while (n > 0);
	}
	return n;
}
