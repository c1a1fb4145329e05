#ifndef PW_STORE_SUPPRESSION_STORE_H
#define PW_STORE_SUPPRESSION_STORE_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/token.h"
#include "model/contact.h"

#include <stdbool.h>
#include <stdint.h>

struct db;

/*
 * Addresses that must not be written to (enum suppression), with or without a contact. Of somebody who was erased only a
 * veil is kept: `sha256:SALT:HASH`, the hash of salt and address, by which the functions below find the address all
 * the same. A veil that comes from another database keeps the salt of that one.
 */
#define VEIL_SALT 32 /* hex digits */

struct veil {
	char text[sizeof "sha256::" + VEIL_SALT + SHA256_TEXT];
};

/* salt: VEIL_SALT hex digits. */
void veil_make(const char *salt, const char *folded, struct veil *ret);
bool veil_is(const char *text);

int suppression_get(struct db *db, int64_t team, const char *folded, unsigned *ret, struct err *err) PW_CHECK;

/* folded may be a veil. 1; 0 it was there already; -1. */
int suppression_add(struct db *db, int64_t team, const char *folded, enum suppression reason, int64_t at,
                    const char *source, struct err *err) PW_CHECK;
int suppression_remove(struct db *db, int64_t team, const char *folded, enum suppression reason, struct err *err)
	PW_CHECK;

/* From now on the address itself is not kept, only its veil. */
int suppression_veil(struct db *db, int64_t team, const char *folded, const char *salt, struct err *err) PW_CHECK;

/* What no contact has, veils too, by `folded` behind `after`; at most max. Returns how many. */
struct suppression_row {
	const char *folded;
	unsigned reasons;
};
int suppression_list_loose(struct db *db, int64_t team, const char *after, struct arena *a, struct suppression_row *ret,
                           int max, struct err *err) PW_CHECK;

#endif
