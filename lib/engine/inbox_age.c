#include "engine/inbox_age.h"

#include "base/buf.h"
#include "base/zone.h"
#include "model/when.h"
#include "store/inbox_store.h"

static const char *text_of(const struct traveller *t, const struct mailbox *mb, int64_t read_at)
{
	BUF_AUTO b = BUF_INIT(256);

	buf_addf(&b, "the inbox of mailbox %s was ", mb->name);
	if (read_at == 0) {
		buf_adds(&b, "never read: does cron run pipe-inbox?");
	} else {
		buf_adds(&b, "last read ");
		when_format_rfc3339(read_at, zone_utc(), &b);
	}
	return arena_strndup(t->arena, b.s, b.len);
}

int inbox_holds(struct engine *e, const struct traveller *t, const struct mailbox *mb, const char **ret_text,
                struct err *err)
{
	int64_t read_at;

	if (mb->inbox.kind == INBOX_NONE || mb->inbox_max_age_s == 0 || !pipeline_stops_on_reply(t->pipeline))
		return 0;
	if (inbox_read_at(e->db, t->run.team, mb->name, &read_at, err) < 0)
		return -1;
	if (read_at > 0 && e->now - read_at <= mb->inbox_max_age_s)
		return 0;
	*ret_text = text_of(t, mb, read_at);
	return 1;
}
