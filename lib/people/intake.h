#ifndef PW_PEOPLE_INTAKE_H
#define PW_PEOPLE_INTAKE_H

#include "engine/chunk.h"
#include "engine/enroll.h"
#include "people/people.h"

/*
 * Many people, one after the other, in transactions of half a second: what `import` and `add -` have alike. When
 * it is interrupted and repeated it goes on, because what is there already does not change.
 */
struct intake_options {
	enum if_exists rule;
	struct names tags;                 /* for everybody; checked */
	const struct pipeline **pipelines; /* to start besides those that start by themselves */
	size_t n_pipelines;
	bool dry_run;
	/* Somebody does not enter a pipeline that would have been theirs; NULL: nobody listens. -1 ends the intake. */
	int (*refused)(void *ctx, const struct pipeline *p, const struct contact *c, const struct enroll_result *r, struct err *err);
	void *ctx;
};

struct intake_counts {
	int64_t created, updated, unchanged, skipped;
	int64_t suppressed;                /* stored, but not written to */
	int64_t enrolled, blocked;         /* runs that were created; those of them that are blocked */
	int64_t refused;                   /* entries that were tried and refused */
	int64_t refused_named;             /* those of them into pipelines that the caller named */
	int64_t unwanted;                  /* addresses of nobody that must not be written to: veils, new ones */
};

struct intake {
	struct engine *engine;
	struct world *world;
	const struct intake_options *options;
	struct intake_counts counts;
	struct chunk chunk;
	bool any_veils;
	bool failed;                       /* while somebody was told of a refusal: */
	struct err problem;
};
#define INTAKE_AUTO PW_CLEANUP(intake_release) struct intake

/* options must live as long as the intake. */
int intake_begin(struct intake *in, struct engine *e, struct world *w, const struct intake_options *options,
                 struct err *err) PW_CHECK;

/* Takes one: 1; 0 refused with the reason in *err (IF_EXISTS_FAIL), go on with the next; -1. */
int intake_take(struct intake *in, struct person *p, struct arena *a, struct err *err) PW_CHECK;

/* Takes the veil of an address that must not be written to (people/unwanted.h). */
int intake_veil(struct intake *in, const char *veil, unsigned reasons, struct err *err) PW_CHECK;

int intake_end(struct intake *in, struct err *err) PW_CHECK;
void intake_release(struct intake *in);

#endif
