#ifndef PW_REHEARSE_SIMULATE_H
#define PW_REHEARSE_SIMULATE_H

#include "engine/engine.h"
#include "engine/message.h"

struct buf;

/*
 * What would happen to a contact on a pipeline, with a virtual clock that ticks at full minutes: the same decision as
 * in the worker, the effects on the view alone. Nothing is written and nothing is sent. Limits of mailboxes are not
 * rehearsed: they depend on what else is sent.
 */

/* Something that is assumed to happen on the way. */
struct sim_event {
	const char *type; /* "email.replied" */
	int64_t at;
	const char *step; /* the name of the step that it is about; NULL: none */
};

enum sim_kind {
	SIM_STEP,      /* a step was executed: step, text says what it did */
	SIM_MAIL,      /* a mail went: step, mail, mailbox */
	SIM_SKIPPED,   /* a mail was too late */
	SIM_EVENT,     /* an assumed event: text */
	SIM_BLOCKED,   /* text: why; mail->missing when placeholders are missing */
	SIM_COMPLETED, /* text: the reason */
	SIM_CANCELLED, /* before SIM_STOPPED: a task that is open still; step, text: its title */
	SIM_STOPPED,
	SIM_OPEN,      /* the rehearsal ends before the run does; text: what it waits for; at is 0 when nobody can tell;
	                  with `mended` it goes on behind a task as if that were done at this instant */
	SIM_MAYBE      /* behind all others: a mail that may come and then be blocked; at is 0, text: what it may lack */
};

struct sim_line {
	enum sim_kind kind;
	int64_t at;
	const struct step *step;     /* NULL: none */
	const char *text;
	const struct rendered *mail; /* SIM_MAIL, SIM_BLOCKED; else NULL */
	const char *mailbox;         /* SIM_MAIL */
};

struct simulation {
	int64_t from, until;
	const struct sim_event *events; /* by time */
	size_t n_events;
	const char *enroller;
	bool mended; /* goes on behind holes: what is missing is "[field]" from then on (S2.19); and behind tasks: they
	                count as done when they are due (S2.16) */
	void (*each)(const struct sim_line *line, void *ctx);
	void *ctx;
};

/*
 * Rehearses. The contact's view is copied. Sets e->now on the way and back to what it was.
 * Returns 1 when the run ended (completed, stopped), 0 when it is open or blocked at `until`, -1.
 */
int simulate(struct engine *e, struct world *w, const struct pipeline *p, const struct contact *c,
             const struct simulation *how, struct arena *a, struct err *err) PW_CHECK;

/* What a line is called in tables: the verb of a step, email, skipped, event, blocked, completed, cancelled,
   stopped, waits. */
const char *sim_word(const struct sim_line *line);

/* Appends a mail as -v shows it: a heading, the subject, the text; nothing in it reaches the terminal unescaped. */
void sim_write_mail(const struct sim_line *line, const char *to, const char *when, struct buf *out);

/* Somebody without values of their own: texts, numbers and choices are "[field]", so that they are not missing. */
void simulate_anybody(struct world *w, struct contact *ret, struct arena *a);

#endif
