#ifndef PW_TORTURE_CLOCK_WORLD_H
#define PW_TORTURE_CLOCK_WORLD_H

#include "stand.h"

/*
 * A small installation whose time the rig moves: people in zones all over the world, in four pipelines that each send
 * a mail at once and another one later:
 *   free    at any time
 *   office  Monday to Friday 09:00-17:00, where the contact is
 *   night   each day 01:30-03:30 and 22:00-24:00, where the contact is: over the edges of summer time
 *   slow    from a mailbox with a limit of 5 a day and 7 seconds between two, in the hours of the office, however late
 */
#define PEOPLE   6
#define PER_DAY  5
#define GAP_S    7

struct world_rig {
	struct stand *stand;
	struct sink sink;
	struct dice *dice;
	char *template, *db, *lock, *sink_log;
	const char *zones[PEOPLE];
	const char *const *sink_options; /* NULL: none */
};

/* The documents, once. */
void world_make(struct world_rig *w, struct stand *stand, struct dice *dice);

/* A trial begins: nobody there, the sink empty, the time `now`. */
void world_begin(struct world_rig *w, int64_t now);

/* The same without a database, yet. */
void world_clear(struct world_rig *w, int64_t now);

/* n people in their zones, enrolled in a pipeline, or in all of them (NULL). */
void world_people(struct world_rig *w, int n, const char *pipeline);

/* One tick, as pipe-tick and pipe-worker do it; TICK_FAILED when the database cannot be opened, or the store fails. */
enum ticked { TICKED, TICK_LOCKED, TICK_HELD, TICK_FAILED };
enum ticked world_tick(struct world_rig *w);

/* `contactctl unsubscribe`, `pipectl clock accept`. */
void world_unsubscribe(struct world_rig *w, int person);
void world_accept_clock(struct world_rig *w);

/* How many mails the sink has accepted. */
int world_accepted(const struct world_rig *w);

/* A number, or a text (never freed), from the database. */
int64_t world_number(const struct world_rig *w, const char *sql);
char *world_text(const struct world_rig *w, const char *sql);

/*
 * What must be so whenever no tick is at work: no mail twice; each that counts as sent was accepted and none that
 * counts as not sent; hours, limits and gaps are kept; each open run is in the queue, or blocked. NULL, or what is
 * wrong.
 */
char *world_judge(const struct world_rig *w);

#endif
