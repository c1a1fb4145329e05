#ifndef PW_ENGINE_PERSON_H
#define PW_ENGINE_PERSON_H

#include "base/attr.h"
#include "base/err.h"
#include "model/address.h"
#include "model/contact.h"
#include "model/fields.h"

#include <stddef.h>

struct arena;
struct team;
struct world;

/*
 * A person as somebody describes it on a command line, in a row of a table or in JSON: checked against Fields
 * and brought into the form in which it is stored. Begins as { 0 }; everything is in the arena.
 */
struct person {
	struct address address;
	struct contact_value *values; /* "" clears; no name stands here twice */
	size_t n_values, cap_values;
	struct names tags;            /* to be added */
	size_t cap_tags;
	unsigned suppressed;          /* enum suppression, to be added */
};

/*
 * A field of contacts by name, reserved or declared. -1 with ERR_MISSING, with the nearest name: there is none;
 * who read the name in a file makes it ERR_INVALID.
 */
int person_field(const struct world *w, const char *name, const struct field **ret, struct err *err) PW_CHECK;

/*
 * Sets a field; the last value counts, "" clears. -1 with ERR_INVALID: the value does not fit the field (also
 * no time zone, no language, no lifecycle stage or member of the team).
 */
int person_set(struct person *p, struct world *w, const struct field *f, const char *value, struct arena *a,
               struct err *err) PW_CHECK;

/* Is the account a member of the team? 0, or -1 with ERR_INVALID and the nearest. */
int person_check_owner(const struct team *team, const char *account, struct err *err) PW_CHECK;

/* The same as "plan=pro". ERR_USAGE: there is no '='; ERR_MISSING, ERR_INVALID as above. */
int person_assign(struct person *p, struct world *w, const char *assignment, struct arena *a, struct err *err)
	PW_CHECK;

/* Adds a tag. ERR_INVALID: empty, over 100 bytes, a comma or control character in it, blanks around it. */
int person_tag(struct person *p, const char *tag, struct arena *a, struct err *err) PW_CHECK;
int tag_check(const char *tag, struct err *err) PW_CHECK;

/* Adds each tag of "fair, vip". */
int person_tag_list(struct person *p, const char *text, struct arena *a, struct err *err) PW_CHECK;

/*
 * Reads a person from a JSON object: `email`, fields, `tags` (a list, or text as above), `suppressed`; null and ""
 * clear. -1 with ERR_INVALID.
 */
int person_read_json(struct person *p, struct world *w, const char *json, struct arena *a, struct err *err) PW_CHECK;

/* "unsubscribed, bounced": reads and writes enum suppression. ERR_INVALID: another word. */
int suppression_parse(const char *text, unsigned *ret, struct err *err) PW_CHECK;
const char *suppression_text(unsigned bits, struct arena *a);

#endif
