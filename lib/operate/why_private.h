#ifndef PW_OPERATE_WHY_PRIVATE_H
#define PW_OPERATE_WHY_PRIVATE_H

#include "operate/why.h"

#include "base/buf.h"
#include "engine/hold.h"
#include "store/message_store.h"

/* What the parts of `why` work with. */
struct inquiry {
	struct engine *e;
	struct standings *standings;
	struct arena *arena;
	struct traveller t;
	bool known;               /* contact and pipeline are still there: t is whole */
	struct surroundings around;
	const struct zone *zone;  /* the team's */
	bool exact;               /* times are for programs */
	int step;                 /* index of the next one; STEP_NONE */
	const struct step *st;    /* the same; NULL */
	struct message message;   /* of that step; id 0: none yet */
	const char *mailbox;      /* that it goes from; "": no mail */
	bool held;                /* nothing at all is sent from this database: hold */
	struct hold hold;
	struct why *why;
};

void why_add(struct inquiry *q, const char *code, const char *text, const char *command);
const char *why_printf(struct inquiry *q, const char *fmt, ...) PW_FORMAT(2, 3);

/* "Wed 2026-07-01 09:00 CEST (in 2 days)" in the team's zone, or "2026-07-01T07:00:00Z (in 2 days)"; "2 days ago". */
const char *why_moment(struct inquiry *q, int64_t at);

/* The parts, each a sentence or several. */
void why_blocked(struct inquiry *q);
int why_waiting(struct inquiry *q, struct err *err) PW_CHECK;

/* The steps that may still come, behind the next one. */
void why_steps(struct inquiry *q);

#endif
