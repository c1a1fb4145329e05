#ifndef PW_ENGINE_EFFECT_H
#define PW_ENGINE_EFFECT_H

#include "engine/progress.h"

/*
 * Executes a step that sends nothing: tag, untag, set, note, task; through the door, as the pipeline. t->contact is
 * brought up to date. 1; 0 with *ret_problem (in the arena) when a template in it cannot be rendered or a value does
 * not fit its field; -1.
 */
int effect_execute(struct engine *e, struct traveller *t, int step, const char **ret_problem, struct err *err)
	PW_CHECK;

#define EFFECT_EVENTS 3 /* of one step at most: values, lifecycle stage, kind */

/* What a step would record. */
struct task;
struct rehearsed {
	const char *types[EFFECT_EVENTS]; /* of the events */
	bool changes[EFFECT_EVENTS];      /* the contact, and not only its feed */
	size_t n_types;                   /* 0: nothing changes */
	const char *note;                 /* of a note, rendered; else "" */
	const struct task *task;          /* that it makes; NULL: none */
	const char *problem;              /* when it cannot be executed */
};

/* The same on the view alone, for simulations: nothing is recorded. 1, 0 with ret->problem, -1. */
int effect_rehearse(struct engine *e, struct traveller *t, int step, struct rehearsed *ret, struct err *err) PW_CHECK;

#endif
