#ifndef PW_ENGINE_STANDING_H
#define PW_ENGINE_STANDING_H

#include "engine/progress.h"
#include "store/queue_store.h"

/*
 * How a run stands as of now: the one answer that every list, `why`, filter and count gives. The row alone does not say
 * it: a run whose mail is due and whose mailbox is at its limit or cannot log in counts as blocked for that reason, which
 * clears itself, and when it really goes depends on the mailbox's queue.
 */
struct run_standing {
	enum run_state status;
	const char *reason; /* why it does not go although its own delay is over: block_reason_text(); gap backoff hours
	                       paused draft held sending task; of one that has ended why; "" nothing */
	const char *text;   /* for people: names missing, the server's words, ...; "" */
	int64_t since;      /* since when that is so; 0: nobody can tell, or nothing holds it */
	int64_t next;       /* when its next step goes, as things stand: with the first tick at or after that; 0: nobody can
	                       tell, or it has ended */
	const char *moved;  /* what makes that later than its own delay: hours limit gap cap backoff auth settings; "" */
	int64_t ahead;      /* so many mails go before it from this mailbox; -1: it has no limits */
};

struct in_hand;
struct run_lane;

/*
 * What the answers are made from, loaded once when first needed: lanes, mails that somebody has in hand, and forecasts of
 * mailboxes with limits (engine/forecast.h). For one look: what changes afterwards is not seen.
 */
struct standings {
	struct engine *e;
	int64_t team;
	struct arena arena;
	bool loaded;
	struct world *world;
	struct run_lane *lanes; /* by id */
	int n_lanes;
	struct in_hand *in_hand; /* by run */
	int n_in_hand;
};

void standings_begin(struct standings *s, struct engine *e, int64_t team);
void standings_end(struct standings *s);
#define STANDINGS_AUTO PW_CLEANUP(standings_end) struct standings

/* *ret lives as long as the row, s and the arena. */
int run_standing(struct standings *s, const struct run *r, struct arena *a, struct run_standing *ret, struct err *err)
	PW_CHECK;

/* The same for a mail without a run, which is queued for an instant. */
struct message;
int loose_standing(struct standings *s, const struct message *m, int64_t due, struct arena *a, struct run_standing *ret,
                   struct err *err) PW_CHECK;

/* The mailbox in whose queue the run is, or "". */
int run_standing_mailbox(struct standings *s, const struct run *r, const char **ret, struct err *err) PW_CHECK;

/* May a mailbox of the team send later than planned: has one limits, or is it closed or paused? 1, 0, -1. */
int standings_may_move(struct standings *s, struct err *err) PW_CHECK;

#endif
