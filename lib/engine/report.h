#ifndef PW_ENGINE_REPORT_H
#define PW_ENGINE_REPORT_H

#include "engine/engine.h"
#include "model/contact.h"
#include "model/names.h"

/*
 * Events that are reported from outside: a shop's order, a page that was visited. Only types that the team's
 * Fields document declares, with values of the types that it says.
 */

/*
 * Checks and puts together an event's data: members of a JSON object (NULL: none), then assignments as
 * "total=12.50". *ret is a JSON object in the arena.
 * ERR_REFUSED: a built-in type, which only pipewright records; ERR_MISSING: no such type, no such member, with the
 * nearest; ERR_INVALID: a value does not fit; ERR_USAGE: no assignment.
 */
int report_data(struct world *w, const char *type, const char *json, const struct names *assignments,
                struct arena *a, const char **ret, struct err *err) PW_CHECK;

/* Is this a type of events, built in or declared? 0; -1 with ERR_MISSING, with the nearest. */
int report_known_type(const struct world *w, const char *type, struct err *err) PW_CHECK;

/*
 * Records it, in the caller's write transaction.
 *
 * key  idempotency key, NULL: none
 *
 * Returns 1; 0 when one with this key was recorded before, and nothing is done; -1.
 */
int report_event(struct engine *e, struct contact *c, const char *type, const char *data, const char *key,
                 struct arena *a, struct err *err) PW_CHECK;

#endif
