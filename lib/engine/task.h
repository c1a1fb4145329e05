#ifndef PW_ENGINE_TASK_H
#define PW_ENGINE_TASK_H

#include "engine/enroll.h"
#include "engine/progress.h"
#include "store/task_store.h"

/*
 * To-dos of members (S1.11-S1.13, S2.43): made by a step or by hand; making and finishing them are events, and who is
 * to enter a pipeline then does so in the same transaction.
 */

/* What a step's task will be: rendered, with its date and its assignee. 1; 0 with *ret_problem; -1. */
int task_plan(struct engine *e, struct traveller *t, const struct step *st, struct task *ret, const char **ret_problem,
              struct err *err) PW_CHECK;

/* What task.created, task.done and task.cancelled say of it. */
const char *task_event_data(const struct task *task, struct arena *a);

/*
 * Stores a task that a person makes, in the caller's write transaction. c: its contact, brought up to date; NULL: none.
 * on_created: a pipeline that the contact enters at once; NULL: none.
 */
int task_create(struct engine *e, struct world *w, struct task *task, struct contact *c,
                const struct pipeline *on_created, struct arena *a, struct err *err) PW_CHECK;

/*
 * Marks it as done: its run goes on if it waits for it, and its contact enters the pipeline that waits for that.
 * outcome: "" none. 1, 0 it is done already, -1.
 */
int task_finish(struct engine *e, struct world *w, struct task *task, const char *outcome, struct arena *a,
                struct err *err) PW_CHECK;

/*
 * Cancels what is open of what the steps of a run made (step: its number; 0: all of them), because nobody needs it any
 * more: task.cancelled. What somebody put off is left: that is theirs. In the caller's write transaction.
 */
int task_call_off(struct engine *e, struct traveller *t, int step, const char *reason, struct err *err) PW_CHECK;

/*
 * The same for the task that a run waits for, when it is sent elsewhere; nothing when it waits for none. t->run is as
 * stored afterwards: a stop rule may have ended it.
 */
int task_leave(struct engine *e, struct traveller *t, struct err *err) PW_CHECK;

/* Does a run stand at this step (index) until its task is done? 1 with *ret, 0, -1. */
int task_awaited(struct engine *e, const struct traveller *t, int step, struct task *ret, struct err *err) PW_CHECK;

/* Is this an account of the team? 0, -1 with ERR_MISSING and the nearest. */
int task_check_assignee(struct engine *e, struct world *w, const char *account, struct err *err) PW_CHECK;

#endif
