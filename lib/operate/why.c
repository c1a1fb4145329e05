#include "operate/why_private.h"

#include "base/zone.h"
#include "model/civil_text.h"
#include "model/when.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#define TICK_LATE_S 180 /* a tick comes each minute */

const char *why_printf(struct inquiry *q, const char *fmt, ...)
{
	BUF_AUTO b = BUF_INIT(1 << 16);
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	return arena_strdup(q->arena, b.s);
}

/* Each of the lines names the team. */
static const char *with_team(struct inquiry *q, const char *command)
{
	BUF_AUTO b = BUF_INIT(1 << 16);

	if (!command || !q->e->say_team)
		return command;
	for (size_t n; *command; command += n + (command[n] == '\n')) {
		n = strcspn(command, "\n");
		buf_addf(&b, "%s%.*s --team %s", b.len ? "\n" : "", (int)n, command, q->e->say_team);
	}
	return arena_strdup(q->arena, b.s);
}

void why_add(struct inquiry *q, const char *code, const char *text, const char *command)
{
	ARENA_GROW(q->arena, &q->why->facts, &q->why->cap_facts, q->why->n_facts);
	q->why->facts[q->why->n_facts++] = (struct why_fact){ code, text, with_team(q, command) };
}

/* "in 2 days", "3 hours ago", "now". */
static void add_distance(struct buf *b, int64_t seconds)
{
	if (seconds == 0) {
		buf_adds(b, "now");
		return;
	}
	buf_adds(b, seconds > 0 ? "in " : "");
	when_format_length(seconds < 0 ? -seconds : seconds, b);
	buf_adds(b, seconds < 0 ? " ago" : "");
}

static void add_for_people(struct buf *b, const struct zone *zone, int64_t at)
{
	struct civil c;
	const char *day;

	zone_to_civil(zone, at, &c);
	day = weekday_names[c.weekday];
	buf_addf(b, "%c%s ", toupper((unsigned char)day[0]), day + 1);
	when_format(at, zone, WHEN_ABBR, b);
}

const char *why_moment(struct inquiry *q, int64_t at)
{
	BUF_AUTO b = BUF_INIT(128);

	if (q->exact)
		when_format_rfc3339(at, zone_utc(), &b);
	else
		add_for_people(&b, q->zone, at);
	buf_adds(&b, " (");
	add_distance(&b, at - q->e->now);
	buf_addc(&b, ')');
	return arena_strdup(q->arena, b.s);
}

static const char *stop_text(const char *reason)
{
	static const char *const texts[][2] = {
		{ "replied", "the contact replied" },
		{ "converted", "the contact was converted" },
		{ "deleted", "the contact was deleted" },
		{ "bounced", "the address does not exist (bounce)" },
		{ "complained", "the contact complained" },
		{ "unsubscribed", "the contact unsubscribed" },
		{ "manual", "by hand" },
		{ "restarted", "the pipeline began anew for this contact" },
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (strcmp(texts[i][0], reason) == 0)
			return texts[i][1];
	return reason;
}

static void summarize(struct inquiry *q)
{
	const struct run_shown *s = &q->why->run;

	why_add(q, "run",
	        why_printf(q, "run %lld: %s in %s (version %d), %s, begun %s, %lld step%s done", (long long)s->run.id,
	                   *s->contact ? s->contact : "a deleted contact", s->pipeline, s->run.version,
	                   run_state_text(s->now.status), why_moment(q, s->run.started_at), (long long)s->run.steps_done,
	                   s->run.steps_done == 1 ? "" : "s"),
	        NULL);
}

static void tell_ended(struct inquiry *q)
{
	const struct run *r = &q->why->run.run;

	if (r->status == RUN_COMPLETED)
		why_add(q, "completed",
		        why_printf(q, "it was completed %s%s%s", why_moment(q, r->ended_at), *r->reason ? ": " : "", r->reason),
		        NULL);
	else
		why_add(q, "stopped",
		        why_printf(q, "it was stopped %s: %s", why_moment(q, r->ended_at), stop_text(r->reason)), NULL);
	why_add(q, "over", "nothing more goes out of it", NULL);
}

/* Why nothing moves in the whole installation. */
static void tell_installation(struct inquiry *q, const struct why_tick *tick)
{
	if (q->held)
		why_add(q, q->hold.name, why_printf(q, "%s: nothing at all is sent", q->hold.why), q->hold.command);
	if (tick->rehearsal || q->e->now - tick->last <= TICK_LATE_S)
		return;
	if (tick->last == 0)
		why_add(q, "tick", "no tick has ever run: is there a crontab line for pipe-tick?", NULL);
	else
		why_add(q, "tick",
		        why_printf(q, "the last tick ended %s: does cron run pipe-tick?", why_moment(q, tick->last)), NULL);
}

static int load(struct inquiry *q, const struct run *run, struct err *err)
{
	struct world *w;
	int got = engine_world(q->e, run->team, &w, err);

	if (got == 0)
		got = traveller_of_run(q->e, run, q->arena, &q->t, err);
	if (got < 0 || run_show(q->standings, run, q->arena, &q->why->run, err) < 0 ||
	    run_mailbox(q->e, run, q->arena, &q->mailbox, err) < 0)
		return -1;
	q->zone = world_zone(w, NULL);
	q->known = got > 0;
	q->step = STEP_NONE;
	if (!q->known)
		return 0;
	q->around = world_surroundings_in(q->t.world, q->t.pipeline, &q->t.contact);
	if (run->step)
		q->step = pipeline_step_index(q->t.pipeline, run->step);
	q->st = pipeline_step(q->t.pipeline, q->step);
	return message_of_step(q->e->db, run->team, run->id, run->step, run->visit, q->arena, &q->message, err) < 0 ? -1
	                                                                                                           : 0;
}

static int tell(struct inquiry *q, const struct run *run, const struct why_tick *tick, struct err *err)
{
	int held = hold_find(q->e->db, tick->rehearsal, q->arena, &q->hold, err);

	if (held < 0 || load(q, run, err) < 0)
		return -1;
	q->held = held > 0;
	summarize(q);
	if (!run_state_open(run->status)) {
		tell_ended(q);
		return 0;
	}
	if (!q->known) {
		why_add(q, "gone", "its contact or pipeline does not exist any more", NULL);
		return 0;
	}
	if (run->status == RUN_BLOCKED)
		why_blocked(q);
	else if (why_waiting(q, err) < 0)
		return -1;
	tell_installation(q, tick);
	why_steps(q);
	return 0;
}

int why_run(struct standings *s, const struct run *run, const struct why_tick *tick, struct arena *a, struct why *ret,
            struct err *err)
{
	struct inquiry q = { .e = s->e, .standings = s, .arena = a, .why = ret, .mailbox = "", .exact = tick->exact };

	*ret = (struct why){ 0 };
	return tell(&q, run, tick, err);
}
