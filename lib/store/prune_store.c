#include "store/prune_store.h"

#include "store/stmt_private.h"

static int read_ids(struct stmt *st, int64_t *ret, struct err *err)
{
	int n = 0, got;

	while ((got = stmt_step(st, err)) > 0) {
		ret[n++] = stmt_int(st);
		stmt_row_end(st);
	}
	return got < 0 ? -1 : n;
}

int prune_find_contents(struct db *db, int64_t team, int64_t before, int64_t after, int64_t *ret, int max,
                        struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT m.id FROM message m JOIN message_body b ON b.message = m.id WHERE m.team = $1"
	                                " AND m.changed_at < $2 AND m.id > $3 AND m.waits = 0 AND m.state <> 'sending'"
	                                " AND m.state <> 'offered' ORDER BY m.id LIMIT $4");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, before);
	stmt_bind(&st, 3, after);
	stmt_bind(&st, 4, max);
	return read_ids(&st, ret, err);
}

int prune_find_events(struct db *db, int64_t team, int64_t before, int64_t after, int64_t *ret, int max,
                      struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT h.id FROM happened h WHERE h.team = $1 AND h.at < $2 AND h.id > $3"
	                                " AND NOT EXISTS (SELECT 1 FROM run r WHERE r.contact = h.contact AND r.ended_at = 0"
	                                " AND r.since_event <= h.id) ORDER BY h.id LIMIT $4");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, before);
	stmt_bind(&st, 3, after);
	stmt_bind(&st, 4, max);
	return read_ids(&st, ret, err);
}

static int delete_by_id(struct stmt *st, int64_t team, int64_t id, struct err *err)
{
	stmt_bind(st, 1, id);
	stmt_bind(st, 2, team);
	return stmt_run(st, err) < 0 ? -1 : 0;
}

int prune_content(struct db *db, int64_t team, int64_t message, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM message_body WHERE message = $1 AND team = $2");

	return delete_by_id(&st, team, message, err);
}

int prune_event(struct db *db, int64_t team, int64_t event, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM happened WHERE id = $1 AND team = $2");

	return delete_by_id(&st, team, event, err);
}

int prune_keys(struct db *db, int64_t team, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM event_key WHERE team = $1"
	                                " AND NOT EXISTS (SELECT 1 FROM happened h WHERE h.id = event_key.event)");

	stmt_bind(&st, 1, team);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int prune_inboxes(struct db *db, int64_t team, int64_t before, struct err *err)
{
	STMT_AUTO mails = stmt_prepare(db, "DELETE FROM inbox_mail WHERE team = $1 AND at < $2 AND NOT EXISTS (SELECT 1 FROM document d"
	                                   " WHERE d.team = $1 AND d.kind = 'Mailbox' AND d.name = inbox_mail.mailbox)");
	STMT_AUTO places = stmt_prepare(db, "DELETE FROM inbox_place WHERE team = $1 AND read_at < $2 AND NOT EXISTS (SELECT 1 FROM"
	                                    " document d WHERE d.team = $1 AND d.kind = 'Mailbox' AND d.name = inbox_place.mailbox)");

	stmt_bind(&mails, 1, team);
	stmt_bind(&mails, 2, before);
	stmt_bind(&places, 1, team);
	stmt_bind(&places, 2, before);
	return stmt_run(&mails, err) < 0 || stmt_run(&places, err) < 0 ? -1 : 0;
}
