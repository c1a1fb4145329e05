#ifndef PW_ENGINE_SENDER_H
#define PW_ENGINE_SENDER_H

#include "engine/progress.h"

struct team;

/* From which mailbox somebody's mail goes. */

/* The mailbox of a member, by the Team document; NULL: none, or no such member. */
const char *sender_of_member(const struct team *t, const char *account);

/*
 * The sender that a run of this contact gets at entry, by the pipeline's `mailbox`. `enroller` with nobody who enrolled:
 * the owner's, else the team's. NULL: none can be told; sender_problem() says why, in the arena.
 */
const char *sender_of_pipeline(struct world *w, const struct pipeline *p, const struct contact *c,
                               const char *enroller);
const char *sender_problem(struct world *w, const struct pipeline *p, const struct contact *c, const char *enroller,
                           struct arena *a);


/*
 * The sender of an email step: its own `mailbox` (which may be `owner` or `enroller`, as they are now), else the
 * run's. NULL: there is none, and *ret says why and for what reason the run is blocked; its text is in t->arena.
 */
const char *sender_of_step(const struct traveller *t, const struct step *st, struct hurdle *ret);

/* Does who the sender is depend on the contact's owner? */
bool sender_is_owner(const struct step *st);

#endif
