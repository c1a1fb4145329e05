#include "columns.h"

#include "base/near.h"
#include "model/text_list.h"

#include <string.h>

/* What a row is made from. */
struct facts_of_row {
	const struct contact *c;
	struct run_summary runs;
	struct arena arena;
};

struct column {
	const char *name;
	unsigned kind;
	bool of_runs;
	void (*print)(struct cli_table *t, const char *name, struct facts_of_row *row);
};

static void print_field(struct cli_table *t, const char *name, struct facts_of_row *row)
{
	cli_text(t, contact_get(row->c, name));
}

/* Of the types that are no text. */
static void print_typed(struct cli_table *t, const char *name, struct facts_of_row *row)
{
	const char *value = contact_get(row->c, name);
	struct names list;

	if (!value)
		cli_null(t);
	else if (*value == '[' && text_list_parse(value, &row->arena, &list))
		cli_names(t, &list);
	else if (strcmp(value, "yes") == 0 || strcmp(value, "no") == 0)
		cli_bool(t, strcmp(value, "yes") == 0);
	else
		cli_json(t, value);
}

static void print_id(struct cli_table *t, const char *name, struct facts_of_row *row)
{
	(void)name;
	cli_int(t, row->c->id);
}

static void print_name(struct cli_table *t, const char *name, struct facts_of_row *row)
{
	(void)name;
	if (contact_get(row->c, "first_name") || contact_get(row->c, "last_name"))
		cli_text(t, contact_name(row->c, &row->arena));
	else
		cli_null(t);
}

static void print_tags(struct cli_table *t, const char *name, struct facts_of_row *row)
{
	(void)name;
	cli_names(t, &row->c->tags);
}

static void print_suppressed(struct cli_table *t, const char *name, struct facts_of_row *row)
{
	(void)name;
	cli_text(t, row->c->suppressed ? suppression_text(row->c->suppressed, &row->arena) : NULL);
}

static void print_instant(struct cli_table *t, const char *name, struct facts_of_row *row)
{
	cli_time(t, *name == 'c' ? row->c->created_at : row->c->updated_at);
}

static void print_count(struct cli_table *t, const char *name, struct facts_of_row *row)
{
	const struct run_summary *r = &row->runs;

	cli_int(t, *name == 'r' ? r->active : *name == 'c' ? r->completed : *name == 'b' ? r->blocked : r->stopped);
}

static void print_reason(struct cli_table *t, const char *name, struct facts_of_row *row)
{
	(void)name;
	cli_text(t, *row->runs.reasons ? row->runs.reasons : NULL);
}

static void print_next(struct cli_table *t, const char *name, struct facts_of_row *row)
{
	(void)name;
	if (row->runs.next_pipeline)
		cli_text(t, arena_printf(&row->arena, "%s/%s", row->runs.next_pipeline, row->runs.next.step));
	else
		cli_null(t);
}

static void print_next_at(struct cli_table *t, const char *name, struct facts_of_row *row)
{
	(void)name;
	if (row->runs.next_pipeline)
		cli_time(t, row->runs.next.at);
	else
		cli_null(t);
}

static const struct column known[] = {
	{ "email", CLI_TEXT, false, print_field },
	{ "name", CLI_TEXT, false, print_name },
	{ "kind", CLI_TEXT | CLI_SPARE, false, print_field },
	{ "tags", CLI_NAMES, false, print_tags },
	{ "running", CLI_INT, true, print_count },
	{ "completed", CLI_INT | CLI_SPARE, true, print_count },
	{ "blocked", CLI_INT, true, print_count },
	{ "reason", CLI_STATE, true, print_reason },
	{ "next_email", CLI_TEXT, true, print_next },
	{ "next_at", CLI_TIME, true, print_next_at },
	{ "stopped", CLI_INT, true, print_count },
	{ "suppressed", CLI_STATE, false, print_suppressed },
	{ "created", CLI_TIME, false, print_instant },
	{ "updated", CLI_TIME, false, print_instant },
	{ "id", CLI_INT, false, print_id },
};

static const char usual[] = "email,name,kind,running,completed,blocked,reason,next_email,next_at";

static const struct column *find_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(known[i].name, name) == 0)
			return &known[i];
	return NULL;
}

static int no_column(const char *name, struct err *err)
{
	const char *names[ARRAY_LEN(known)], *near;

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		names[i] = known[i].name;
	near = near_match(name, names, ARRAY_LEN(names));
	if (near)
		return err_set(err, ERR_MISSING, "no column '%s'; did you mean '%s'?", name, near);
	return -1;
}

static unsigned kind_of(enum field_type type)
{
	switch (type) {
	case FIELD_NUMBER:
		return CLI_JSON;
	case FIELD_YES_NO:
		return CLI_BOOL;
	case FIELD_LIST:
		return CLI_NAMES;
	case FIELD_TEXT:
	case FIELD_DATE:
	case FIELD_TIME:
	case FIELD_CHOICE:
		return CLI_TEXT;
	}
	BUG("field type %d", (int)type);
}

static int find_column(struct session *s, const char *name, const struct column **ret, struct err *err)
{
	const struct field *field;
	struct column *own;

	*ret = find_known(name);
	if (*ret)
		return 0;
	if (person_field(s->world, name, &field, err) < 0)
		return no_column(name, err);
	own = ARENA_NEW(s->arena, struct column);
	*own = (struct column){ .name = field->name, .kind = kind_of(field->type), .print = print_typed };
	if (own->kind == CLI_TEXT)
		own->print = print_field;
	*ret = own;
	return 0;
}

int columns_parse(struct columns *ret, struct session *s, const char *text, struct err *err)
{
	size_t cap = 0;

	*ret = (struct columns){ 0 };
	for (const char *at = text ? text : usual; *at;) {
		size_t len = strcspn(at, ",");

		ARENA_GROW(s->arena, &ret->what, &cap, ret->n);
		if (find_column(s, arena_strndup(s->arena, at, len), &ret->what[ret->n], err) < 0)
			return -1;
		ret->with_runs |= ret->what[ret->n++]->of_runs;
		at += len + (at[len] == ',');
	}
	if (ret->n == 0)
		return err_set(err, ERR_USAGE, "no column is named");
	ret->table = arena_array(s->arena, ret->n + 1, sizeof *ret->table);
	for (size_t i = 0; i < ret->n; i++)
		ret->table[i] = (struct cli_column){ ret->what[i]->name, ret->what[i]->kind & ~(text ? (unsigned)CLI_SPARE : 0u) };
	return 0;
}

int columns_print(const struct columns *columns, struct cli_table *t, struct session *s, const struct contact *c,
                  struct err *err)
{
	struct facts_of_row row = { .c = c };
	int got = 0;

	if (columns->with_runs)
		got = run_summary(&s->standings, c, &row.arena, &row.runs, err);
	for (size_t i = 0; got == 0 && i < columns->n; i++)
		columns->what[i]->print(t, columns->what[i]->name, &row);
	if (got == 0)
		cli_row_end(t);
	arena_release(&row.arena);
	return got;
}
