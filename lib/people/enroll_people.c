#include "people/enroll_people.h"

#include "base/buf.h"
#include "engine/absent.h"
#include "engine/mend.h"
#include "engine/sender.h"

#include <string.h>

#define TEXT_MAX ((size_t)1 << 16)

const char *enrolled_word(enum enrolled how)
{
	static const char *const words[] = {
		[ENROLL_STARTED] = "started",     [ENROLL_BLOCKED] = "blocked",   [ENROLL_ACTIVE] = "active",
		[ENROLL_QUEUED] = "queued",       [ENROLL_UPDATED] = "updated",   [ENROLL_AGAIN] = "again",
		[ENROLL_IF] = "filtered",         [ENROLL_SUPPRESSED] = "suppressed", [ENROLL_INACTIVE] = "inactive",
		[ENROLL_HOLE] = "hole",           [ENROLL_NO_MAILBOX] = "no-mailbox",
		[ENROLL_UNKNOWN] = "unknown",
	};

	return words[how];
}

/* Which of its conditions a contact does not meet: "`enroll.if` is false (country is DE): country=FR". */
static const char *if_text(const struct pipeline *p, const struct contact *c, struct arena *a)
{
	BUF_AUTO cond = BUF_INIT(TEXT_MAX), has = BUF_INIT(TEXT_MAX);

	cond_describe(p->enroll.only_if, &cond);
	cond_describe_values(p->enroll.only_if, c, &has);
	return arena_printf(a, "`enroll.if` is false (%s)%s%s", cond.s, has.len ? ": " : "", has.s);
}

static int look_at_open(struct engine *e, struct world *w, int64_t team, struct arena *a, struct enroll_report *ret,
                        struct err *err)
{
	const struct pipeline *p;
	const struct step *st;
	int got = run_load(e->db, team, ret->result.run, a, &ret->open, err);

	if (got > 0)
		got = world_pipeline_version(w, e->db, ret->open.pipeline, ret->open.version, &p, err);
	st = got > 0 ? pipeline_step_of(p, ret->open.step) : NULL;
	ret->open_step = st ? st->name : NULL;
	return err_or_none(got);
}

static int explain_refusal(struct engine *e, const struct pipeline *p, const struct contact *c, struct arena *a,
                           struct enroll_report *ret, struct err *err)
{
	struct world *w;

	if (engine_world(e, c->team, &w, err) < 0)
		return -1;
	ret->why = enrolled_text(ret->result.how);
	switch (ret->result.how) {
	case ENROLL_ACTIVE:
		return look_at_open(e, w, c->team, a, ret, err);
	case ENROLL_IF:
		ret->why = if_text(p, c, a);
		return 0;
	case ENROLL_SUPPRESSED:
		ret->why = arena_printf(a, "must not be written to: %s", decide_suppressed(p, c));
		return 0;
	case ENROLL_NO_MAILBOX:
		ret->why = sender_problem(w, p, c, ret->result.enroller, a);
		return 0;
	case ENROLL_STARTED:
	case ENROLL_BLOCKED:
	case ENROLL_QUEUED:
	case ENROLL_UPDATED:
	case ENROLL_AGAIN:
	case ENROLL_INACTIVE:
	case ENROLL_HOLE:
	case ENROLL_UNKNOWN:
		return 0;
	}
	BUG("enrolled %d", (int)ret->result.how);
}

int enroll_look(struct engine *e, const struct pipeline *p, const struct contact *c, const struct enroll_result *r,
                struct arena *a, struct enroll_report *ret, struct err *err)
{
	struct traveller t;
	int got = 0;

	*ret = (struct enroll_report){ .email = arena_strdup(a, c->email), .pipeline = p->name, .result = *r, .why = "", .moved = "" };
	if (!enrolled_ok(r->how))
		return explain_refusal(e, p, c, a, ret, err);
	if (r->run)
		got = traveller_load(e, c->team, r->run, a, &t, err);
	if (got > 0 && outlook_mails(e, &t, t.run.status == RUN_BLOCKED ? 0 : t.run.due_at, &ret->first, 1, err) < 0)
		return -1;
	return err_or_none(got);
}

int enroll_date(struct standings *s, int64_t team, struct enroll_report *r, struct arena *a, struct err *err)
{
	struct planned_mail first = { 0 };
	struct run_standing now = { 0 };
	struct traveller t;
	int got = standings_may_move(s, err);

	if (got <= 0 || !r->result.run || r->result.how != ENROLL_STARTED || !r->first.step)
		return err_or_none(got);
	got = traveller_load(s->e, team, r->result.run, a, &t, err);
	if (got > 0)
		got = run_standing(s, &t.run, a, &now, err) < 0 ? -1 : outlook_mails(s->e, &t, now.next, &first, 1, err);
	if (got > 0 && strcmp(first.step, r->first.step) == 0 && first.at != r->first.at) {
		r->first = first;
		r->moved = *now.moved ? now.moved : now.reason;
	}
	return err_or_none(got);
}

int enroll_by_hand(struct engine *e, struct world *w, const struct pipeline *p, struct contact *c, struct arena *a,
                   struct enroll_report *ret, struct err *err)
{
	const struct enrollment how = { .by_hand = true, .enroller = e->actor };
	struct enroll_result result;

	if (enroll_start(e, w, p, c, &how, a, &result, err) < 0)
		return -1;
	if (enroll_look(e, p, c, &result, a, ret, err) < 0)
		return -1;
	ret->by_hand = true;
	return 0;
}

const char *enroll_mend(const struct engine *e, const struct enroll_report *r, struct arena *a)
{
	return r->result.missing ? mend_command(r->email, r->result.missing, e->say_team, a) : "";
}

int enroll_pipeline(struct engine *e, const struct world *w, const char *name, const struct pipeline **ret,
                    struct err *err)
{
	int64_t team = world_team(w)->id;
	struct world *whole;

	if (engine_world(e, team, &whole, err) < 0)
		return -1;
	*ret = world_pipeline(whole, name);
	return *ret ? 0 : absent_document(e->db, team, DOC_PIPELINE, name, err);
}
