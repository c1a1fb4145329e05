#include "engine/inbox_age.h"

#include "base/buf.h"
#include "base/zone.h"
#include "model/when.h"
#include "store/inbox_store.h"

const char *inbox_unread_text(const struct mailbox *mb, int64_t read_at, struct arena *a)
{
	BUF_AUTO b = BUF_INIT(256);

	buf_addf(&b, "the inbox of mailbox %s was ", mb->name);
	if (read_at == 0) {
		buf_adds(&b, "never read: does cron run pipe-inbox?");
	} else {
		buf_adds(&b, "last read ");
		when_format_rfc3339(read_at, zone_utc(), &b);
	}
	return arena_strndup(a, b.s, b.len);
}

int inbox_unread(struct engine *e, int64_t team, const struct mailbox *mb, int64_t *ret_read_at, struct err *err)
{
	if (mb->inbox.kind == INBOX_NONE || mb->inbox_max_age_s == 0)
		return 0;
	if (inbox_read_at(e->db, team, mb->name, ret_read_at, err) < 0)
		return -1;
	return *ret_read_at == 0 || e->now - *ret_read_at > mb->inbox_max_age_s;
}

int inbox_holds(struct engine *e, const struct traveller *t, const struct mailbox *mb, const char **ret_text,
                struct err *err)
{
	int64_t read_at;
	int got = pipeline_stops_on_reply(t->pipeline) ? inbox_unread(e, t->run.team, mb, &read_at, err) : 0;

	if (got > 0)
		*ret_text = inbox_unread_text(mb, read_at, t->arena);
	return got;
}
