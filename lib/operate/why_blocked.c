#include "operate/why_private.h"

#include "engine/mend.h"

#include <string.h>

/* NULL: nothing of it can be set. */
static const char *set_command(struct inquiry *q, const char *missing)
{
	const char *line = mend_command(q->t.contact.email, missing, NULL, q->arena);

	return *line ? line : NULL;
}

static const char *retry_command(struct inquiry *q)
{
	return why_printf(q, "pipectl retry %lld", (long long)q->t.run.id);
}

static void tell_missing(struct inquiry *q)
{
	const char *missing = q->t.run.reason_text, *command = set_command(q, missing), *mend = "it goes on when that is set";

	if (strstr(missing, "sender.") || strstr(missing, "team.")) {
		mend = "it goes on when the Team document says that";
	} else if (!command) {
		mend = "nobody can set that, so it goes on without the mail or not at all";
		command = why_printf(q, "pipectl drop %lld\npipectl stop %lld", (long long)q->t.run.id, (long long)q->t.run.id);
	}
	why_add(q, "missing", why_printf(q, "it lacks %s, so that no mail of it goes out; %s", missing, mend), command);
}

static void tell_late(struct inquiry *q)
{
	BUF_AUTO max = BUF_INIT(128);

	delay_format(&q->t.pipeline->late.max, &max);
	why_add(q, "late",
	        why_printf(q, "its mail was due %s, and the pipeline sends nothing that is more than %s late",
	                   why_moment(q, q->t.run.due_at), max.s),
	        retry_command(q));
}

static void tell_in_doubt(struct inquiry *q)
{
	const struct message *m = &q->message;

	why_add(q, "in-doubt",
	        why_printf(q, "message %lld (%s) may have been sent %s: %s", (long long)m->id, m->message_id,
	                   why_moment(q, m->changed_at), q->t.run.reason_text),
	        why_printf(q, "pipectl settle %lld sent\npipectl settle %lld resend", (long long)m->id, (long long)m->id));
}

static void tell_undeliverable(struct inquiry *q)
{
	const struct message *m = &q->message;

	why_add(q, "undeliverable", why_printf(q, "its mail was refused: %s", q->t.run.reason_text),
	        why_printf(q, "%s\npipectl drop %lld", retry_command(q), (long long)m->id));
}

void why_blocked(struct inquiry *q)
{
	const struct run *r = &q->t.run;
	enum block_reason reason = BLOCK_NONE;

	if (q->st)
		why_add(q, "next", why_printf(q, "it stands before step '%s' (%s)", q->st->name, verb_text(q->st->verb)), NULL);
	if (!block_reason_parse(r->reason, &reason))
		reason = BLOCK_NONE;
	switch (reason) {
	case BLOCK_MISSING:
		tell_missing(q);
		return;
	case BLOCK_LATE:
		tell_late(q);
		return;
	case BLOCK_IN_DOUBT:
		tell_in_doubt(q);
		return;
	case BLOCK_UNDELIVERABLE:
		tell_undeliverable(q);
		return;
	case BLOCK_TEMPLATE:
		why_add(q, r->reason, why_printf(q, "its template or time cannot be used: %s", r->reason_text), retry_command(q));
		return;
	case BLOCK_QUARANTINED:
		why_add(q, r->reason, why_printf(q, "%s; it is left alone so that the others go", r->reason_text),
		        retry_command(q));
		return;
	case BLOCK_SETTINGS:
		why_add(q, r->reason, why_printf(q, "%s; it goes on when the Team document says otherwise", r->reason_text),
		        retry_command(q));
		return;
	case BLOCK_NONE:
	case BLOCK_AMBIGUOUS:
	case BLOCK_QUOTA:
	case BLOCK_CAP:
	case BLOCK_AUTH:
	case BLOCK_INBOX:
		break;
	}
	why_add(q, r->reason, why_printf(q, "it is blocked: %s %s", r->reason, r->reason_text), retry_command(q));
}
