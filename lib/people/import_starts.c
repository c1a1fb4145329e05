#include "model/condition.h"
#include "people/import.h"

#include <string.h>

/* Events that an import makes. */
static const char *const made[] = {
	"contact.created", "contact.updated", "contact.tagged", "contact.lifecycle", "contact.converted",
	"contact.unsubscribed",
};

static bool makes(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(made); i++)
		if (strcmp(made[i], type) == 0)
			return true;
	return false;
}

static bool tests_empty(const struct cond *c)
{
	for (size_t i = 0; i < c->n_tests; i++)
		if (c->tests[i].op == OP_SET && names_have(&c->tests[i].values, "no"))
			return true;
	return false;
}

/* Can the import change what this test looks at? */
static bool touches(const struct cond *c, const struct import_brings *b)
{
	bool found = false;

	switch (c->kind) {
	case COND_TAG:
		found = b->any_tags;
		for (size_t i = 0; i < c->values.n; i++)
			found |= names_have(&b->tags, c->values.v[i]);
		return found;
	case COND_FIELD:
		return names_have(&b->fields, c->name);
	case COND_KIND:
	case COND_CONVERTED:
		return names_have(&b->fields, "kind");
	case COND_OWNER:
		return names_have(&b->fields, "owner");
	case COND_UNSUBSCRIBED:
		return b->suppresses;
	case COND_EVENT:
		for (size_t i = 0; i < c->values.n; i++)
			found |= makes(c->values.v[i]);
		return found;
	case COND_REPLIED:
	case COND_TASK:
		return false;
	case COND_ALL:
	case COND_ANY:
	case COND_NOT:
		for (size_t i = 0; i < c->n_kids; i++)
			found |= touches(c->kids[i], b);
		return found;
	}
	BUG("condition %d", (int)c->kind);
}

/* Can this be true of somebody who is new, and of whom nothing else is known? */
static bool fits_new(const struct cond *c, const struct import_brings *b)
{
	size_t fitting = 0;

	switch (c->kind) {
	case COND_ALL:
	case COND_ANY:
		for (size_t i = 0; i < c->n_kids; i++)
			fitting += fits_new(c->kids[i], b);
		return c->kind == COND_ANY ? fitting > 0 : fitting == c->n_kids;
	case COND_NOT:
	case COND_UNSUBSCRIBED:
		return true;
	case COND_KIND:
		return names_have(&c->values, "lead") || touches(c, b);
	case COND_FIELD:
		return tests_empty(c) || touches(c, b);
	case COND_TAG:
	case COND_OWNER:
	case COND_EVENT:
	case COND_TASK:
	case COND_REPLIED:
	case COND_CONVERTED:
		return touches(c, b);
	}
	BUG("condition %d", (int)c->kind);
}

/* Can the events that it needs be made by an import? */
static bool has_its_event(const struct cond *c, const struct import_brings *b)
{
	size_t good = 0;

	switch (c->kind) {
	case COND_ALL:
	case COND_ANY:
		for (size_t i = 0; i < c->n_kids; i++)
			good += has_its_event(c->kids[i], b);
		return c->kind == COND_ANY ? good > 0 : good == c->n_kids;
	case COND_EVENT:
	case COND_TASK:
	case COND_REPLIED:
	case COND_CONVERTED:
		return touches(c, b);
	case COND_NOT:
	case COND_TAG:
	case COND_FIELD:
	case COND_KIND:
	case COND_OWNER:
	case COND_UNSUBSCRIBED:
		return true;
	}
	BUG("condition %d", (int)c->kind);
}

static bool may_start(const struct pipeline *p, const struct import_brings *b)
{
	if (!p->active)
		return false;
	if (p->enroll.new_contacts)
		return true;
	for (size_t i = 0; i < p->enroll.n_starts; i++) {
		const struct cond *when = p->enroll.starts[i].when;

		if (has_its_event(when, b) && (fits_new(when, b) || touches(when, b)))
			return true;
	}
	return false;
}

const struct pipeline *import_starts(const struct world *w, const struct import_brings *brings, size_t *at)
{
	size_t n;
	const struct pipeline *const *list = world_pipelines(w, &n);

	while (*at < n) {
		const struct pipeline *p = list[(*at)++];

		if (may_start(p, brings))
			return p;
	}
	return NULL;
}
