#ifndef PW_OPERATE_ACTIVITY_H
#define PW_OPERATE_ACTIVITY_H

#include "engine/engine.h"
#include "store/event_store.h"

struct buf;
struct contact;
struct message;

/* Where something belongs: names, as of the version that the run follows. */
struct activity_place {
	const char *pipeline; /* NULL: none, so it was done by hand */
	const char *step;     /* NULL: none, or none any more */
};

/* One line of a person's feed (S2.38, S2.39). */
struct activity {
	struct event event;
	struct activity_place place;
	const char *text;     /* the data in words: "subject: Welcome" */
};

/*
 * What happened to a contact before the event `before` (0: up to now), newest first, at most max; ret has room for max.
 * Returns how many. Texts are in the arena.
 */
int activity_list(struct engine *e, const struct contact *c, int64_t before, struct arena *a, struct activity *ret,
                  int max, struct err *err) PW_CHECK;

/* Of a run (0: none) and of its step with this number (0: none). */
int activity_place(struct engine *e, int64_t team, int64_t run, int step, struct arena *a, struct activity_place *ret,
                   struct err *err) PW_CHECK;

/*
 * A message by its number, or by its Message-ID with or without <>; ERR_MISSING: the team has none. 0 or -1.
 */
int message_find(struct engine *e, int64_t team, const char *id, struct arena *a, struct message *ret, struct err *err)
	PW_CHECK;

/* Appends the headers of a mail, which are kept encoded as they were sent, as people read them (format/mime.h). */
void message_headers_for_people(const char *headers, struct buf *out);

#endif
