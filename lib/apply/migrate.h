#ifndef PW_APPLY_MIGRATE_H
#define PW_APPLY_MIGRATE_H

#include "engine/engine.h"
#include "model/match.h"
#include "model/pipeline.h"

#include <stdint.h>

/*
 * What a new version of a pipeline's steps means for people who stand in an older one: told
 * by `diff` and `apply`, done by `apply --migrate` and `pipectl migrate`.
 */

/* "This step of the old version is that one of the new": for steps whose names do not tell. */
struct step_mapping {
	const char *from, *to; /* names or permanent numbers, as people write them */
};

/* People who stand at one step of one version, and what happens to them. Texts are in the arena. */
struct migration_stand {
	int version, step;   /* step: its permanent number */
	const char *name;    /* of the step, in their version */
	int64_t people;
	enum step_fate fate; /* of the step: kept, changed, deleted */
	const char *go_on;   /* where they go on in the new version; NULL: they complete */
};

struct migration_plan {
	struct migration_stand *stands; /* by version and step */
	size_t n;
	int64_t people;                 /* of all stands */
};

/*
 * Who stands in versions whose steps differ from those of `now`, which is numbered and need not be stored.
 * Nobody: ret->n is 0.
 *
 * maps    n_maps of them; ERR_MISSING when a name in them is no step of any version concerned
 */
struct migration_request {
	const struct pipeline *now;
	const struct step_mapping *maps;
	size_t n_maps;
};
int migrate_plan(struct db *db, int64_t team, int64_t pipeline, const struct migration_request *want, struct arena *a,
                 struct migration_plan *ret, struct err *err) PW_CHECK;

struct migration_count {
	int64_t moved;     /* on the newest version now */
	int64_t completed; /* nothing was left to do for them */
	int64_t left;      /* their mail is on its way, or in doubt: they stay where they are */
};

/* Who wants to know how far long work has come: called now and then with how many were looked at. */
struct watch {
	void (*progress)(void *ctx, int64_t seen);
	void *ctx;
};

/*
 * Moves everybody in open runs of older versions to the stored pipeline's newest one, in transactions of half a
 * second each; a repeat continues. Who stands on a step that is there still stays on it; who stands on a deleted one
 * goes on behind it, or completes; a step that is due is planned anew from the completion before, never in the
 * past; blocked runs stay blocked. Begins its own transactions. watch may be NULL.
 */
int migrate_people(struct engine *e, int64_t team, int64_t pipeline, const struct migration_request *want,
                   const struct watch *watch, struct migration_count *ret, struct err *err) PW_CHECK;

#endif
