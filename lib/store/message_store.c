#include "store/message_store.h"

#include "model/message_id.h"
#include "store/message_body_private.h"
#include "store/row_private.h"

#define COLS                                                                                                       \
	"m.id, m.team, m.contact, m.run, m.step, m.visit, m.state, m.token, m.lane, m.message_id, m.mail_from, m.rcpt_to,"  \
	" m.subject, m.template, m.attempts, m.crashes, m.created_at, m.first_try_at, m.changed_at, m.reply,"              \
	" COALESCE(b.stencil, 0), COALESCE(b.content, '')"
#define TABLES " FROM message m LEFT JOIN message_body b ON b.message = m.id"

static int read_row(struct stmt *st, struct arena *a, struct message *ret, struct err *err)
{
	*ret = (struct message){ 0 };
	ret->id = stmt_int(st);
	ret->team = stmt_int(st);
	ret->contact = stmt_int(st);
	ret->run = stmt_int(st);
	ret->step = (int)stmt_int(st);
	ret->visit = (int)stmt_int(st);
	if (!message_state_parse(stmt_text(st, a), &ret->state))
		BUG("message %lld has an unknown state", (long long)ret->id);
	ret->token = stmt_int(st);
	ret->lane = stmt_int(st);
	ret->message_id = stmt_text(st, a);
	ret->mail_from = stmt_text(st, a);
	ret->rcpt_to = stmt_text(st, a);
	ret->subject = stmt_text(st, a);
	ret->template = stmt_text(st, a);
	ret->attempts = stmt_int(st);
	ret->crashes = stmt_int(st);
	ret->created_at = stmt_int(st);
	ret->first_try_at = stmt_int(st);
	ret->changed_at = stmt_int(st);
	ret->reply = stmt_text(st, a);
	if (body_read(st, a, ret, err) < 0)
		return -1;
	stmt_row_end(st);
	return 0;
}

static void bind_row(struct stmt *st, int64_t team, const struct message *m)
{
	stmt_bind(st, 1, m->id);
	stmt_bind(st, 2, team);
	stmt_bind(st, 7, message_state_text(m->state));
	stmt_bind(st, 21, message_state_waits(m->state));
	stmt_bind(st, 8, m->token);
	stmt_bind(st, 9, m->lane);
	stmt_bind(st, 11, m->mail_from);
	stmt_bind(st, 12, m->rcpt_to);
	stmt_bind(st, 13, m->subject);
	stmt_bind(st, 14, m->template);
	stmt_bind(st, 15, m->attempts);
	stmt_bind(st, 16, m->crashes);
	stmt_bind(st, 18, m->first_try_at);
	stmt_bind(st, 19, m->changed_at);
	stmt_bind(st, 20, m->reply);
}

int message_insert(struct db *db, int64_t team, struct message *m, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO message (id, team, contact, run, step, visit, state, token, lane, message_id,"
	                                " mail_from, rcpt_to, subject, template, attempts, crashes, created_at, first_try_at,"
	                                " changed_at, reply, waits) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,"
	                                " $13, $14, $15, $16, $17, $18, $19, $20, $21)");

	BUG_ON(m->id == 0);
	m->team = team;
	bind_row(&st, team, m);
	stmt_bind(&st, 3, m->contact);
	stmt_bind(&st, 4, m->run);
	stmt_bind(&st, 5, m->step);
	stmt_bind(&st, 6, m->visit);
	stmt_bind(&st, 10, m->message_id);
	stmt_bind(&st, 17, m->created_at);
	return stmt_run(&st, err) < 0 ? -1 : body_insert(db, team, m, err);
}

int message_update(struct db *db, int64_t team, const struct message *m, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "UPDATE message SET state = $7, token = $8, lane = $9, mail_from = $11, rcpt_to = $12,"
	                                " subject = $13, template = $14, attempts = $15, crashes = $16, first_try_at = $18,"
	                                " changed_at = $19, reply = $20, waits = $21 WHERE id = $1 AND team = $2");
	int changed;

	bind_row(&st, team, m);
	changed = stmt_run(&st, err);
	return changed <= 0 ? changed : body_store(db, team, m, err);
}

static int read_one(struct stmt *st, struct arena *a, struct message *ret, struct err *err)
{
	int got = stmt_step(st, err);

	if (got <= 0)
		return got;
	return read_row(st, a, ret, err) < 0 || stmt_last(st, err) < 0 ? -1 : 1;
}

int message_load(struct db *db, int64_t team, int64_t id, struct arena *a, struct message *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS TABLES " WHERE m.id = $1 AND m.team = $2");

	stmt_bind(&st, 1, id);
	stmt_bind(&st, 2, team);
	return read_one(&st, a, ret, err);
}

int message_find_mid(struct db *db, int64_t team, const char *message_id, struct arena *a, struct message *ret,
                     struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS TABLES " WHERE m.id = $3 AND m.message_id = $1 AND m.team = $2");

	stmt_bind(&st, 1, message_id);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, message_id_number(message_id));
	return read_one(&st, a, ret, err);
}

int message_of_step(struct db *db, int64_t team, int64_t run, int step, int visit, struct arena *a,
                    struct message *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS TABLES " WHERE m.run = $1 AND m.run > 0 AND m.step = $2 AND m.visit = $3"
	                                " AND m.team = $4");

	stmt_bind(&st, 1, run);
	stmt_bind(&st, 2, step);
	stmt_bind(&st, 3, visit);
	stmt_bind(&st, 4, team);
	return read_one(&st, a, ret, err);
}

