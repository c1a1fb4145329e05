#include "store/suppression_store.h"

#include "store/stmt_private.h"

#include <stdio.h>
#include <string.h>

#define PREFIX "sha256:"

void veil_make(const char *salt, const char *folded, struct veil *ret)
{
	char plain[VEIL_SALT + 1024];
	int n = snprintf(plain, sizeof plain, "%s%s", salt, folded);
	char *hash = ret->text + snprintf(ret->text, sizeof ret->text, PREFIX "%s:", salt);

	BUG_ON(strlen(salt) != VEIL_SALT || n < 0 || (size_t)n >= sizeof plain);
	sha256_hex(plain, (size_t)n, hash);
}

static bool are_digits(const char *text, size_t n)
{
	return strspn(text, "0123456789abcdef") == n;
}

bool veil_is(const char *text)
{
	const char *salt = text + strlen(PREFIX);

	return strncmp(text, PREFIX, strlen(PREFIX)) == 0 && are_digits(salt, VEIL_SALT) && salt[VEIL_SALT] == ':' &&
	       are_digits(salt + VEIL_SALT + 1, SHA256_TEXT - 1) && strlen(text) == sizeof(struct veil) - 2;
}

/* The reasons of an address as it stands, or of one veil of it. */
static int get_plain(struct db *db, int64_t team, const char *folded, unsigned *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT reason FROM suppression WHERE team = $1 AND folded = $2");
	int got;

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, folded);
	while ((got = stmt_step(&st, err)) > 0) {
		*ret |= (unsigned)stmt_int(&st);
		stmt_row_end(&st);
	}
	return got;
}

/* The first veil behind this text: 1, 0, -1. Salts are few: one of our own, and one for each database that was imported. */
static int next_veil(struct db *db, int64_t team, const char *after, struct arena *a, const char **ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT folded FROM suppression WHERE team = $1 AND folded > $2 AND folded < 'sha256;'"
	                                " ORDER BY folded LIMIT 1");
	int got;

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, after);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	*ret = stmt_text(&st, a);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

/* An address in turn under each salt that veils of the team have. */
struct veils {
	char behind[sizeof(struct veil)]; /* `sha256:SALT;`: behind all that have it */
	struct veil of;                   /* the address under the last one found */
};

static int veils_next(struct veils *v, struct db *db, int64_t team, const char *folded, struct err *err)
{
	ARENA_AUTO a = { 0 };
	const char *found;
	char salt[VEIL_SALT + 1];
	int got = next_veil(db, team, *v->behind ? v->behind : PREFIX, &a, &found, err);

	if (got <= 0)
		return got;
	snprintf(salt, sizeof salt, "%s", found + strlen(PREFIX));
	snprintf(v->behind, sizeof v->behind, PREFIX "%s;", salt);
	veil_make(salt, folded, &v->of);
	return 1;
}

int suppression_get(struct db *db, int64_t team, const char *folded, unsigned *ret, struct err *err)
{
	struct veils v = { 0 };
	int got;

	*ret = 0;
	if (get_plain(db, team, folded, ret, err) < 0)
		return -1;
	while ((got = veils_next(&v, db, team, folded, err)) > 0)
		if (get_plain(db, team, v.of.text, ret, err) < 0)
			return -1;
	return got;
}

int suppression_add(struct db *db, int64_t team, const char *folded, enum suppression reason, int64_t at,
                    const char *source, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO suppression (team, folded, reason, at, source)"
	                                " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (team, folded, reason) DO NOTHING");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, folded);
	stmt_bind(&st, 3, (int64_t)reason);
	stmt_bind(&st, 4, at);
	stmt_bind(&st, 5, source);
	return stmt_run(&st, err);
}

static int remove_plain(struct db *db, int64_t team, const char *folded, int64_t reason, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM suppression WHERE team = $1 AND folded = $2 AND reason = $3");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, folded);
	stmt_bind(&st, 3, reason);
	return stmt_run(&st, err);
}

int suppression_remove(struct db *db, int64_t team, const char *folded, enum suppression reason, struct err *err)
{
	struct veils v = { 0 };
	int got, removed = remove_plain(db, team, folded, (int64_t)reason, err);

	while ((got = removed < 0 ? -1 : veils_next(&v, db, team, folded, err)) > 0) {
		int here = remove_plain(db, team, v.of.text, (int64_t)reason, err);

		removed = here < 0 ? -1 : removed + here;
	}
	return got < 0 ? -1 : removed;
}

static int suppression_forget(struct db *db, int64_t team, const char *folded, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM suppression WHERE team = $1 AND folded = $2");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, folded);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

int suppression_veil(struct db *db, int64_t team, const char *folded, const char *salt, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO suppression (team, folded, reason, at, source)"
	                                " SELECT team, $3, reason, at, source FROM suppression WHERE team = $1 AND folded = $2"
	                                " ON CONFLICT (team, folded, reason) DO NOTHING");
	struct veil v;

	veil_make(salt, folded, &v);
	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, folded);
	stmt_bind(&st, 3, v.text);
	if (stmt_run(&st, err) < 0)
		return -1;
	return suppression_forget(db, team, folded, err);
}

int suppression_list_loose(struct db *db, int64_t team, const char *after, struct arena *a, struct suppression_row *ret,
                           int max, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT folded, SUM(reason) FROM suppression s WHERE team = $1 AND folded > $2"
	                                " AND NOT EXISTS (SELECT 1 FROM contact c WHERE c.team = $1 AND c.folded = s.folded)"
	                                " GROUP BY folded ORDER BY folded LIMIT $3");
	int n = 0, got;

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, after);
	stmt_bind(&st, 3, max);
	while ((got = stmt_step(&st, err)) > 0) {
		ret[n].folded = stmt_text(&st, a);
		ret[n++].reasons = (unsigned)stmt_int(&st);
		stmt_row_end(&st);
	}
	return got < 0 ? -1 : n;
}
