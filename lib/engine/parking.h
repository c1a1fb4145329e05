#ifndef PW_ENGINE_PARKING_H
#define PW_ENGINE_PARKING_H

#include "engine/engine.h"

struct queue_row;
struct traveller;

/*
 * A run that comes up while its pipeline is paused or a draft waits in a lane of its own until that ends. q: the row
 * that was taken from the queue. In the caller's write transaction.
 */
int run_park(struct engine *e, struct traveller *t, const struct queue_row *q, struct err *err) PW_CHECK;

/*
 * Moves the runs that lie in the lane of a paused pipeline or a draft back to where their steps wait; due is what it
 * was, so that `late` decides. In transactions of half a second each; a repeat continues. ret: how many.
 */
int runs_unpark(struct engine *e, int64_t team, const char *pipeline, int64_t *ret, struct err *err) PW_CHECK;

#endif
