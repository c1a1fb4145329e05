#ifndef PW_TASKCTL_DESK_H
#define PW_TASKCTL_DESK_H

#include "cli/context.h"
#include "cli/outcomes.h"
#include "engine/task.h"

/* What every verb works with: the engine, acting as the caller, and the team's documents. */
struct desk {
	struct cli *cli;
	struct engine engine;
	struct world *world;
	struct desk_entry *entries; /* pipelines that were entered; told when it is certain */
	size_t n_entries, cap_entries;
};
#define DESK_AUTO PW_CLEANUP(desk_close) struct desk

int desk_open(struct desk *d, struct cli *cli, struct err *err) PW_CHECK;
void desk_close(struct desk *d);

/* Says which pipelines people entered, or why not. */
void desk_tell_entries(struct desk *d);

/* A task by its number, also written task/12: 0, or -1 (ERR_USAGE no number, ERR_MISSING no such task). */
int desk_task(struct desk *d, const char *word, struct task *ret, struct err *err) PW_CHECK;

/* "Call Anna, for bob, due 2026-12-01T09:00:00Z", in the command's arena. */
const char *desk_text(struct desk *d, const struct task *t);

/* "open", "overdue", "done" or "cancelled". */
const char *desk_state(const struct desk *d, const struct task *t);

/* What a row of the list and `show` have alike. Names are those of the store; a contact that is gone has none. */
struct task_place {
	const char *contact, *pipeline, *step; /* NULL: none */
};
int desk_place(struct desk *d, const struct task *t, struct arena *a, struct task_place *ret, struct err *err) PW_CHECK;

#endif
