#ifndef PW_MODEL_CONTACT_H
#define PW_MODEL_CONTACT_H

#include "model/names.h"

#include <stdint.h>

struct arena;

enum contact_kind { CONTACT_LEAD, CONTACT_CONTACT };

const char *contact_kind_text(enum contact_kind kind);

/* Why no mail may go to an address; bits, several at once. */
enum suppression {
	SUPPRESS_UNSUBSCRIBED = 1u << 0, /* marketing only */
	SUPPRESS_BOUNCED      = 1u << 1,
	SUPPRESS_COMPLAINED   = 1u << 2
};

struct contact_value {
	const char *name;
	const char *value; /* as field_normalize() wrote it; never NULL */
};

/*
 * What is known of a person: the view that conditions, templates and decisions read.
 * Everything is in the arena of whoever loaded it. Reserved fields and declared ones are values alike,
 * sorted by name; the address is `email`.
 */
struct contact {
	int64_t id, team;
	const char *email;   /* as written */
	const char *folded;  /* the unique key (model/address.h) */
	enum contact_kind kind;
	unsigned suppressed; /* enum suppression */
	int64_t created_at, updated_at;
	struct contact_value *values;
	size_t n_values;
	struct names tags;   /* sorted */
	int64_t began;       /* only when it is stored: the occasion of the event that it is (store/event_store.h); 0: none */
};

/* A field's value, or NULL. `email` and `kind` work too. */
const char *contact_get(const struct contact *c, const char *field);
bool contact_has_tag(const struct contact *c, const char *tag);

/* Change the view only (the simulation, and the "after" of an event). value NULL or "" removes. */
void contact_put(struct contact *c, struct arena *a, const char *field, const char *value);
void contact_tag(struct contact *c, struct arena *a, const char *tag);
void contact_untag(struct contact *c, const char *tag);

/* Gives the view lists of its own, so that a copy made before keeps what it had. */
void contact_unshare(struct contact *c, struct arena *a);

/* "First Last", else whichever there is, else the address. In the arena or borrowed from c. */
const char *contact_name(const struct contact *c, struct arena *a);

#endif
