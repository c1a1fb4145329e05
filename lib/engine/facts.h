#ifndef PW_ENGINE_FACTS_H
#define PW_ENGINE_FACTS_H

#include "engine/progress.h"

struct event;

/*
 * What a condition is decided from (model/condition.h), read from the feed.
 */

/* An event as a condition sees it that looks at nobody's run. Texts are in the arena. */
struct fact fact_by_itself(const struct event *ev, struct arena *a);

/* What happened to the contact since the run began, of the types that this condition looks at. */
int traveller_facts(struct engine *e, const struct traveller *t, const struct cond *c, struct facts *ret,
                    struct err *err) PW_CHECK;

#endif
