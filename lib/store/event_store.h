#ifndef PW_STORE_EVENT_STORE_H
#define PW_STORE_EVENT_STORE_H

#include "base/attr.h"
#include "base/err.h"

#include <stdint.h>

struct arena;
struct db;

/* Something that happened: one row of the append-only feed. Texts are never NULL. */
struct event {
	int64_t id, team;
	int64_t contact, run, message; /* 0: none */
	int step;                      /* permanent number; 0: none */
	const char *type;              /* "contact.tagged" */
	int64_t at;
	const char *actor;             /* member's account, program, or "pipeline NAME" */
	const char *source;            /* manual pipeline import sync web inbox */
	int depth;                     /* causes before this one that are less than an hour apart */
	const char *data;              /* JSON object */
};

/*
 * A contact's row is the event that created it, a run's row the one that started it, under the same number; they are
 * not inserted here. What such a row has of its event: the number of its type, actor, source and depth.
 */
int event_occasion(struct db *db, const struct event *ev, int64_t *ret, struct err *err) PW_CHECK;

/* Stores any other and sets ev->id. */
int event_insert(struct db *db, int64_t team, struct event *ev, struct err *err) PW_CHECK;

/* Idempotency keys. Was an event recorded with it? 1, 0, -1. And remembers one. */
int event_key_find(struct db *db, int64_t team, const char *key, struct err *err) PW_CHECK;
int event_key_insert(struct db *db, int64_t team, const char *key, int64_t event, struct err *err) PW_CHECK;

/* One by id: 1, 0, -1. */
int event_load(struct db *db, int64_t team, int64_t id, struct arena *a, struct event *ret, struct err *err) PW_CHECK;

/*
 * When an event of this type last happened to the contact, among those with an id above `after`.
 * 1 and *ret, 0: never, -1.
 */
int event_last_at(struct db *db, int64_t team, int64_t contact, const char *type, int64_t after, int64_t *ret,
                  struct err *err) PW_CHECK;

/* All of them, oldest first. Returns how many. Not for contact.created and run.started, which are rows of their own. */
int event_list_of_type(struct db *db, int64_t team, int64_t contact, const char *type, int64_t after, struct arena *a,
                       struct event **ret, struct err *err) PW_CHECK;

/* The newest id of the team's events, 0 when there is none: "since now". */
int event_newest(struct db *db, int64_t team, int64_t *ret, struct err *err) PW_CHECK;

/*
 * Where the events of an instant and later begin: *ret is an id, and all up to it happened before. Some behind it did
 * too: so much as is recorded within a quarter of an hour, and more after a clock was set back.
 */
int event_place_of(struct db *db, int64_t at, int64_t *ret, struct err *err) PW_CHECK;

/*
 * A contact's events (contact 0: the whole team's) with an id above `after`, oldest first, at most max.
 * ret has room for max; returns how many.
 */
int event_list(struct db *db, int64_t team, int64_t contact, int64_t after, struct arena *a, struct event *ret,
               int max, struct err *err) PW_CHECK;

/* A contact's, the team's events with an id below `before` (0: from the newest), newest first, otherwise as event_list(). */
int event_list_of_contact(struct db *db, int64_t team, int64_t contact, int64_t before, struct arena *a,
                          struct event *ret, int max, struct err *err) PW_CHECK;
int event_list_back(struct db *db, int64_t team, int64_t before, struct arena *a, struct event *ret, int max,
                    struct err *err) PW_CHECK;

#endif
