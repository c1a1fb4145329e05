#include "engine/inbox_age.h"

#include "base/buf.h"
#include "base/zone.h"
#include "model/when.h"

const char *inbox_unread_text(const struct mailbox *mb, const struct inbox_state *state, struct arena *a)
{
	BUF_AUTO b = BUF_INIT(2048);

	buf_addf(&b, "the inbox of mailbox %s was ", mb->name);
	if (state->read_at == 0) {
		buf_adds(&b, "never read");
	} else {
		buf_adds(&b, "last read ");
		when_format_rfc3339(state->read_at, zone_utc(), &b);
	}
	buf_addf(&b, ": %s", state->failing_since ? state->problem : "does cron run pipe-inbox?");
	return arena_strndup(a, b.s, b.len);
}

/* As pipe-inbox calls what it reads. */
static struct inbox_places places_of(const struct mailbox *mb)
{
	switch (mb->inbox.kind) {
	case INBOX_IMAP:
		return (struct inbox_places){ mb->name, "INBOX", mb->inbox.sent };
	case INBOX_MAILDIR:
		return (struct inbox_places){ mb->name, "maildir", NULL };
	case INBOX_MBOX:
		return (struct inbox_places){ mb->name, "mbox", NULL };
	case INBOX_DROP:
		return (struct inbox_places){ mb->name, "drop", NULL };
	case INBOX_NONE:
		break;
	}
	BUG("inbox kind %d", (int)mb->inbox.kind);
}

int inbox_unread(struct engine *e, int64_t team, const struct mailbox *mb, struct arena *a, struct inbox_state *ret,
                 struct err *err)
{
	struct inbox_places places;

	*ret = (struct inbox_state){ .problem = "" };
	if (mb->inbox.kind == INBOX_NONE)
		return 0;
	places = places_of(mb);
	if (inbox_look(e->db, team, &places, a, ret, err) < 0)
		return -1;
	return mb->inbox_max_age_s != 0 && (ret->read_at == 0 || e->now - ret->read_at > mb->inbox_max_age_s);
}

int inbox_holds(struct engine *e, const struct traveller *t, const struct mailbox *mb, const char **ret_text,
                struct err *err)
{
	struct inbox_state state;
	int got = 0;

	if (mb->inbox_max_age_s != 0 && pipeline_stops_on_reply(t->pipeline))
		got = inbox_unread(e, t->run.team, mb, t->arena, &state, err);
	if (got > 0)
		*ret_text = inbox_unread_text(mb, &state, t->arena);
	return got;
}
