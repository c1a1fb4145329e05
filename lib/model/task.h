#ifndef PW_MODEL_TASK_H
#define PW_MODEL_TASK_H

#include "model/delay.h"

#include <stdbool.h>

/* What a to-do of a member is about. */
#define TASK_TYPES(X)       \
	X(CALL,     "call")     \
	X(EMAIL,    "email")    \
	X(MEETING,  "meeting")  \
	X(LINKEDIN, "linkedin") \
	X(OTHER,    "other")

enum task_type {
#define X(type, text) TASK_##type,
	TASK_TYPES(X)
#undef X
};

extern const char *const task_type_words[]; /* in the order of the enum, ended by NULL */

const char *task_type_text(enum task_type type);

/* False: it is no type. */
bool task_type_parse(const char *text, enum task_type *ret);

/* What a `task` step makes (S2.43), or completes. */
struct task_plan {
	const char *title;   /* Liquid; NULL: `done` */
	const char *done;    /* completes the task of the step with this name */
	enum task_type type;
	struct delay due;    /* from the step's execution */
	bool has_due;
	const char *to;      /* "owner", "enroller" or an account; NULL: the owner */
	bool hold;           /* the run goes on when it is done */
};

#endif
