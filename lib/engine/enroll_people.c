#include "engine/enroll_people.h"

#include "engine/absent.h"
#include "engine/mend.h"

#include <string.h>

const char *enrolled_word(enum enrolled how)
{
	static const char *const words[] = {
		[ENROLL_STARTED] = "started",     [ENROLL_BLOCKED] = "blocked",   [ENROLL_ACTIVE] = "active",
		[ENROLL_QUEUED] = "queued",       [ENROLL_UPDATED] = "updated",   [ENROLL_AGAIN] = "again",
		[ENROLL_IF] = "filtered",         [ENROLL_SUPPRESSED] = "suppressed", [ENROLL_INACTIVE] = "inactive",
		[ENROLL_HOLE] = "hole",           [ENROLL_NO_MAILBOX] = "no-mailbox",
	};

	return words[how];
}

int enroll_look(struct engine *e, const struct pipeline *p, const struct contact *c, const struct enroll_result *r,
                struct arena *a, struct enroll_report *ret, struct err *err)
{
	struct traveller t;
	int got = 0;

	*ret = (struct enroll_report){ .email = arena_strdup(a, c->email), .pipeline = p->name, .result = *r };
	if (r->run && enrolled_ok(r->how))
		got = traveller_load(e, c->team, r->run, a, &t, err);
	if (got > 0 && outlook_mails(e, &t, t.run.status == RUN_BLOCKED ? 0 : t.run.due_at, &ret->first, 1, err) < 0)
		return -1;
	return got < 0 ? -1 : 0;
}

int enroll_by_hand(struct engine *e, struct world *w, const struct pipeline *p, struct contact *c, struct arena *a,
                   struct enroll_report *ret, struct err *err)
{
	const struct enrollment how = { .by_hand = true, .enroller = e->actor };
	struct enroll_result result;

	if (enroll_start(e, w, p, c, &how, a, &result, err) < 0)
		return -1;
	return enroll_look(e, p, c, &result, a, ret, err);
}

const char *enroll_mend(const struct engine *e, const struct enroll_report *r, struct arena *a)
{
	return r->result.missing ? mend_command(r->email, r->result.missing, e->say_team, a) : "";
}

int enroll_pipeline(struct engine *e, const struct world *w, const char *name, const struct pipeline **ret,
                    struct err *err)
{
	*ret = world_pipeline(w, name);
	return *ret ? 0 : absent_document(e->db, world_team(w)->id, DOC_PIPELINE, name, err);
}
