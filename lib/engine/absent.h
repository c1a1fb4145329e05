#ifndef PW_ENGINE_ABSENT_H
#define PW_ENGINE_ABSENT_H

#include "base/attr.h"
#include "base/err.h"
#include "model/names.h"

#include <stdint.h>

struct arena;
struct db;

/*
 * What is said of a thing that was named and that the team has not: every program uses these words, and names the
 * nearest of the team's own. Each returns -1 with ERR_MISSING (or what kept it from looking).
 */

/* "no pipeline 'welcom' in team 'sales'; did you mean 'welcome'?", or that the team has none of the kind yet (S2.9). */
int absent_document(struct db *db, int64_t team, enum doc_kind kind, const char *name, struct err *err) PW_CHECK;

/* "anna, carl": who may set up what is not there. In the arena; 0 or -1. */
int admins_text(struct db *db, int64_t team, struct arena *a, const char **ret, struct err *err) PW_CHECK;

/* address: as it was typed. */
int absent_contact(struct db *db, int64_t team, const char *address, struct err *err) PW_CHECK;

int absent_run(struct db *db, int64_t team, int64_t run, struct err *err) PW_CHECK;

/* word: a number or a Message-ID, as it was typed. */
int absent_message(struct db *db, int64_t team, const char *word, struct err *err) PW_CHECK;
int absent_message_id(struct db *db, int64_t team, int64_t message, struct err *err) PW_CHECK;

/*
 * The name nearest to a word among the team's documents of a kind, in the arena: 1, 0 none is near, -1. ret_n: how
 * many there are.
 */
int document_nearest(struct db *db, int64_t team, enum doc_kind kind, const char *word, struct arena *a,
                     const char **ret, int *ret_n, struct err *err) PW_CHECK;

#endif
