#ifndef PW_OPERATE_WHY_H
#define PW_OPERATE_WHY_H

#include "operate/runs.h"

/*
 * Why a run waits, until when, and which rule says so; then what comes after (FEATURES second list 7, S2.33). All
 * texts are sentences without a full stop, in the arena.
 */

/* One fact. */
struct why_fact {
	const char *code;    /* "next", "delay", "hours", "quota", "missing", ...: for programs */
	const char *text;
	const char *command; /* what mends it, lines divided by '\n'; NULL: nothing to be done */
};

/* A step that may still come. */
struct why_step {
	const char *step;
	const char *verb;
	int depth;           /* 0: on the way for sure; 1: in a branch, ... */
	const char *branch;  /* "then", "else": it is the first of that branch; NULL */
	const char *text;    /* of an `if`: the condition in words; else "" */
	int64_t at;          /* as things stand; 0: nobody can tell */
};

struct why {
	struct run_shown run;
	struct why_fact *facts;
	size_t n_facts, cap_facts;
	struct why_step *steps;
	size_t n_steps, cap_steps;
};

/* What the caller knows of the installation. */
struct why_tick {
	bool rehearsal;      /* --now: ticks and the clock do not matter */
	bool exact;          /* texts have times as RFC 3339 UTC, not "Mon 2026-06-29 18:40 CEST" */
	int64_t last;        /* when the last tick ended; 0: none has run */
};

/* run: a row of the team of s. *ret in the arena, and as long as s lives. */
int why_run(struct standings *s, const struct run *run, const struct why_tick *tick, struct arena *a, struct why *ret,
            struct err *err) PW_CHECK;

/*
 * Why somebody who never was in a pipeline is not: what would come of entering now, and who enters by itself. *ret has a
 * run without a number. Nothing is written.
 */
int why_outside(struct standings *s, const struct pipeline *p, const struct contact *c, const struct why_tick *tick,
                struct arena *a, struct why *ret, struct err *err) PW_CHECK;

/* JSON arrays in the arena: [{"code", "text", "command"}], [{"step", "verb", "depth", "branch", "at"}]. */
const char *why_facts_json(const struct why *why, struct arena *a);
const char *why_steps_json(const struct why *why, struct arena *a);

#endif
