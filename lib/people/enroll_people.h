#ifndef PW_PEOPLE_ENROLL_PEOPLE_H
#define PW_PEOPLE_ENROLL_PEOPLE_H

#include "engine/enroll.h"
#include "people/outlook.h"

/* What came of enrolling one person by hand. */
struct enroll_report {
	const char *email;
	const char *pipeline;
	struct enroll_result result;
	struct planned_mail first; /* S2.13; first.step NULL: no mail is to come */
	const char *moved;         /* what makes it later than planned: engine/standing.h; "" */
	const char *why;           /* refused: the very reason: "unsubscribed", "`enroll.if` is false: country=FR"; else "" */
	struct run open;           /* refused because there is an open run: that one (S2.14) */
	const char *open_step;     /* before which it stands; NULL: none */
	bool by_hand;              /* somebody asked for it, and wants to know */
};

/* One word for how it ended: started, blocked, active, ...; enrolled_text() is for people. */
const char *enrolled_word(enum enrolled how);

/*
 * Starts a contact on a pipeline by hand, in the caller's write transaction; enroller: the account. Texts are in
 * the arena. A refusal is no error: ret->result.how says it.
 */
int enroll_by_hand(struct engine *e, struct world *w, const struct pipeline *p, struct contact *c, struct arena *a,
                   struct enroll_report *ret, struct err *err) PW_CHECK;

/* The same report of an automatic entry that was tried. */
int enroll_look(struct engine *e, const struct pipeline *p, const struct contact *c, const struct enroll_result *r,
                struct arena *a, struct enroll_report *ret, struct err *err) PW_CHECK;

/*
 * When the first mail really goes, once the run is stored: its mailbox may be at its limit. For whom it cannot be told
 * better nothing changes. s: begun after the run was stored.
 */
int enroll_date(struct standings *s, int64_t team, struct enroll_report *r, struct arena *a, struct err *err) PW_CHECK;

/* The command line that mends what is missing: "contactctl set ADDR plan=..."; "" when nothing can be set. */
const char *enroll_mend(const struct engine *e, const struct enroll_report *r, struct arena *a);

/* A pipeline by name; ERR_MISSING with the nearest, or that there is none at all (S2.9). */
int enroll_pipeline(struct engine *e, const struct world *w, const char *name, const struct pipeline **ret,
                    struct err *err) PW_CHECK;

#endif
