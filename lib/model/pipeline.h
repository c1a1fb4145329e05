#ifndef PW_MODEL_PIPELINE_H
#define PW_MODEL_PIPELINE_H

#include "model/condition.h"
#include "model/delay.h"
#include "model/names.h"
#include "model/task.h"
#include "model/template.h"
#include "model/until.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct buf;
struct err;

/* What a step does; the word in YAML. */
#define VERBS(X)        \
	X(EMAIL, "email")   \
	X(WAIT,  "wait")    \
	X(TAG,   "tag")     \
	X(UNTAG, "untag")   \
	X(SET,   "set")     \
	X(NOTE,  "note")    \
	X(TASK,  "task")    \
	X(IF,    "if")      \
	X(AWAIT, "await")   \
	X(EXIT,  "exit")

enum verb {
#define X(verb, text) VERB_##verb,
	VERBS(X)
#undef X
};

const char *verb_text(enum verb v);

/* One assignment of `set`: value is Liquid ("{{ event.date }}"); "" clears. */
struct assignment {
	const char *field, *value;
};

#define STEP_NONE (-1)

/*
 * A step: exactly one verb (S0.2). The steps of a pipeline are one array in the order of the document, branches
 * in line; `next`, `then_first` and `else_first` are indexes into it, STEP_NONE: the pipeline ends there.
 * Branches join again by themselves: the last step of a branch has the `next` of its `if` or `await`.
 */
struct step {
	int number;              /* permanent over versions; 0: not given yet */
	const char *name;        /* `id`, else the template's name, else verb and number: unique in the pipeline */
	bool named;              /* `id` or template name: it is matched by name over edits */
	const char *comment;
	enum verb verb;
	struct delay after;      /* from the completion of the step before (S0.4) */
	int depth;               /* 0: top level */
	int parent;              /* index of the `if` or `await` that it is in, STEP_NONE: top level */
	bool in_else;
	int next, then_first, else_first;
	int line, column;        /* in the document, for messages */
	const char *signature;   /* canonical text of verb and content, without id, delay and comment: matches unnamed steps */
	const char *body;        /* the same with id and delay: what makes a step a changed one */

	/* email */
	const char *template;           /* a Template's name; NULL: inline */
	const struct template *inline_template;
	const char *mailbox;            /* NULL: the run's */
	const char *thread;             /* a step's name or "previous"; NULL: none */
	const char *hours;              /* a Calendar or "always"; NULL: the pipeline's */

	struct delay wait;              /* wait: DURATION */
	const struct wait_until *until; /* wait: {until: ..}; NULL: DURATION */
	struct names tags;              /* tag, untag */
	struct assignment *set;
	size_t n_set;
	const char *text;               /* note (Liquid), exit (reason) */
	const struct task_plan *task;
	const struct cond *cond;        /* if, await */
	struct delay within;            /* await: how long it waits for it, from when the run gets there */
};

bool step_branches(const struct step *st); /* it goes on with `then` or with `else`: if, await */
int step_branch(const struct step *st, bool yes); /* where that way begins, an index; STEP_NONE: the end */
bool step_holds(const struct step *st); /* the run stays there until its task is done */

enum purpose { PURPOSE_MARKETING, PURPOSE_SERVICE };
enum late_then { LATE_SEND, LATE_SKIP, LATE_HOLD };
enum again { AGAIN_NEVER, AGAIN_ALWAYS, AGAIN_AFTER };
enum while_active { ACTIVE_IGNORE, ACTIVE_UPDATE, ACTIVE_RESTART, ACTIVE_QUEUE };

/* One way in: `enroll.when` may be a list, each with its own `again`. */
struct start {
	const struct cond *when;
	enum again again;
	struct delay again_after;
};

/*
 * A Pipeline document. Everything but the steps counts as of now for everybody; runs hold on to the
 * version of the steps that they began.
 */
struct pipeline {
	int64_t id;              /* of the store; 0 while only a document */
	int version;             /* of these steps; 0 while only a document */
	const char *name;
	bool active;             /* the file's */
	int64_t paused_at;       /* since then, 0: it is not; run state, from the store */
	enum purpose purpose;
	struct names mailboxes;  /* one; a pool; or "enroller", "owner"; n 0: the team's */
	const char *hours;       /* a Calendar or "always"; NULL: the team's */
	int priority;            /* 1 first .. 9 last; default 5 */
	struct {
		bool new_contacts;
		struct start *starts;
		size_t n_starts;
		const struct cond *only_if; /* NULL: everybody */
		enum again again;           /* for new_contacts: default never */
		struct delay again_after;
		enum while_active while_active;
	} enroll;
	const struct cond **stop;   /* any of them */
	size_t n_stop;
	bool ignore_replied, ignore_converted;
	struct {
		struct delay max;       /* default 24 hours */
		enum late_then then;    /* default hold */
	} late;
	struct step *steps;
	size_t n_steps;
};

bool pipeline_stops_on_reply(const struct pipeline *p);              /* an answer of the person ends a run */
bool pipeline_sends(const struct pipeline *p);                       /* has an email step */
int pipeline_step_index(const struct pipeline *p, int number);       /* by permanent number; STEP_NONE: none */
int pipeline_find_step(const struct pipeline *p, const char *name);  /* by name; STEP_NONE: none */
const struct step *pipeline_step(const struct pipeline *p, int index);     /* NULL: STEP_NONE */
const struct step *pipeline_step_of(const struct pipeline *p, int number); /* by permanent number; NULL: none */
int pipeline_first(const struct pipeline *p);                        /* 0 */

/* Does every run that is not stopped pass this step: is it in no branch, with no `exit` before it? */
bool pipeline_step_certain(const struct pipeline *p, int index);

/* Has whoever comes to a step (index) always passed an earlier one? One in a branch, say, only those in that branch. */
bool pipeline_step_passed(const struct pipeline *p, int earlier, int index);

/* Names the unnamed steps by verb and number ("wait 3"); names are in the arena. */
void pipeline_name_steps(struct pipeline *p, struct arena *a);

/*
 * Gives the steps the permanent numbers of a stored version, in order, divided by blanks, and names the
 * unnamed anew. Returns 0, or -1 with ERR_CONFIG when they are not as many numbers as steps.
 */
int pipeline_number(struct pipeline *p, struct arena *a, const char *numbers, struct err *err) PW_CHECK;

/* The numbers of all steps in that form. */
void pipeline_numbers(const struct pipeline *p, struct buf *out);

#endif
