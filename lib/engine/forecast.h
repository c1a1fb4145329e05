#ifndef PW_ENGINE_FORECAST_H
#define PW_ENGINE_FORECAST_H

#include "engine/engine.h"

struct lane;
struct mailbox;

/*
 * When each mail of a mailbox with limits goes, as things stand: the queue is gone through in its order, with the
 * slots that are used and the same limits, gaps and jitter as a tick has (engine/lanes.h). Pure reading; one look at a
 * lane serves all its runs.
 */
struct forecast_slot {
	int64_t item;      /* as in struct queue_row */
	int64_t at;
	int64_t ahead;     /* so many of this mailbox go before it */
	const char *rule;  /* what makes it later than due: "limit", "gap", why the lane is closed; "" nothing */
};

struct forecast {
	struct forecast_slot *slots; /* by item */
	size_t n;
};

/* Has it a limit or a gap? Without one mails go when they are due. */
bool forecast_needed(const struct mailbox *mb);

/* *ret in the arena. At most the first FORECAST_MAX mails of the lane. */
#define FORECAST_MAX 1000000
int forecast_lane(struct engine *e, const struct lane *l, const struct mailbox *mb, struct arena *a,
                  struct forecast *ret, struct err *err) PW_CHECK;

/* NULL: the item is not in the lane, or far behind. */
const struct forecast_slot *forecast_find(const struct forecast *f, int64_t item);

#endif
