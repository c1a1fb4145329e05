#include "store/letter_store.h"

#include "store/stmt_private.h"

int letter_insert(struct db *db, int64_t team, const struct letter_row *l, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO letter (message, team, author, on_sent, on_reply) VALUES ($1, $2, $3, $4, $5)");

	stmt_bind(&st, 1, l->message);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, l->author);
	stmt_bind(&st, 4, l->on_sent);
	stmt_bind(&st, 5, l->on_reply);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int letter_load(struct db *db, int64_t team, int64_t message, struct arena *a, struct letter_row *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT author, on_sent, on_reply FROM letter WHERE message = $1 AND team = $2");
	int got;

	stmt_bind(&st, 1, message);
	stmt_bind(&st, 2, team);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	ret->message = message;
	ret->author = stmt_text(&st, a);
	ret->on_sent = stmt_int(&st);
	ret->on_reply = stmt_int(&st);
	stmt_row_end(&st);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}
