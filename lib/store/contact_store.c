#include "store/contact_store.h"

#include "store/contact_fields_private.h"
#include "store/feed_private.h"
#include "store/row_private.h"
#include "store/task_store.h"

#include <string.h>

int contact_read_row(struct stmt *st, struct arena *a, struct contact *ret, struct err *err)
{
	*ret = (struct contact){ 0 };
	ret->id = stmt_int(st);
	ret->team = stmt_int(st);
	ret->email = stmt_text(st, a);
	ret->folded = stmt_text(st, a);
	if (!*ret->email)
		ret->email = ret->folded;
	ret->kind = strcmp(stmt_text(st, a), "contact") == 0 ? CONTACT_CONTACT : CONTACT_LEAD;
	ret->suppressed = (unsigned)stmt_int(st);
	ret->created_at = stmt_int(st);
	ret->updated_at = stmt_int(st);
	if (ret->updated_at == 0)
		ret->updated_at = ret->created_at;
	return contact_fields_read(st->db, stmt_own_text(st, a), a, ret, err);
}

/* Reads the one contact that the statement finds. */
static int read_contact(struct stmt *st, struct arena *a, struct contact *ret, struct err *err)
{
	int got = stmt_step(st, err);

	if (got <= 0)
		return got;
	return contact_read_row(st, a, ret, err) < 0 || stmt_last(st, err) < 0 ? -1 : 1;
}

int contact_find(struct db *db, int64_t team, const char *folded, struct arena *a, struct contact *ret,
                 struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " CONTACT_COLS " FROM contact c WHERE team = $1 AND folded = $2");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, folded);
	return read_contact(&st, a, ret, err);
}

int contact_load(struct db *db, int64_t team, int64_t id, struct arena *a, struct contact *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT " CONTACT_COLS " FROM contact c WHERE team = $1 AND id = $2");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, id);
	return read_contact(&st, a, ret, err);
}

int contact_find_id(struct db *db, int64_t team, const char *folded, int64_t *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT id FROM contact WHERE team = $1 AND folded = $2");
	int got;

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, folded);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	*ret = stmt_int(&st);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

static int read_folded(struct stmt *st, int64_t team, const char *folded, int max, struct arena *a, const char **ret,
                       struct err *err)
{
	int n = 0, got;

	stmt_bind(st, 1, team);
	stmt_bind(st, 2, folded);
	stmt_bind(st, 3, max);
	while ((got = stmt_step(st, err)) > 0) {
		ret[n++] = stmt_text(st, a);
		stmt_row_end(st);
	}
	return got < 0 ? -1 : n;
}

int contact_neighbours(struct db *db, int64_t team, const char *folded, int max, struct arena *a, const char ***ret,
                       struct err *err)
{
	STMT_AUTO before = stmt_prepare(db, "SELECT folded FROM contact WHERE team = $1 AND folded < $2"
	                                    " ORDER BY folded DESC LIMIT $3");
	STMT_AUTO behind = stmt_prepare(db, "SELECT folded FROM contact WHERE team = $1 AND folded > $2"
	                                    " ORDER BY folded LIMIT $3");
	int n, more;

	*ret = arena_array(a, (size_t)max, sizeof **ret);
	n = read_folded(&before, team, folded, max / 2, a, *ret, err);
	more = n < 0 ? -1 : read_folded(&behind, team, folded, max / 2, a, *ret + n, err);
	return more < 0 ? -1 : n + more;
}

int contact_email(struct db *db, int64_t team, int64_t id, struct arena *a, const char **ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT CASE WHEN email = '' THEN folded ELSE email END FROM contact WHERE team = $1 AND id = $2");
	int got;

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, id);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	*ret = stmt_text(&st, a);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

/* The address as the row has it: only when it differs from the folded one. */
static const char *email_of_row(const struct contact *c)
{
	return strcmp(c->email, c->folded) == 0 ? "" : c->email;
}

