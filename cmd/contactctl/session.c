#include "session.h"

#include "base/buf.h"
#include "cli/notice.h"
#include "cli/open.h"

#include <string.h>

int session_open(struct session *s, struct cli *cli, struct err *err)
{
	*s = (struct session){ .cli = cli, .arena = &cli->arena };
	engine_init(&s->engine, cli->db, cli->now, cli->who.account, "manual");
	standings_begin(&s->standings, &s->engine, cli->team);
	if (cli_team_to_say(cli, &s->engine.say_team, err) < 0)
		return -1;
	return engine_people(&s->engine, cli->team, &s->world, err);
}

int session_documents(struct session *s, struct err *err)
{
	return engine_world(&s->engine, s->cli->team, &s->world, err);
}

void session_close(struct session *s)
{
	standings_end(&s->standings);
	engine_release(&s->engine);
}

static void remember(void *ctx, const struct pipeline *p, const struct contact *c, const struct enroll_result *r)
{
	struct session *s = ctx;
	struct enroll_report report;

	if (s->entry_failed)
		return;
	if (enroll_look(&s->engine, p, c, r, s->arena, &report, &s->entry_err) < 0) {
		s->entry_failed = true;
		return;
	}
	ARENA_GROW(s->arena, &s->entries, &s->cap_entries, s->n_entries);
	s->entries[s->n_entries++] = report;
}

void session_watch(struct session *s)
{
	s->engine.on_entry = remember;
	s->engine.on_entry_ctx = s;
}

int session_watched(struct session *s, struct err *err)
{
	if (s->entry_failed)
		*err = s->entry_err;
	return s->entry_failed ? -1 : 0;
}

const char *session_time(struct session *s, int64_t at)
{
	BUF_AUTO b = BUF_INIT(64);

	cli_add_time(s->cli, at, &b);
	return arena_strdup(s->arena, b.s);
}

/* S2.14: since when, and where. */
static const char *open_text(struct session *s, const struct enroll_report *r)
{
	const struct run *run = &r->open;
	bool blocked = run->status == RUN_BLOCKED;

	if (run->id == 0)
		return r->why;
	return arena_printf(s->arena, "%s since %s%s%s%s%s%s%s", r->why, session_time(s, run->started_at),
	                    r->open_step ? ", next " : "", r->open_step ? r->open_step : "", blocked ? ", blocked: " : "",
	                    blocked ? run->reason : "", !blocked && r->open_step ? " at " : "",
	                    !blocked && r->open_step ? session_time(s, run->due_at) : "");
}

const char *session_refusal(struct session *s, const struct enroll_report *r)
{
	if (*r->result.missing)
		return arena_printf(s->arena, "missing: %s", r->result.missing);
	if (!enrolled_ok(r->result.how))
		return open_text(s, r);
	return *r->moved ? arena_printf(s->arena, "later than planned: %s", r->moved) : "";
}

static void tell_blocked(struct session *s, const struct enroll_report *r)
{
	const char *mend = enroll_mend(&s->engine, r, s->arena);

	cli_notice(s->cli, "%s %s in %s, but blocked: missing %s%s%s", r->email,
	           s->rehearsal ? "would be" : "is", r->pipeline, r->result.missing,
	           *mend ? "\n" : "", mend);
}

/* As things stand now that it is stored; as planned when that cannot be told. */
static struct enroll_report dated(struct session *s, const struct enroll_report *r)
{
	STANDINGS_AUTO standings = { 0 };
	struct enroll_report now = *r;
	struct err ignored = ERR_INIT;

	standings_begin(&standings, &s->engine, s->cli->team);
	return enroll_date(&standings, s->cli->team, &now, s->arena, &ignored) < 0 ? *r : now;
}

static void tell_started(struct session *s, const struct enroll_report *planned)
{
	const struct enroll_report dates = dated(s, planned), *r = &dates;

	if (!r->first.step)
		cli_say(s->cli, "%s enrolled in %s", r->email, r->pipeline);
	else if (r->first.at == 0)
		cli_say(s->cli, "%s enrolled in %s, first e-mail %s%s%s", r->email, r->pipeline, r->first.step,
		        *r->moved ? ", which waits: " : "", r->moved);
	else
		cli_say(s->cli, "%s enrolled in %s, first e-mail %s at %s", r->email, r->pipeline, r->first.step,
		        session_time(s, r->first.at));
}

void session_tell(struct session *s, const struct enroll_report *r)
{
	switch (r->result.how) {
	case ENROLL_STARTED:
		tell_started(s, r);
		return;
	case ENROLL_BLOCKED:
		tell_blocked(s, r);
		return;
	case ENROLL_SUPPRESSED:
	case ENROLL_HOLE:
	case ENROLL_NO_MAILBOX:
		cli_notice(s->cli, "%s is not enrolled in %s: %s%s%s", r->email, r->pipeline, r->why,
		           *r->result.missing ? ": " : "", r->result.missing);
		return;
	case ENROLL_ACTIVE:
	case ENROLL_QUEUED:
	case ENROLL_UPDATED:
	case ENROLL_AGAIN:
	case ENROLL_IF:
	case ENROLL_INACTIVE:
	case ENROLL_UNKNOWN:
		if (r->by_hand && !enrolled_ok(r->result.how)) {
			cli_notice(s->cli, "%s does not enter %s: %s", r->email, r->pipeline, session_refusal(s, r));
			return;
		}
		cli_detail(s->cli, "%s, %s: %s", r->email, r->pipeline,
		           enrolled_ok(r->result.how) ? enrolled_text(r->result.how) : session_refusal(s, r));
		return;
	}
}

void session_tell_entries(struct session *s)
{
	for (size_t i = 0; i < s->n_entries; i++)
		session_tell(s, &s->entries[i]);
}

struct names session_entered(struct session *s, enum enrolled how)
{
	struct names list = { .v = arena_array(s->arena, s->n_entries + 1, sizeof *list.v) };

	for (size_t i = 0; i < s->n_entries; i++)
		if (s->entries[i].result.how == how)
			list.v[list.n++] = s->entries[i].pipeline;
	return list;
}
