#ifndef PW_MODEL_MATCH_H
#define PW_MODEL_MATCH_H

#include "base/attr.h"
#include "model/pipeline.h"

struct arena;

/* What becomes of a step of the old version. */
enum step_fate {
	STEP_KEPT,    /* the same */
	STEP_CHANGED, /* content, delay or other keys are new */
	STEP_MOVED,   /* stands elsewhere: in another order or another branch; may be changed too */
	STEP_DELETED
};

struct step_match {
	enum step_fate fate;
	int now;   /* its index in the new version; STEP_NONE: deleted */
	int go_on; /* where somebody who stands at it goes on: `now`, or behind a deleted step; STEP_NONE: completes */
};

/*
 * Gives the steps of a new version their permanent numbers: a step that is matched with one
 * of the old version inherits its number, the others get new ones from *next_number on, which is moved on and
 * never goes back. Steps with an id or a Template are matched by that name, wherever they stand and whatever they do
 * now; where one of the two has no name, by content and order, as diff does, list by list: those of `then` with
 * those of `then` of the matched `if`. What is left over of the same verb between the same neighbours counts as
 * changed. Unnamed steps are named anew.
 *
 * old          with its numbers, or NULL: this is the first version
 * next_number  at least 1
 *
 * Returns, in the arena, what becomes of each step of old, in their order (NULL when there is none).
 */
struct step_match *match_steps(const struct pipeline *old, struct pipeline *new, struct arena *a, int *next_number);

/* Are the steps of both versions the same, in the same order, comments aside? Then no new version is stored. */
bool match_same(const struct pipeline *old, const struct pipeline *new);

#endif
