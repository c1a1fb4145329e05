#include "store/erase_store.h"

#include "store/row_private.h"

static int forget_claims(struct db *db, int64_t team, int64_t contact, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM claim WHERE team = $1 AND message IN " MESSAGES_OF_CONTACT
	                                " AND NOT EXISTS (SELECT 1 FROM message k WHERE k.id = claim.message"
	                                " AND (k.state = 'sending' OR k.state = 'offered'))");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, contact);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

static int drop_messages(struct db *db, int64_t team, int64_t contact, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "UPDATE message SET state = 'dropped', waits = 0 WHERE team = $1"
	                                " AND id IN " MESSAGES_OF_CONTACT " AND state IN ('queued', 'held', 'quarantined', 'in-doubt')");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, contact);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

static int forget_bodies(struct db *db, int64_t team, int64_t contact, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM message_body WHERE team = $1 AND message IN " MESSAGES_OF_CONTACT);

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, contact);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int erase_messages(struct db *db, int64_t team, int64_t contact, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "UPDATE message SET rcpt_to = '', subject = '', reply = ''"
	                                " WHERE team = $1 AND id IN " MESSAGES_OF_CONTACT);

	if (forget_claims(db, team, contact, err) < 0 || drop_messages(db, team, contact, err) < 0 ||
	    forget_bodies(db, team, contact, err) < 0)
		return -1;
	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, contact);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

/* The keys of scripts may well have the address in them. The + keeps all others of the team out of it. */
static int forget_keys(struct db *db, int64_t team, int64_t contact, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM event_key WHERE +team = $1 AND event IN (SELECT id FROM happened"
	                                " WHERE contact = $2 AND team = $1)");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, contact);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int erase_events(struct db *db, int64_t team, int64_t contact, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "UPDATE happened SET data = '' WHERE contact = $2 AND team = $1");

	if (forget_keys(db, team, contact, err) < 0)
		return -1;
	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, contact);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}
