#ifndef PW_STORE_TASK_STORE_H
#define PW_STORE_TASK_STORE_H

#include "base/attr.h"
#include "base/err.h"
#include "model/task.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct db;

/* A to-do of a member. Texts are never NULL. */
struct task {
	int64_t id, team;
	int64_t contact;          /* 0: about nobody */
	int64_t run;              /* whose step made it; 0: a person did */
	int step, visit;
	bool hold;                /* its run goes on when it is done */
	enum task_type type;
	const char *title;
	const char *assignee;     /* account; "": nobody's */
	int64_t due_at, done_at;  /* 0: never */
	int64_t on_done;          /* the pipeline that starts for its contact when it is done; 0: none */
	int64_t created_at;
	const char *created_by, *done_by;
	const char *outcome;      /* what came of it; why it was cancelled */
	bool cancelled;           /* at done_at: its run was stopped before it was done */
	bool taken;               /* somebody put it off: it is theirs and outlives its run */
};

/* Stores it and sets t->id. The step of a run makes one task each time that it is passed. */
int task_insert(struct db *db, int64_t team, struct task *t, struct err *err) PW_CHECK;

/* By id: 1, 0, -1. */
int task_load(struct db *db, int64_t team, int64_t id, struct arena *a, struct task *ret, struct err *err) PW_CHECK;

/* The one that a step of a run made; visit 0: the last time that it was passed. 1, 0, -1. */
int task_of_step(struct db *db, int64_t team, int64_t run, int step, int visit, struct arena *a, struct task *ret,
                 struct err *err) PW_CHECK;

/* Marks an open one as done, or as cancelled. 1, 0 it is not open any more, -1. */
int task_set_done(struct db *db, int64_t team, const struct task *t, struct err *err) PW_CHECK;

/* Opens one that was cancelled again, as its step makes it now: title, type, assignee, date, hold. */
int task_reopen(struct db *db, const struct task *t, struct err *err) PW_CHECK;

/* The open ones that steps of a run made, in the arena. How many, or -1. */
int task_open_of_run(struct db *db, int64_t team, int64_t run, struct arena *a, struct task **ret, struct err *err) PW_CHECK;

/* Gives it another date, because a person wants so. */
int task_put_off(struct db *db, int64_t team, int64_t id, int64_t due_at, struct err *err) PW_CHECK;

/* Which tasks are listed. */
struct task_query {
	const char *assignee;    /* NULL: anybody's */
	bool or_nobody;          /* and those that are nobody's */
	int64_t contact;         /* 0: about anybody */
	bool done;               /* the done ones, the last first; else the open ones, by when they are due */
	int64_t due_from, due_to; /* due in this range (to: not included); both 0: whenever, or never */
};

/*
 * Those behind `after` in the list's order (NULL: from the first), at most max; open ones without a due date come
 * last. ret has room for max; returns how many.
 */
int task_list(struct db *db, int64_t team, const struct task_query *q, const struct task *after, struct arena *a,
              struct task *ret, int max, struct err *err) PW_CHECK;

/* When one contact takes over what another has, and when it is deleted. */
int task_move(struct db *db, int64_t team, int64_t from, int64_t to, struct err *err) PW_CHECK;
int task_delete_of(struct db *db, int64_t team, int64_t contact, struct err *err) PW_CHECK;

#endif
