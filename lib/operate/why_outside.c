#include "operate/why_private.h"

#include "engine/mend.h"
#include "people/enroll_people.h"

#include "model/step_text.h"

#define TEXT_MAX ((size_t)1 << 16)

/* What would come of enrolling by hand now; nothing is written. */
static int try_entry(struct inquiry *q, const struct pipeline *p, const struct contact *c, struct enroll_report *ret,
                     struct err *err)
{
	const struct enrollment how = { .by_hand = true, .enroller = q->e->actor, .dry_run = true };
	struct contact copy = *c;
	struct enroll_result result;

	if (enroll_start(q->e, q->t.world, p, &copy, &how, q->arena, &result, err) < 0)
		return -1;
	return enroll_look(q->e, p, c, &result, q->arena, ret, err);
}

static void tell_entry(struct inquiry *q, const struct enroll_report *r)
{
	const char *word = enrolled_word(r->result.how);

	if (r->result.how == ENROLL_BLOCKED) {
		const char *line = mend_command(r->email, r->result.missing, NULL, q->arena);

		why_add(q, "missing", why_printf(q, "it would be blocked: it lacks %s", r->result.missing), *line ? line : NULL);
	} else if (!enrolled_ok(r->result.how)) {
		why_add(q, word, why_printf(q, "it cannot enter: %s%s%s", r->why, *r->result.missing ? ": " : "", r->result.missing),
		        NULL);
	} else {
		why_add(q, "free", "nothing stands in the way of entering",
		        why_printf(q, "contactctl enroll %s %s", r->pipeline, r->email));
	}
}

/* How people come in without anybody. */
static void tell_starts(struct inquiry *q, const struct pipeline *p)
{
	BUF_AUTO text = BUF_INIT(TEXT_MAX);

	if (!p->enroll.new_contacts && p->enroll.n_starts == 0)
		return;
	pipeline_describe_entry(p, &text);
	why_add(q, "enroll", why_printf(q, "who enters by itself: %s; only what becomes so counts", text.s), NULL);
}

static void tell_state(struct inquiry *q, const struct pipeline *p)
{
	if (p->paused_at)
		why_add(q, "paused", why_printf(q, "pipeline %s is paused since %s: people enter, and nothing goes", p->name,
		                   why_moment(q, p->paused_at)),
		        why_printf(q, "pipectl resume %s", p->name));
}

int why_outside(struct standings *s, const struct pipeline *p, const struct contact *c, const struct why_tick *tick,
                struct arena *a, struct why *ret, struct err *err)
{
	struct inquiry q = { .e = s->e, .standings = s, .arena = a, .why = ret, .mailbox = "", .exact = tick->exact };
	struct enroll_report report;

	*ret = (struct why){ .run = { .contact = arena_strdup(a, c->email), .pipeline = p->name } };
	if (engine_world(s->e, c->team, &q.t.world, err) < 0)
		return -1;
	q.zone = world_zone(q.t.world, NULL);
	why_add(&q, "never", why_printf(&q, "%s was never in %s", c->email, p->name), NULL);
	if (try_entry(&q, p, c, &report, err) < 0)
		return -1;
	tell_entry(&q, &report);
	tell_state(&q, p);
	tell_starts(&q, p);
	return 0;
}
