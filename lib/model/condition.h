#ifndef PW_MODEL_CONDITION_H
#define PW_MODEL_CONDITION_H

#include "model/contact.h"
#include "model/names.h"

#include <stdbool.h>
#include <stdint.h>

struct zone;

/*
 * One grammar for `if`, `enroll.when`, `enroll.if` and `stop`.
 */
enum cond_kind {
	COND_ALL,          /* kids */
	COND_ANY,          /* kids */
	COND_NOT,          /* kids[0] */
	COND_TAG,          /* values: one of them */
	COND_FIELD,        /* name, tests: all of them */
	COND_KIND,         /* values: lead, contact */
	COND_OWNER,        /* values: accounts */
	COND_EVENT,        /* values: one of these event types */
	COND_TASK,         /* a task was done; name: the step that made it, NULL: any; values: one of these types, tests[0]: outcomes */
	COND_REPLIED,      /* name: NULL: an answer to any pipeline mail of this person; "this": to one of this pipeline;
	                      "company": by anyone at the same mail domain; else to the mail of the step with this name */
	COND_CONVERTED,
	COND_UNSUBSCRIBED
};

/* What a field's value is compared with. */
enum cond_op {
	OP_IS,       /* one of values */
	OP_AT_LEAST, /* values[0]: a number, or a date for a date field */
	OP_AT_MOST,
	OP_CONTAINS, /* text: a part of it, letter case ignored; list: one of its items */
	OP_SET,      /* yes: has a value; values[0] is "yes" or "no" */
	OP_BEFORE,   /* values[0]: YYYY-MM-DD */
	OP_AFTER,
	OP_WITHIN    /* the date is at most `days` away from today, either way */
};

struct cond_test {
	enum cond_op op;
	struct names values;
	int days;
};

struct cond {
	enum cond_kind kind;
	struct cond **kids;
	size_t n_kids;
	const char *name;
	struct names values;
	struct cond_test *tests;
	size_t n_tests;
};

/* Something that happened to the contact: all that a condition needs of an event. */
struct fact_value {
	const char *name, *value;
};

struct fact {
	const char *type;
	int64_t at;
	const char *step;                /* the name of the run's own step that it came from, else "" */
	bool here;                       /* it came from a run of this pipeline; where cond_needs_details() */
	const struct fact_value *values; /* the texts of its data, where cond_needs_details() */
	size_t n_values;
};

/*
 * What a condition is decided from; values only. Which facts are in the list says what an event test means:
 * the one event that is being recorded (`enroll.when`), those since the run began (`if`, `stop`), or
 * all there ever were (`enroll.if`).
 */
struct facts {
	const struct contact *contact;
	const struct fact *happened;
	size_t n_happened;
	int64_t now;
	const struct zone *zone; /* the contact's, for dates; borrowed */
};

bool cond_true(const struct cond *c, const struct facts *f);

/* Is there a test in it that is true only at an event? */
bool cond_is_event(const struct cond *c);

/* Calls back for each event type that the condition looks at (also contact.converted, email.replied). */
void cond_event_types(const struct cond *c, void (*each)(const char *type, void *ctx), void *ctx);

/* Does a condition look at the data of events of this type, so that each of them counts, not only the last? */
bool cond_needs_details(const char *event_type);

/* What cond_event_types() calls `replied: company`; it is no event of the contact's own. */
#define COMPANY_REPLIED "company.replied"
bool cond_asks_company(const struct cond *c);

/* A line that says it in words: "tag is trial and plan is pro". For `why` and `simulate`. */
struct buf;
void cond_describe(const struct cond *c, struct buf *out);

/* What a contact has of that which the condition looks at: "country=FR, no plan, tags: vip". Events are left out. */
void cond_describe_values(const struct cond *c, const struct contact *contact, struct buf *out);

#endif
