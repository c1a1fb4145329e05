#ifndef PW_AUTHOR_STEPS_H
#define PW_AUTHOR_STEPS_H

#include "author/author_private.h"

/* More than anybody reads; versions are matched step by step. */
#define STEPS_MAX 2000

/* What is known of a step only while its pipeline is read. */
struct step_source {
	struct yaml *node, *name_node, *thread_node, *done_node;
	int before; /* the step before it in its list, STEP_NONE: it is the first */
};

/* A step that is named elsewhere: one with this verb must be there. */
struct step_ref {
	struct yaml *node;
	enum verb verb;
};

/* The steps of a pipeline as they come in. */
struct step_list {
	struct step *v;
	struct step_source *sources;
	size_t n, cap, cap_sources;
	struct step_ref *refs;    /* steps that conditions name, in the arena */
	size_t n_refs, cap_refs;
	bool in_entry;            /* `enroll` is being read: there is no run yet */
};

/* What else the rows of a step read. */
struct step_draft {
	struct step step;
	struct step_source source;
	struct yaml *id, *then_steps, *else_steps;
	struct task_plan task;
};

/* Reads one step but for its branches. The draft is zeroed. */
int step_read(struct reader *rd, struct yaml *node, struct step_draft *d);

/* Reads a list of steps behind those that are there. parent: the index of the step they are a branch of. */
int steps_read(struct reader *rd, struct yaml *node, int parent, bool in_else);

/* When all are read: where each goes on, their names, the mails that `thread` means. */
int steps_link(struct reader *rd, struct pipeline *p);

/* Sets signature and body of all steps from the canonical tree of a pipeline. */
void steps_sign(struct arena *a, struct pipeline *p, const struct yaml *tree);

/* Rows of verbs that are not built yet, and the tables of their maps. */
extern const struct table split_table, create_deal_table, update_deal_table, webhook_table, step_event_table;

#endif
