#ifndef PW_STORE_PRUNE_STORE_H
#define PW_STORE_PRUNE_STORE_H

#include "base/attr.h"
#include "base/err.h"

#include <stdint.h>

struct db;

/*
 * What may be forgotten because it is old. Each finds the ids behind `after`, in order, at most max; ret has room for
 * max. Returns how many.
 */

/* Messages that are done with, were changed last before an instant, and whose content is kept still. */
int prune_find_contents(struct db *db, int64_t team, int64_t before, int64_t after, int64_t *ret, int max,
                        struct err *err) PW_CHECK;

/* Events before an instant, but none since an open run of their contact began: its conditions look at those. */
int prune_find_events(struct db *db, int64_t team, int64_t before, int64_t after, int64_t *ret, int max,
                      struct err *err) PW_CHECK;

/* Text, HTML and headers of a message; that it went, when and with which subject stays. */
int prune_content(struct db *db, int64_t team, int64_t message, struct err *err) PW_CHECK;

/* An event, with the key under which it came. */
int prune_event(struct db *db, int64_t team, int64_t event, struct err *err) PW_CHECK;

/* The keys of events that are there no more. */
int prune_keys(struct db *db, int64_t team, struct err *err) PW_CHECK;

/* How far the inboxes of Mailbox documents that are there no more were read, and which mails of theirs, before an instant. */
int prune_inboxes(struct db *db, int64_t team, int64_t before, struct err *err) PW_CHECK;

#endif
