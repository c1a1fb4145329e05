#ifndef PW_MODEL_FIELDS_H
#define PW_MODEL_FIELDS_H

#include "model/names.h"

#include "base/err.h"

struct arena;
struct zone;

#define FIELD_TYPES(X)      \
	X(TEXT,   "text")       \
	X(NUMBER, "number")     \
	X(DATE,   "date")       \
	X(TIME,   "time")       \
	X(CHOICE, "choice")     \
	X(YES_NO, "yes_no")     \
	X(LIST,   "list")

enum field_type {
#define X(type, text) FIELD_##type,
	FIELD_TYPES(X)
#undef X
};

const char *field_type_text(enum field_type type);

/* One declared field. */
struct field {
	const char *name;
	enum field_type type;
	struct names values; /* of a choice */
};

/* A declared event type with its data. */
struct event_type {
	const char *name; /* "order.placed" */
	struct field *data;
	size_t n_data;
};

/* A Fields document: what may be stored about a contact (or deal, company), and the declared events. */
struct fields {
	const char *name; /* "contact" */
	struct field *fields;
	size_t n_fields;
	struct event_type *events;
	size_t n_events;
};

/* The fields that every contact has, whatever Fields says: first_name ... source. */
extern const struct field contact_reserved_fields[];
extern const size_t n_contact_reserved_fields;

/* A field of a contact by name, reserved or declared; fields may be NULL. NULL: there is none. */
const struct field *fields_find(const struct fields *fields, const char *name);
const struct event_type *fields_find_event(const struct fields *fields, const char *type);

/* Is this one of the built-in event types (pipeline(5))? They cannot be recorded from outside. */
bool event_type_builtin(const char *type);

/* The built-in types, for suggestions and `pipectl explain events`; NULL-terminated. */
extern const char *const event_types_builtin[];

/*
 * Brings a value into the form in which it is stored: a number without needless zeros, a date as YYYY-MM-DD,
 * yes/no as "yes"/"no", a time as RFC 3339 UTC, a list as a JSON array of texts
 * (input: JSON array, or items divided by commas). Controls are refused;
 * a text has at most 64 KiB. ret is in the arena. Returns 0, or -1 with ERR_INVALID saying what is expected.
 *
 * zone  in which a time is read that says none: the team's
 */
int field_normalize(const struct field *f, const char *text, const struct zone *zone, struct arena *a, const char **ret,
                    struct err *err);

#endif
