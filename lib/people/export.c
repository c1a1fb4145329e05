#include "people/export.h"

#include "base/buf.h"
#include "engine/person.h"
#include "format/csv.h"

#include <string.h>

static void put(struct buf *out, size_t *column, const char *text, bool raw)
{
	csv_write_cell(out, (*column)++, text, strlen(text), raw);
}

/* Calls for each field in the order of the columns; c NULL: its name, else its value. */
static void put_fields(const struct world *w, const struct contact *c, size_t *column, bool raw, struct buf *out)
{
	const struct fields *own = world_fields(w);

	for (size_t i = 0; i < n_contact_reserved_fields + (own ? own->n_fields : 0); i++) {
		const struct field *f = i < n_contact_reserved_fields ? &contact_reserved_fields[i]
		                                                      : &own->fields[i - n_contact_reserved_fields];
		const char *text = c ? contact_get(c, f->name) : f->name;

		put(out, column, text ? text : "", raw);
	}
}

void export_head(const struct world *w, bool raw, struct buf *out)
{
	size_t column = 0;

	put(out, &column, "email", raw);
	put_fields(w, NULL, &column, raw, out);
	put(out, &column, "tags", raw);
	put(out, &column, "suppressed", raw);
	csv_write_end(out);
}

static const char *tags_of(const struct contact *c, struct arena *a)
{
	const char *text = "";

	for (size_t i = 0; i < c->tags.n; i++)
		text = i ? arena_printf(a, "%s, %s", text, c->tags.v[i]) : c->tags.v[i];
	return text;
}

void export_row(const struct world *w, const struct contact *c, bool raw, struct buf *out)
{
	ARENA_AUTO a = { 0 };
	size_t column = 0;

	put(out, &column, c->email, raw);
	put_fields(w, c, &column, raw, out);
	put(out, &column, tags_of(c, &a), raw);
	put(out, &column, suppression_text(c->suppressed, &a), raw);
	csv_write_end(out);
}

void export_nobody(const struct world *w, const struct contact *nobody, struct buf *out)
{
	const struct fields *own = world_fields(w);
	ARENA_AUTO a = { 0 };
	size_t column = 0;

	put(out, &column, nobody->email, true);
	for (size_t i = 0; i < n_contact_reserved_fields + (own ? own->n_fields : 0); i++)
		put(out, &column, "", true);
	put(out, &column, "", true);
	put(out, &column, suppression_text(nobody->suppressed, &a), true);
	csv_write_end(out);
}
