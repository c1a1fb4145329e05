#ifndef PW_PEOPLE_RECORD_H
#define PW_PEOPLE_RECORD_H

#include "engine/engine.h"
#include "model/contact.h"

/*
 * What members did by themselves: calls, meetings, messages on LinkedIn, notes. Each is an event, whose number is told,
 * so that what came of it can be said later. All in the caller's write transaction.
 */
enum record_kind { RECORD_CALL, RECORD_MEETING, RECORD_LINKEDIN, RECORD_NOTE };

#define RECORD_KINDS "call|meeting|linkedin|note"

/* False: it is none of those words. */
bool record_kind_parse(const char *word, enum record_kind *ret);

/* What is known of it; NULL: nothing. */
struct recorded {
	const char *text, *outcome;
	int64_t at; /* when it was; 0: now */
};

/*
 * Records it and sets *ret_event. A call that reached somebody (outcome `connected`) is call.made and call.connected, a
 * meeting is booked, or with an outcome `completed` or `no_show` that. ERR_USAGE: a note has no outcome.
 */
int record_activity(struct engine *e, struct contact *c, enum record_kind kind, const struct recorded *what,
                    struct arena *a, int64_t *ret_event, struct err *err) PW_CHECK;

/*
 * Says what came of one that was recorded before. 1; 0 that was said already; -1 (ERR_MISSING there is no such event,
 * ERR_REFUSED it is no call, meeting or message).
 */
int record_outcome(struct engine *e, int64_t team, int64_t event, const char *outcome, struct arena *a, struct err *err)
	PW_CHECK;

#endif
