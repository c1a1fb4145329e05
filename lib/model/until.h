#ifndef PW_MODEL_UNTIL_H
#define PW_MODEL_UNTIL_H

#include "base/attr.h"
#include "base/civil.h"
#include "model/delay.h"

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct calendar;
struct err;
struct zone;

/*
 * A date in a field and how far before it: of `wait: {until: {field: renewal, before: 3 days}}` and of
 * `on_date: {field: birthday, yearly: true, at: 09:00}`.
 */
struct date_rule {
	const char *field; /* its name; borrowed */
	struct delay before;
	int at;      /* minutes of the local day; -1: not given, the start of the day */
	bool yearly; /* each year; February 29th is the 28th in other years */
};

/*
 * Reads the scalars of such a map: the field's name, a delay (NULL: none), a time of the day (NULL: not
 * given); `yearly` is left false. ERR_INVALID.
 */
int date_rule_parse(const char *field, const char *before, const char *at, struct date_rule *ret,
                    struct err *err) PW_CHECK;

/* What such an instant is computed from. */
struct until_facts {
	int64_t now;                     /* when the wait begins: the completion of the step before */
	int64_t run_started;             /* for a day of the run */
	const char *value;               /* of the field; NULL or "": not set */
	const struct zone *zone;         /* the contact's, else the team's */
	const struct calendar *business; /* for `before: 3 business days`; NULL: Monday to Friday */
};

/*
 * When it comes for a contact whose field has the value (set): `2026-09-01`, or an instant as RFC 3339.
 * Once: may lie in the past. Yearly: the first such instant at or after now.
 * ERR_INVALID when the value is no date or the result is out of range.
 */
int date_rule_instant(const struct date_rule *rule, const struct until_facts *facts, int64_t *ret,
                      struct err *err) PW_CHECK;

enum until_kind {
	UNTIL_WEEKDAY, /* tue 09:00 */
	UNTIL_DAY,     /* day 5 09:00 */
	UNTIL_FIELD,   /* {field: renewal, before: 3 days} */
};

/* `wait: {until: ...}` (pipeline(5)). */
struct wait_until {
	enum until_kind kind;
	enum weekday weekday;
	int day;               /* of the run: the local date of its start is day 1 */
	int at;                /* minutes of the local day; of UNTIL_WEEKDAY and UNTIL_DAY */
	struct date_rule date; /* of UNTIL_FIELD */
};

/* Reads the scalar forms `tue 09:00`, `day 5 09:00`; without a time it is the start of the day. ERR_INVALID. */
int wait_until_parse(const char *text, struct wait_until *ret, struct err *err) PW_CHECK;

/* Appends the canonical text of a scalar form (not of UNTIL_FIELD). */
void wait_until_format(const struct wait_until *until, struct buf *out);

/*
 * The instant until which to wait, never before facts->now: what is past goes on at once. A weekday is the
 * first one whose time comes at or after now.
 * Returns 1; 0 when the field is not set; -1 with ERR_INVALID when its value is no date or the result is out
 * of range.
 */
int wait_until_instant(const struct wait_until *until, const struct until_facts *facts, int64_t *ret,
                       struct err *err) PW_CHECK;

#endif