static int insert_row(struct db *db, const struct contact *c, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO contact (id, team, email, folded, kind, suppressed, created_at,"
	                                " updated_at, fields, began) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
	BUF_AUTO fields = BUF_INIT(FIELDS_MAX);

	if (contact_fields_write(db, c, &fields, err) < 0)
		return -1;
	stmt_bind(&st, 1, c->id);
	stmt_bind(&st, 2, c->team);
	stmt_bind(&st, 3, email_of_row(c));
	stmt_bind(&st, 4, c->folded);
	stmt_bind(&st, 5, contact_kind_text(c->kind));
	stmt_bind(&st, 6, c->suppressed);
	stmt_bind(&st, 7, c->created_at);
	stmt_bind(&st, 8, c->updated_at == c->created_at ? 0 : c->updated_at);
	stmt_bind(&st, 9, fields.len ? fields.s : "");
	stmt_bind(&st, 10, c->began);
	return stmt_run(&st, err);
}

int contact_insert(struct db *db, int64_t team, struct contact *c, struct err *err)
{
	c->team = team;
	if (feed_new_id(db, c->created_at, &c->id, err) < 0 || insert_row(db, c, err) < 0)
		return -1;
	for (size_t i = 0; i < c->tags.n; i++)
		if (tag_insert(db, team, c->id, c->tags.v[i], err) < 0)
			return -1;
	return 0;
}

int contact_update(struct db *db, int64_t team, const struct contact *c, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "UPDATE contact SET email = $3, folded = $4, kind = $5, suppressed = $6,"
	                                " updated_at = $7 WHERE team = $1 AND id = $2");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, c->id);
	stmt_bind(&st, 3, email_of_row(c));
	stmt_bind(&st, 4, c->folded);
	stmt_bind(&st, 5, contact_kind_text(c->kind));
	stmt_bind(&st, 6, c->suppressed);
	stmt_bind(&st, 7, c->updated_at);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

/*
 * The event that the row is becomes one of contact `to`, without the row. The number stays: it is never used again.
 */
static int keep_creation(struct db *db, int64_t team, int64_t contact, int64_t to, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO happened (id, team, contact, run, step, message, occasion, at, data)"
	                                " SELECT id, team, $3, 0, 0, 0, began, created_at, '' FROM contact"
	                                " WHERE id = $1 AND team = $2 AND began > 0");
	STMT_AUTO moved = stmt_prepare(db, "UPDATE contact SET began = 0 WHERE id = $1 AND team = $2");

	stmt_bind(&st, 1, contact);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, to);
	stmt_bind(&moved, 1, contact);
	stmt_bind(&moved, 2, team);
	return stmt_run(&st, err) < 0 || stmt_run(&moved, err) < 0 ? -1 : 0;
}

int contact_delete(struct db *db, int64_t team, int64_t contact, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM contact WHERE id = $1 AND team = $2");

	if (contact_remove_tags(db, team, contact, err) < 0 || task_delete_of(db, team, contact, err) < 0 ||
	    keep_creation(db, team, contact, contact, err) < 0)
		return -1;
	stmt_bind(&st, 1, contact);
	stmt_bind(&st, 2, team);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

static int move_rows(struct stmt st, int64_t team, int64_t from, int64_t to, struct err *err)
{
	int changed;

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, from);
	stmt_bind(&st, 3, to);
	changed = stmt_run(&st, err);
	stmt_done(&st);
	return changed;
}

int contact_move_history(struct db *db, int64_t team, int64_t from, int64_t to, struct err *err)
{
	if (keep_creation(db, team, from, to, err) < 0 || task_move(db, team, from, to, err) < 0 ||
	    move_rows(stmt_prepare(db, "UPDATE happened SET contact = $3 WHERE team = $1 AND contact = $2"), team, from, to,
	              err) < 0 ||
	    move_rows(stmt_prepare(db, "UPDATE message SET contact = $3 WHERE team = $1 AND id IN " MESSAGES_OF_CONTACT),
	              team, from, to, err) < 0)
		return -1;
	return move_rows(stmt_prepare(db, "UPDATE run SET contact = $3 WHERE team = $1 AND contact = $2"), team, from, to,
	                 err) < 0 ? -1 : 0;
}

int contact_ids(struct db *db, int64_t team, int64_t after, int64_t *ret, int max, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT id FROM contact WHERE id > $2 AND +team = $1 ORDER BY id LIMIT $3");
	int n = 0, got;

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, after);
	stmt_bind(&st, 3, max);
	while ((got = stmt_step(&st, err)) > 0) {
		ret[n++] = stmt_int(&st);
		stmt_row_end(&st);
	}
	return got < 0 ? -1 : n;
}
