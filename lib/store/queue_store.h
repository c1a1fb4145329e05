#ifndef PW_STORE_QUEUE_STORE_H
#define PW_STORE_QUEUE_STORE_H

#include "base/attr.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct db;

/*
 * What is due, in order. A lane is a mailbox, `local` (steps without mail) or `parked`
 * (a paused pipeline: its rows lie there until it is resumed). An item is a run's id, or minus the id of a
 * message that belongs to no run. The class orders within a lane: 0 for steps without mail, 1 for mails without
 * a run (tests, alerts), else twice the priority, one less for follow-ups.
 */
enum { CLASS_LOCAL = 0, CLASS_LOOSE = 1, CLASS_MAX = 18 };

struct queue_row {
	int64_t lane;
	int class;
	int64_t due, item;
};

int queue_insert(struct db *db, const struct queue_row *q, struct err *err) PW_CHECK;
int queue_remove(struct db *db, const struct queue_row *q, struct err *err) PW_CHECK; /* 1 removed, 0 not there, -1 */

/* What is due in a lane until `now`, in order of class, due, item, at most max. ret has room for max; how many. */
int queue_due(struct db *db, int64_t lane, int64_t now, struct queue_row *ret, int max, struct err *err) PW_CHECK;

/* The same, and takes it off the queue. In a write transaction. */
int queue_take(struct db *db, int64_t lane, int64_t now, struct queue_row *ret, int max, struct err *err) PW_CHECK;

/* All of a lane in order of class, due, item; for lists and for moving a lane. Starts behind *after (NULL: first). */
int queue_list(struct db *db, int64_t lane, const struct queue_row *after, struct queue_row *ret, int max,
               struct err *err) PW_CHECK;

/* The row of an item in a lane and class: 1, 0, -1. */
int queue_find(struct db *db, int64_t lane, int class, int64_t item, struct queue_row *ret, struct err *err) PW_CHECK;

/* How many rows wait in a lane, how many of them are due, and the first due instant (0: none). */
struct queue_count {
	int64_t waiting, due, first;
};
int queue_count(struct db *db, int64_t lane, int64_t now, struct queue_count *ret, struct err *err) PW_CHECK;

/* Is there anything for a tick to do at `now`? The one question of an idle tick. 1, 0, -1. */
int queue_anything_due(struct db *db, int64_t now, struct err *err) PW_CHECK;

/* The first due instant of a lane, whatever the class: 1 and *ret, 0 the lane is empty, -1. */
int queue_first_due(struct db *db, int64_t lane, int64_t *ret, struct err *err) PW_CHECK;

/*
 * Lanes.
 */
#define LANE_NEVER INT64_MAX

struct lane {
	int64_t id, team;
	const char *kind;        /* "local", "mailbox", "parked" */
	const char *name;        /* the mailbox's or pipeline's; local: "" */
	int64_t free_at;         /* closed until then; LANE_NEVER: until somebody opens it */
	const char *reason;      /* gap quota backoff auth settings paused; "": open */
	const char *reason_text;
	int64_t failures;        /* connections that failed in a row */
	int64_t refusals;        /* refusals in a row that blame the mailbox */
	int64_t failing_since;   /* when the first of what failed in a row did; 0: it works */
	int64_t closed_since;    /* when it was closed for this reason; 0: it is open */
	bool paused;             /* by hand */
	int64_t paused_at;       /* since then; 0: it is not */
};

/* The lane of this kind and name, made when it is missing. */
int lane_get(struct db *db, int64_t team, const char *kind, const char *name, struct arena *a, struct lane *ret,
             struct err *err) PW_CHECK;
int lane_find(struct db *db, int64_t team, const char *kind, const char *name, struct arena *a, struct lane *ret,
              struct err *err) PW_CHECK; /* 1, 0, -1 */
int lane_load(struct db *db, int64_t team, int64_t id, struct arena *a, struct lane *ret, struct err *err) PW_CHECK;

/* Writes everything but `paused`: a tick that holds a copy must not undo what somebody does meanwhile. */
int lane_update(struct db *db, int64_t team, const struct lane *l, struct err *err) PW_CHECK;

/* Pauses since then, or resumes (0), by hand: 1, 0 it was so already, -1. And asks: 1, 0, -1. */
int lane_set_paused(struct db *db, int64_t team, int64_t id, int64_t since, struct err *err) PW_CHECK;
int lane_is_paused(struct db *db, int64_t team, int64_t id, struct err *err) PW_CHECK;

/* The team's lanes (team 0: all teams', for the worker). *ret in the arena; returns how many. */
int lane_list(struct db *db, int64_t team, struct arena *a, struct lane **ret, struct err *err) PW_CHECK;

/* The file with the secret of a mailbox that rests, and what it looked like when the login failed. */
struct lane_watch {
	int64_t lane, team;
	const char *path, *stamp;
};
int lane_watch_set(struct db *db, int64_t team, const struct lane_watch *w, struct err *err) PW_CHECK;
int lane_watch_remove(struct db *db, int64_t team, int64_t lane, struct err *err) PW_CHECK;

/* Those of a team (0: of all teams). *ret in the arena; returns how many. */
int lane_watch_list(struct db *db, int64_t team, struct arena *a, struct lane_watch **ret, struct err *err) PW_CHECK;

/*
 * Quota: one row for each slot that a limited mailbox used.
 */
int quota_insert(struct db *db, int64_t lane, int64_t at, int64_t message, struct err *err) PW_CHECK;
int quota_remove(struct db *db, int64_t lane, int64_t at, int64_t message, struct err *err) PW_CHECK;

/* Slots used after `since`. */
int quota_used(struct db *db, int64_t lane, int64_t since, int64_t *ret, struct err *err) PW_CHECK;

/* The instant of the n-th newest slot (1: the newest): 1, 0 there are fewer, -1. */
int quota_nth(struct db *db, int64_t lane, int64_t n, int64_t *ret, struct err *err) PW_CHECK;

/* The slots used after `since`, oldest first; *ret in the arena; returns how many. */
int quota_list(struct db *db, int64_t lane, int64_t since, struct arena *a, int64_t **ret, struct err *err) PW_CHECK;

/* Forgets slots before an instant. */
int quota_prune(struct db *db, int64_t lane, int64_t before, struct err *err) PW_CHECK;

#endif
