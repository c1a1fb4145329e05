#include "engine/change.h"

#include "store/contact_store.h"
#include "store/suppression_store.h"

#include <string.h>

static const struct change *implied_by(const char *type)
{
	static const struct {
		const char *type;
		struct change change;
	} says[] = {
		{ "contact.unsubscribed", { .kind = CHANGE_SUPPRESS, .bits = SUPPRESS_UNSUBSCRIBED } },
		{ "email.bounced", { .kind = CHANGE_SUPPRESS, .bits = SUPPRESS_BOUNCED } },
		{ "email.complained", { .kind = CHANGE_SUPPRESS, .bits = SUPPRESS_COMPLAINED } },
		{ "contact.converted", { .kind = CHANGE_KIND, .name = "kind", .value = "contact" } },
	};

	for (size_t i = 0; i < ARRAY_LEN(says); i++)
		if (strcmp(says[i].type, type) == 0)
			return &says[i].change;
	return NULL;
}

static bool is_so(const struct change *ch, const struct contact *c)
{
	return ch->kind == CHANGE_SUPPRESS ? (c->suppressed & (unsigned)ch->bits) != 0 : c->kind == CONTACT_CONTACT;
}

const struct change *change_of_event(const char *type, const struct contact *c)
{
	const struct change *implied = implied_by(type);

	return implied && !is_so(implied, c) ? implied : NULL;
}

void change_view(const struct change *ch, struct contact *c, struct arena *a)
{
	switch (ch->kind) {
	case CHANGE_VALUE:
		contact_put(c, a, ch->name, ch->value);
		return;
	case CHANGE_TAG:
		contact_tag(c, a, ch->name);
		return;
	case CHANGE_UNTAG:
		contact_untag(c, ch->name);
		return;
	case CHANGE_KIND:
		contact_put(c, a, "kind", ch->value);
		return;
	case CHANGE_EMAIL:
		c->email = arena_strdup(a, ch->name);
		c->folded = arena_strdup(a, ch->value);
		return;
	case CHANGE_SUPPRESS:
		c->suppressed |= (unsigned)ch->bits;
		return;
	case CHANGE_UNSUPPRESS:
		c->suppressed &= ~(unsigned)ch->bits;
		return;
	case CHANGE_DELETE:
		return;
	}
}

static int suppress(struct engine *e, const struct contact *c, const struct change *ch, struct err *err)
{
	for (unsigned bit = 1; bit <= SUPPRESS_COMPLAINED; bit <<= 1) {
		enum suppression reason = (enum suppression)bit;

		if (!((unsigned)ch->bits & bit))
			continue;
		if (ch->kind == CHANGE_SUPPRESS
		        ? suppression_add(e->db, c->team, c->folded, reason, e->now, e->source, err) < 0
		        : suppression_remove(e->db, c->team, c->folded, reason, err) < 0)
			return -1;
	}
	return 0;
}

/* Writes one change to the store; the row itself follows at the end. */
static int store_one(struct engine *e, const struct contact *c, const struct change *ch, struct err *err)
{
	switch (ch->kind) {
	case CHANGE_VALUE:
		return contact_set_value(e->db, c->team, c->id, ch->name, ch->value, err);
	case CHANGE_TAG:
		return contact_add_tag(e->db, c->team, c->id, ch->name, err);
	case CHANGE_UNTAG:
		return contact_remove_tag(e->db, c->team, c->id, ch->name, err);
	case CHANGE_SUPPRESS:
	case CHANGE_UNSUPPRESS:
		return suppress(e, c, ch, err);
	case CHANGE_KIND:
	case CHANGE_EMAIL:
	case CHANGE_DELETE:
		return 0;
	}
	BUG("change %d", (int)ch->kind);
}

int change_store(struct engine *e, const struct change *changes, size_t n, struct contact *c, struct arena *a, struct err *err)
{
	bool deleted = false;

	for (size_t i = 0; i < n; i++) {
		if (store_one(e, c, &changes[i], err) < 0)
			return -1;
		change_view(&changes[i], c, a);
		deleted |= changes[i].kind == CHANGE_DELETE;
	}
	if (deleted)
		return contact_delete(e->db, c->team, c->id, err);
	c->updated_at = e->now;
	return contact_update(e->db, c->team, c, err);
}