int message_last_sent(struct db *db, int64_t team, int64_t run, int step, struct arena *a, struct message *ret,
                      struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS TABLES " WHERE m.run = $1 AND m.run > 0 AND m.team = $2"
	                                " AND ($3 = 0 OR m.step = $3) AND m.state IN ('sent', 'offered', 'in-doubt', 'bounced')"
	                                " ORDER BY m.changed_at DESC, m.id DESC LIMIT 1");

	stmt_bind(&st, 1, run);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, step);
	return read_one(&st, a, ret, err);
}

int message_fence(struct db *db, int64_t team, int64_t id, int64_t token, int64_t now, struct err *err)
{
	STMT_AUTO st = stmt_prepare(
		db, "UPDATE message SET state = 'offered', changed_at = $4 WHERE id = $1 AND team = $2 AND token = $3"
		    " AND state = 'sending'"
		    " AND EXISTS (SELECT 1 FROM lane l WHERE l.id = message.lane AND l.paused_at = 0)"
		    " AND (run = 0 OR EXISTS (SELECT 1 FROM run r JOIN document d ON d.id = r.pipeline WHERE r.id = message.run"
		    " AND r.status IN ('pending', 'running') AND r.step = message.step AND d.paused = 0))"
		    " AND NOT EXISTS (SELECT 1 FROM contact c WHERE c.id = message.contact AND c.suppressed >= 2)");

	stmt_bind(&st, 1, id);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, token);
	stmt_bind(&st, 4, now);
	return stmt_run(&st, err);
}

int message_move(struct db *db, int64_t team, int64_t id, int64_t token, enum message_state from,
                 enum message_state to, int64_t now, const char *reply, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "UPDATE message SET state = $5, waits = $8, changed_at = $6, reply = $7 WHERE id = $1 AND team = $2"
	                                " AND token = $3 AND state = $4");

	stmt_bind(&st, 1, id);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, token);
	stmt_bind(&st, 4, message_state_text(from));
	stmt_bind(&st, 5, message_state_text(to));
	stmt_bind(&st, 6, now);
	stmt_bind(&st, 7, reply);
	stmt_bind(&st, 8, message_state_waits(to));
	return stmt_run(&st, err);
}

int message_last_of_run(struct db *db, int64_t team, int64_t run, struct arena *a, struct message *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS TABLES " WHERE m.run = $1 AND m.run > 0 AND m.team = $2"
	                                " ORDER BY m.id DESC LIMIT 1");

	stmt_bind(&st, 1, run);
	stmt_bind(&st, 2, team);
	return read_one(&st, a, ret, err);
}

int message_drop_of_run(struct db *db, int64_t team, int64_t run, int64_t now, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "UPDATE message SET state = 'dropped', waits = 0, changed_at = $3 WHERE run = $1 AND run > 0"
	                                " AND team = $2 AND state IN ('queued', 'sending', 'held', 'quarantined')");

	stmt_bind(&st, 1, run);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, now);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

static int read_list(struct stmt *st, struct arena *a, struct message **ret, struct err *err)
{
	size_t n = 0, cap = 0;
	int got;

	*ret = NULL;
	while ((got = stmt_step(st, err)) > 0) {
		ARENA_GROW(a, ret, &cap, n);
		if (read_row(st, a, &(*ret)[n++], err) < 0)
			return -1;
	}
	return got < 0 ? -1 : (int)n;
}

/* A message that waits has a row in message_waits, one that is sending or offered a claim. */
static struct stmt prepare_open(struct db *db, enum message_state state)
{
	BUG_ON(!message_state_waits(state) && state != MESSAGE_SENDING && state != MESSAGE_OFFERED);
	if (message_state_waits(state))
		return stmt_prepare(db, "SELECT " COLS TABLES " WHERE m.team = $1 AND m.id > $3 AND m.waits = 1 AND m.state = $2"
		                        " ORDER BY m.id LIMIT $4");
	return stmt_prepare(db, "SELECT " COLS " FROM claim k JOIN message m ON m.id = k.message"
	                        " LEFT JOIN message_body b ON b.message = m.id"
	                        " WHERE k.team = $1 AND k.message > $3 AND m.state = $2 ORDER BY k.message LIMIT $4");
}

int message_list_open(struct db *db, int64_t team, enum message_state state, int64_t after, int max, struct arena *a,
                      struct message **ret, struct err *err)
{
	STMT_AUTO st = prepare_open(db, state);

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, message_state_text(state));
	stmt_bind(&st, 3, after);
	stmt_bind(&st, 4, max);
	return read_list(&st, a, ret, err);
}

int message_list_of_contact(struct db *db, int64_t team, int64_t contact, struct arena *a, struct message **ret,
                            struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " COLS TABLES " WHERE m.team = $1 AND m.id IN " MESSAGES_OF_CONTACT " ORDER BY m.id");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, contact);
	return read_list(&st, a, ret, err);
}

int message_count_waiting(struct db *db, int64_t team, enum message_state state, int64_t *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT count(*) FROM message WHERE ($1 = 0 OR team = $1) AND waits = 1"
	                                " AND state = $2");

	BUG_ON(!message_state_waits(state));
	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, message_state_text(state));
	if (stmt_step(&st, err) < 0)
		return -1;
	*ret = stmt_int(&st);
	return stmt_last(&st, err);
}
