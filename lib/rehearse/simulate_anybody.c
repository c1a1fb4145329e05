#include "rehearse/simulate.h"

#include "model/fields.h"

#include <string.h>

static void fill_in(struct contact *c, struct arena *a, const struct field *f)
{
	bool words = f->type == FIELD_TEXT || f->type == FIELD_NUMBER || f->type == FIELD_CHOICE;

	if (words && strcmp(f->name, "timezone") != 0 && strcmp(f->name, "lang") != 0)
		contact_put(c, a, f->name, arena_printf(a, "[%s]", f->name));
}

void simulate_anybody(struct world *w, struct contact *ret, struct arena *a)
{
	const struct fields *fields = world_fields(w);

	*ret = (struct contact){ .team = world_team(w)->id, .email = "somebody@example.com",
		                     .folded = "somebody@example.com", .kind = CONTACT_LEAD };
	for (size_t i = 0; i < n_contact_reserved_fields; i++)
		fill_in(ret, a, &contact_reserved_fields[i]);
	for (size_t i = 0; fields && i < fields->n_fields; i++)
		fill_in(ret, a, &fields->fields[i]);
}
