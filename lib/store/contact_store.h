#ifndef PW_STORE_CONTACT_STORE_H
#define PW_STORE_CONTACT_STORE_H

#include "base/attr.h"
#include "base/err.h"
#include "model/contact.h"

struct arena;
struct db;

/* Contacts of a team. What belongs to another team is not found. Views are in the arena. */

/* By the folded address (model/address.h): 1 with the whole view, 0 there is none, -1. */
int contact_find(struct db *db, int64_t team, const char *folded, struct arena *a, struct contact *ret,
                 struct err *err) PW_CHECK;

/* By id: 1, 0, -1. */
int contact_load(struct db *db, int64_t team, int64_t id, struct arena *a, struct contact *ret, struct err *err)
	PW_CHECK;

/* Only the id: 1, 0, -1. */
int contact_find_id(struct db *db, int64_t team, const char *folded, int64_t *ret, struct err *err) PW_CHECK;

/* Only the address as written, in the arena: 1, 0, -1. For lists. */
int contact_email(struct db *db, int64_t team, int64_t id, struct arena *a, const char **ret, struct err *err) PW_CHECK;

/* The folded addresses next to one in their order, at most max, in the arena: how many, or -1. For suggestions. */
int contact_neighbours(struct db *db, int64_t team, const char *folded, int max, struct arena *a, const char ***ret,
                       struct err *err) PW_CHECK;

/* Stores a new contact with its values and tags and sets c->id. The address must be free. */
int contact_insert(struct db *db, int64_t team, struct contact *c, struct err *err) PW_CHECK;

/* value "" removes. Returns 1 when something changed, 0 when it was so already, -1. */
int contact_set_value(struct db *db, int64_t team, int64_t contact, const char *name, const char *value,
                      struct err *err) PW_CHECK;
int contact_add_tag(struct db *db, int64_t team, int64_t contact, const char *tag, struct err *err) PW_CHECK;
int contact_remove_tag(struct db *db, int64_t team, int64_t contact, const char *tag, struct err *err) PW_CHECK;

/* The row itself: address, kind, suppressed, updated_at, from the view. */
int contact_update(struct db *db, int64_t team, const struct contact *c, struct err *err) PW_CHECK;

/* Removes the contact with its values and tags; events and messages are kept. */
int contact_delete(struct db *db, int64_t team, int64_t contact, struct err *err) PW_CHECK;

/* Moves events, messages and finished runs of one contact to another (merge). */
int contact_move_history(struct db *db, int64_t team, int64_t from, int64_t to, struct err *err) PW_CHECK;

/* The ids of contacts behind `after` in order, at most max; returns how many. For work in chunks. */
int contact_ids(struct db *db, int64_t team, int64_t after, int64_t *ret, int max, struct err *err) PW_CHECK;

#endif
