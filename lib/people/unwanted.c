#include "people/unwanted.h"

#include "base/buf.h"
#include "engine/salt.h"
#include "people/export.h"
#include "people/people.h"
#include "store/contact_store.h"

#include <string.h>

#define ROWS_AT_ONCE 500
#define FULL         65536

/* A row of nobody: the contact has no field, and is none. */
static void put_row(const struct world *w, const struct suppression_row *row, const char *salt, struct buf *out)
{
	struct contact nobody = { .suppressed = row->reasons };
	struct veil v;

	if (veil_is(row->folded)) {
		nobody.email = row->folded;
	} else {
		veil_make(salt, row->folded, &v);
		nobody.email = v.text;
	}
	export_nobody(w, &nobody, out);
}

int unwanted_export(struct engine *e, const struct world *w, void (*flush)(void *ctx, struct buf *out), void *ctx,
                    struct buf *out, struct err *err)
{
	struct suppression_row rows[ROWS_AT_ONCE];
	const char *after = "";
	ARENA_AUTO a = { 0 };
	char salt[VEIL_SALT + 1];
	int n;

	if (salt_load(e, false, salt, err) < 0)
		return -1;
	do {
		n = suppression_list_loose(e->db, world_team(w)->id, after, &a, rows, ROWS_AT_ONCE, err);
		for (int i = 0; i < n; i++) {
			after = rows[i].folded;
			put_row(w, &rows[i], salt, out);
		}
		if (out->len >= FULL)
			flush(ctx, out);
	} while (n == ROWS_AT_ONCE);
	return err_or_none(n);
}

int unwanted_take(struct engine *e, int64_t team, const char *veil, unsigned reasons, struct err *err)
{
	int added = 0;

	for (unsigned bit = 1; bit <= reasons; bit <<= 1) {
		int got = reasons & bit ? suppression_add(e->db, team, veil, (enum suppression)bit, e->now, e->source, err) : 0;

		if (got < 0)
			return -1;
		added |= got;
	}
	return added;
}

static int mark(struct engine *e, int64_t team, int64_t id, int64_t *marked, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct person p = { 0 };
	struct contact c;
	int got = contact_load(e->db, team, id, &a, &c, err);

	if (got > 0)
		got = suppression_get(e->db, team, c.folded, &p.suppressed, err) < 0 ? -1 : 1;
	if (got <= 0)
		return got;
	p.suppressed &= ~c.suppressed;
	if (p.suppressed == 0)
		return 0;
	++*marked;
	return err_or_none(people_update(e, &c, &p, &a, err));
}

int unwanted_mark(struct engine *e, int64_t team, struct chunk *chunk, int64_t *ret, struct err *err)
{
	int64_t ids[ROWS_AT_ONCE], after = 0;
	int n;

	*ret = 0;
	do {
		n = contact_ids(e->db, team, after, ids, ROWS_AT_ONCE, err);
		for (int i = 0; i < n; i++) {
			after = ids[i];
			if (mark(e, team, after, ret, err) < 0 || chunk_step(chunk, err) < 0)
				return -1;
		}
	} while (n == ROWS_AT_ONCE);
	return err_or_none(n);
}
