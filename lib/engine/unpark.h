#ifndef PW_ENGINE_UNPARK_H
#define PW_ENGINE_UNPARK_H

#include "engine/engine.h"

/*
 * Moves the runs that lie in the lane of a paused pipeline or a draft back to where their steps wait; due is what it
 * was, so that `late` decides. In transactions of half a second each; a repeat continues. ret: how many.
 */
int runs_unpark(struct engine *e, int64_t team, const char *pipeline, int64_t *ret, struct err *err) PW_CHECK;

#endif
