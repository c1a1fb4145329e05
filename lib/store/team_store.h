#ifndef PW_STORE_TEAM_STORE_H
#define PW_STORE_TEAM_STORE_H

#include "base/attr.h"
#include "base/err.h"
#include "model/team.h"

#include <stdint.h>

struct arena;
struct db;

/* A team as the store knows it; what it says of itself is its Team document. */
struct team_row {
	int64_t id;
	const char *name;
	int64_t generation; /* grows with every change of a document: caches ask for it */
};

int team_insert(struct db *db, const char *name, int64_t now, int64_t *ret, struct err *err) PW_CHECK;
int team_find(struct db *db, const char *name, struct arena *a, struct team_row *ret, struct err *err) PW_CHECK;
int team_load(struct db *db, int64_t team, struct arena *a, struct team_row *ret, struct err *err) PW_CHECK;

/* All teams in the order of their names; *ret is an array in the arena. Returns how many. */
int team_list(struct db *db, struct arena *a, struct team_row **ret, struct err *err) PW_CHECK;

/* The teams that an account is in, with its role in each (roles[i] belongs to (*ret)[i]). */
int team_of_account(struct db *db, const char *account, struct arena *a, struct team_row **ret, enum role **roles,
                    struct err *err) PW_CHECK;

/* Documents changed: whoever holds them loaded loads again. */
int team_touch(struct db *db, int64_t team, struct err *err) PW_CHECK;
int team_generation(struct db *db, int64_t team, int64_t *ret, struct err *err) PW_CHECK;

/* The accounts of its admins, in order; in the arena. 0 or -1. */
struct names;
int team_admins(struct db *db, int64_t team, struct arena *a, struct names *ret, struct err *err) PW_CHECK;

/* Replaces the members by those of the Team document. */
int team_set_members(struct db *db, int64_t team, const struct member *members, size_t n, struct err *err) PW_CHECK;

#endif
