#include "store/contact_query.h"

#include "store/stmt_private.h"

/*
 * What holds for each contact, whichever table leads to it. Each statement has the order of the index that it goes by, for
 * to be sorted a block would need all of them; that is also why the + keeps the index of addresses out.
 */
#define HOLDS "+c.team = $1 AND c.created_at >= $4 AND c.created_at < $5 AND (c.kind = $6 OR c.kind = $7)" \
	" AND ($8 = 0 OR NOT EXISTS (SELECT 1 FROM run r WHERE r.contact = c.id))" \
	" AND ($9 = 0 OR c.id = $9)" \
	" AND ($10 = 0 OR EXISTS (SELECT 1 FROM run r WHERE r.pipeline = $10 AND r.contact = c.id AND r.ended_at = 0))"

static struct stmt prepare_tagged(struct db *db, const char *tag)
{
	struct stmt st = stmt_prepare(db, "SELECT c.id FROM tag_contact t JOIN contact c ON c.id = t.contact"
	                                  " WHERE t.team = $1 AND t.tag = $11 AND t.contact > $2 AND " HOLDS " ORDER BY t.contact LIMIT $3");

	stmt_bind(&st, 11, tag);
	return st;
}

static struct stmt prepare_enrolled(struct db *db)
{
	return stmt_prepare(db, "SELECT c.id FROM run o JOIN contact c ON c.id = o.contact WHERE o.pipeline = $10"
	                        " AND o.contact > $2 AND o.ended_at = 0 AND " HOLDS " ORDER BY o.contact LIMIT $3");
}

static struct stmt prepare_only(struct db *db, const struct contact_query *q)
{
	struct stmt st = stmt_prepare(db, "SELECT c.id FROM contact c WHERE c.id = $9 AND c.id > $2"
	                                  " AND ($11 = '' OR EXISTS (SELECT 1 FROM tag_contact t WHERE t.team = $1"
	                                  " AND t.tag = $11 AND t.contact = c.id)) AND " HOLDS " ORDER BY c.id LIMIT $3");

	stmt_bind(&st, 11, q->tag ? q->tag : "");
	return st;
}

static struct stmt prepare(struct db *db, const struct contact_query *q)
{
	if (q->only)
		return prepare_only(db, q);
	if (q->tag)
		return prepare_tagged(db, q->tag);
	if (q->enrolled)
		return prepare_enrolled(db);
	return stmt_prepare(db, "SELECT c.id FROM contact c WHERE c.id > $2 AND " HOLDS " ORDER BY c.id LIMIT $3");
}

int contact_query_ids(struct db *db, int64_t team, const struct contact_query *q, int64_t after, int64_t *ret, int max,
                      struct err *err)
{
	STMT_AUTO st = prepare(db, q);
	int n = 0, got;

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, after);
	stmt_bind(&st, 3, max);
	stmt_bind(&st, 4, q->created_from);
	stmt_bind(&st, 5, q->created_until ? q->created_until : INT64_MAX);
	stmt_bind(&st, 6, contact_kind_text(q->kind ? *q->kind : CONTACT_LEAD));
	stmt_bind(&st, 7, contact_kind_text(q->kind ? *q->kind : CONTACT_CONTACT));
	stmt_bind(&st, 8, q->never_enrolled);
	stmt_bind(&st, 9, q->only);
	stmt_bind(&st, 10, q->enrolled);
	while ((got = stmt_step(&st, err)) > 0) {
		ret[n++] = stmt_int(&st);
		stmt_row_end(&st);
	}
	return got < 0 ? -1 : n;
}
