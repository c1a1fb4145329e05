#ifndef PW_OPERATE_STATS_H
#define PW_OPERATE_STATS_H

#include "engine/standing.h"

/* How many went through a pipeline, who stands where, why some do not go on, and what is to come. */

/* So many for this reason. */
struct stats_reason {
	const char *reason;
	int64_t runs;
};

struct stats_reasons {
	struct stats_reason *list; /* most first */
	size_t n, cap;
};

/* Of one step, by its number. */
struct stats_step {
	int number;
	int64_t waiting, blocked; /* open runs before it, as they stand now */
	int64_t next;             /* when the first of them goes; 0: none, or nobody can tell */
	int64_t sent, refused, dropped, bounced; /* its mails */
};

struct pipeline_stats {
	const struct pipeline *pipeline;
	int64_t entered;          /* runs that there ever were */
	int64_t active, blocked, completed, stopped;
	int64_t mails;            /* sent */
	struct stats_reasons blocked_for, stopped_for, completed_for;
	struct stats_step *steps; /* of all that somebody stood before or that sent; stats_step_of() finds one */
	size_t n_steps, cap_steps;
	int64_t next, last;       /* when the next run goes on, and the last of those that are open now; 0: nobody can tell */
};

/* Everything of one pipeline; looks at each open run of it. *ret in the arena. */
int stats_of_pipeline(struct standings *s, const struct pipeline *p, struct arena *a, struct pipeline_stats *ret,
                      struct err *err) PW_CHECK;

/* Counts and reasons alone, of each pipeline of the team by name; *ret in the arena; returns how many. */
int stats_of_team(struct standings *s, struct arena *a, struct pipeline_stats **ret, struct err *err) PW_CHECK;

/* Its numbers; zeros for a step that nobody came to. */
struct stats_step stats_step_of(const struct pipeline_stats *p, int number);

/* "missing 3, quota 2"; in the arena. */
const char *stats_reasons_text(const struct stats_reasons *r, struct arena *a);

#endif
