#include "author/tables.h"


#include <string.h>

static const char *const type_words[] = {
#define X(type, text) text,
	FIELD_TYPES(X)
#undef X
	NULL,
};

#define FIELD(member) .offset = offsetof(struct field, member)
static const struct key field_rows[] = {
	{ "type", &type_word, FIELD(type), .flags = KEY_REQUIRED, .words = type_words, .about = "what it holds" },
	{ "values", &type_names, FIELD(values), .about = "of a choice" },
};
static const struct table field_table = TABLE("Fields.fields", "a field", field_rows, "a field: its type, or a map");

/* Letters, digits, '_' and '-', as {{ contact.NAME }} and `NAME=value` can carry them. */
static bool field_name_valid(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n < 64 && *name >= 'a' && *name <= 'z' && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

static bool event_name_valid(const char *name)
{
	size_t n = strlen(name);
	const char *dot = strchr(name, '.');

	return n < 64 && dot && dot > name && dot[1] && name[n - 1] != '.' && !strstr(name, "..") && *name >= 'a' &&
	       *name <= 'z' && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-.") == n;
}

static int check_values(struct reader *rd, const struct yaml *node, const struct field *f)
{
	if (f->type == FIELD_CHOICE && f->values.n == 0)
		return reader_error(rd, node, "a choice needs its values: {type: choice, values: [a, b]}");
	if (f->type != FIELD_CHOICE && f->values.n > 0)
		return reader_error(rd, node, "only a choice has 'values'");
	for (size_t i = 1; i < f->values.n; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(f->values.v[i], f->values.v[j]) == 0)
				return reader_error(rd, node, "the value '%s' is there twice", f->values.v[i]);
	return 0;
}

static int read_field(struct reader *rd, struct yaml *node, struct field *f)
{
	static const struct key row = { .name = "type", .words = type_words };
	int type;

	if (node->type == YAML_LIST)
		return reader_expected(rd, &row, node, "a word or a map");
	if (node->type == YAML_MAP) {
		if (read_map(rd, &field_table, node, f, NULL) < 0)
			return -1;
	} else {
		if (type_word.read(rd, &row, node, &type) < 0)
			return -1;
		f->type = (enum field_type)type;
	}
	return check_values(rd, node, f);
}

/* name: value pairs of {plan: {type: choice, values: [..]}, employees: number}. */
static int read_field_map(struct reader *rd, struct yaml *node, struct field **ret, size_t *ret_n)
{
	struct field *fields = arena_array(rd->arena, node->n, sizeof *fields);
	int r = 0;

	*ret = fields;
	for (size_t i = 0; i < node->n; i++) {
		struct yaml_pair *pair = &node->pairs[i];
		struct field *f = &fields[(*ret_n)++];

		f->name = pair->key->text;
		if (!field_name_valid(f->name))
			r = reader_error(rd, pair->key, "'%s' cannot be the name of a field: a-z, 0-9, _ and -, a letter first", f->name);
		if (read_field(rd, pair->value, f) < 0)
			r = -1;
	}
	return r;
}

/* Words that {{ contact.NAME }}, `set` or the filters of `contactctl list` give another meaning. */
static int check_field_name(struct reader *rd, const struct yaml *key)
{
	static const char *const taken[] = { "email", "name", "tag", "tags", "in", "enrolled", "created", "score", "id" };

	for (size_t i = 0; i < n_contact_reserved_fields; i++)
		if (strcmp(key->text, contact_reserved_fields[i].name) == 0)
			return reader_error(rd, key, "every contact has the field '%s' already; leave it out", key->text);
	for (size_t i = 0; i < ARRAY_LEN(taken); i++)
		if (strcmp(key->text, taken[i]) == 0)
			return reader_error(rd, key, "'%s' has a meaning of its own; choose another name", key->text);
	return 0;
}

static int read_fields(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct fields *f = into;
	int r;

	if (node->type != YAML_MAP)
		return reader_expected(rd, key, node, "a map of fields and their types");
	r = read_field_map(rd, node, &f->fields, &f->n_fields);
	for (size_t i = 0; i < node->n; i++)
		if (check_field_name(rd, node->pairs[i].key) < 0)
			r = -1;
	return r;
}
static const struct type type_fields = { "{FIELD: TYPE, ..}", TAKES_KEYED | TAKES_TEXT, read_fields };

static int read_event(struct reader *rd, const struct yaml *key, struct yaml *data, struct event_type *ret)
{
	int r = 0;

	ret->name = key->text;
	if (event_type_builtin(ret->name))
		r = reader_error(rd, key, "'%s' is built in; only other types are declared", ret->name);
	else if (!event_name_valid(ret->name))
		r = reader_error(rd, key, "'%s' cannot be a type of events: two words and a dot, such as order.placed", ret->name);
	if (yaml_is_empty(data)) {
		*data = *yaml_new_map(rd->arena, 0);
		return r;
	}
	if (data->type != YAML_MAP)
		return reader_error(rd, data, "'%s' must be a map of its data, such as {total: number}", ret->name);
	return read_field_map(rd, data, &ret->data, &ret->n_data) < 0 ? -1 : r;
}

static int read_events(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct fields *f = into;
	int r = 0;

	if (node->type != YAML_MAP)
		return reader_expected(rd, key, node, "a map of types and their data");
	f->events = arena_array(rd->arena, node->n, sizeof *f->events);
	for (size_t i = 0; i < node->n; i++)
		if (read_event(rd, node->pairs[i].key, node->pairs[i].value, &f->events[f->n_events++]) < 0)
			r = -1;
	return r;
}
static const struct type type_events = { "{TYPE: {NAME: TYPE, ..}, ..}", TAKES_KEYED | TAKES_MAP | TAKES_EMPTY, read_events };

static const struct key rows[] = {
	HEADER_ROWS,
	TEAM_ROW,
	{ "fields", &type_fields, .table = &field_table, .words = type_words,
	  .about = "what may be stored: text number date time choice yes_no list" },
	{ "events", &type_events, .about = "types of events that scripts report, and their data" },
};
const struct table fields_table = TABLE("Fields", "Fields", rows, "the fields and events of contacts; its name is contact");

static int check_subject(struct reader *rd, const struct yaml *node, const char *name)
{
	static const char *const subjects[] = { "contact", "deal", "company" };
	const struct yaml *at = yaml_get(node, "name");

	if (!*name)
		return -1; /* reported already */
	if (strcmp(name, "contact") == 0)
		return 0;
	if (strcmp(name, "deal") == 0 || strcmp(name, "company") == 0)
		return reader_error(rd, at, "Fields of a %s are not supported yet", name);
	return reader_error(rd, at, "Fields are named contact, deal or company, not '%s'%s", name,
	                    reader_near(rd, name, subjects, ARRAY_LEN(subjects)));
}

int fields_read(struct reader *rd, struct yaml *node)
{
	struct fields *f = ARENA_NEW(rd->arena, struct fields);
	int r;

	f->name = rd->doc->name;
	rd->doc->fields = f;
	r = check_subject(rd, node, f->name);
	return read_map(rd, &fields_table, node, f, NULL) < 0 ? -1 : r;
}
