#ifndef PW_PEOPLE_OUTLOOK_H
#define PW_PEOPLE_OUTLOOK_H

#include "engine/standing.h"

/*
 * The mails that are still to come for an open run, as things stand: S2.13, S2.29, S2.33, S2.37. When the first step
 * goes is told (engine/standing.h knows of limits); behind it quotas are not looked at, and branches are taken as they
 * would be taken now.
 */
struct planned_mail {
	const char *step; /* its name */
	int64_t at;       /* 0: nobody can tell (the run is blocked, or waits for a field) */
	bool may_change;  /* there is a branch before it */
};

/* In order, at most max, into ret; returns how many. next: when its next step goes; 0: nobody can tell. */
int outlook_mails(struct engine *e, struct traveller *t, int64_t next, struct planned_mail *ret, int max,
                  struct err *err) PW_CHECK;

/* One run of a contact, for lists of what a person is and was in: S2.25 to S2.33. */
struct run_card {
	struct run run;
	struct run_standing now;
	const char *pipeline;      /* its name, also when it was deleted since */
	const char *step;          /* the next one; NULL: none */
	const char *last_step;     /* completed last; NULL: none */
	int64_t n_steps;           /* of its version; 0: the pipeline is gone */
	struct planned_mail *mails;
	int n_mails;
};

enum { CARD_MAILS = 20 };

/* All runs of a contact, latest first; *ret in the arena. Returns how many. */
int run_cards(struct standings *s, const struct contact *c, struct arena *a, struct run_card **ret, struct err *err)
	PW_CHECK;

/* What a list shows of a person's runs: S2.26, S2.35, S2.37. */
struct run_summary {
	int64_t active, blocked, completed, stopped;
	const char *reasons;         /* why the blocked ones are, divided by ", "; "" */
	const char *next_pipeline;   /* of the next planned mail; NULL: none is planned */
	struct planned_mail next;
};

int run_summary(struct standings *s, const struct contact *c, struct arena *a, struct run_summary *ret, struct err *err)
	PW_CHECK;

#endif
