#ifndef PW_PEOPLE_PEOPLE_H
#define PW_PEOPLE_PEOPLE_H

#include "engine/engine.h"
#include "engine/person.h"
#include "model/contact.h"

/*
 * What can be done with one contact; everything goes through the door (engine/event.h). All but people_find() run
 * in the caller's write transaction. `w` is the team's world, views and texts are in the arena, and a view that
 * is given is brought up to date.
 */

/* By an address in any spelling: 0, or -1 with ERR_MISSING. A text that is no address is nobody's either. */
int people_find(struct engine *e, const struct world *w, const char *address, struct arena *a, struct contact *ret,
                struct err *err) PW_CHECK;

/* What happens when there is a contact with the address. */
enum if_exists { IF_EXISTS_UPDATE, IF_EXISTS_SKIP, IF_EXISTS_FAIL };

enum saved { SAVED_CREATED, SAVED_UPDATED, SAVED_UNCHANGED, SAVED_SKIPPED };
const char *saved_text(enum saved how); /* "created", ... */

/*
 * Stores a person under its address: new, or added to what is there. An address that is suppressed is stored and
 * marked. Returns enum saved, or -1 (ERR_REFUSED: IF_EXISTS_FAIL, and there is one).
 */
int people_save(struct engine *e, struct world *w, const struct person *p, enum if_exists rule, struct arena *a,
                struct contact *ret, struct err *err) PW_CHECK;

/* Adds a person's values, tags and suppression to a contact that is there. 1, 0 nothing changed, -1. */
int people_update(struct engine *e, struct contact *c, const struct person *p, struct arena *a, struct err *err)
	PW_CHECK;

/*
 * Gives a contact another address. It takes along that it is not to be written to, but a bounce belongs to the
 * address. 1, 0 it is the same, -1 (ERR_INVALID no address, ERR_REFUSED another contact has it).
 */
int people_move(struct engine *e, struct contact *c, const char *address, struct arena *a, struct err *err) PW_CHECK;

/* Each: 1, 0 it was so already, -1. */
int people_tag(struct engine *e, struct contact *c, const char *tag, struct arena *a, struct err *err) PW_CHECK;
int people_untag(struct engine *e, struct contact *c, const char *tag, struct arena *a, struct err *err) PW_CHECK;
int people_convert(struct engine *e, struct contact *c, struct arena *a, struct err *err) PW_CHECK;
int people_unsubscribe(struct engine *e, struct contact *c, struct arena *a, struct err *err) PW_CHECK;

/* Takes every suppression away; source: who said when that this person wants mail, kept in the feed. */
int people_resubscribe(struct engine *e, struct contact *c, const char *source, struct arena *a, struct err *err)
	PW_CHECK;

/* Ends the open runs of a contact in a pipeline (0: in all). Returns how many; S2.41, S2.42. */
int people_stop(struct engine *e, const struct contact *c, int64_t pipeline, struct arena *a, struct err *err)
	PW_CHECK;

/*
 * Removes a contact, which ends its runs. erase: what was written to it and what its events say goes too; only a
 * suppression of the address stays, which knows the address's SHA-256 alone. Copies are in the WAL until db_empty_log().
 */
int people_delete(struct engine *e, struct contact *c, bool erase, struct arena *a, struct err *err) PW_CHECK;

/*
 * Makes one contact of two: `keep` gets what it does not have yet, tags, history and runs of `other`, which is
 * removed. A run of `other` is stopped where `keep` is in the same pipeline, or a mail of it is under way.
 * Returns how many runs were stopped. ERR_REFUSED: they are the same.
 */
int people_merge(struct engine *e, struct contact *keep, struct contact *other, struct arena *a, struct err *err)
	PW_CHECK;

#endif
