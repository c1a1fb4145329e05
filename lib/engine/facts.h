#ifndef PW_ENGINE_FACTS_H
#define PW_ENGINE_FACTS_H

#include "engine/progress.h"

/*
 * What a condition is decided from (model/condition.h), read from the feed.
 */

/* An event as a condition sees it; in a run (NULL: none) with the name of its own step. Texts are in the arena. */
int fact_of_event(struct engine *e, const struct event *ev, const struct traveller *t, struct arena *a, struct fact *ret,
                  struct err *err) PW_CHECK;

/* What happened to the contact since the run began, of the types that this condition looks at. */
int traveller_facts(struct engine *e, const struct traveller *t, const struct cond *c, struct facts *ret,
                    struct err *err) PW_CHECK;

#endif
