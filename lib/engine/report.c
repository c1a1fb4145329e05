#include "engine/report.h"

#include "base/buf.h"
#include "base/near.h"
#include "engine/event.h"
#include "engine/written.h"
#include "format/json.h"

#include <string.h>

#define DATA_MAX ((size_t)64 * 1024)

static int no_type(const struct world *w, const char *type, struct err *err)
{
	const struct fields *fields = world_fields(w);
	ARENA_AUTO scratch = { 0 };
	size_t n = fields ? fields->n_events : 0;
	const char **names = arena_array(&scratch, n + 1, sizeof *names), *near;

	if (event_type_builtin(type))
		return err_set(err, ERR_REFUSED, "'%s' is built in: pipewright records it itself", type);
	if (n == 0)
		return err_set(err, ERR_MISSING, "no event '%s': the Fields document 'contact' declares none", type);
	for (size_t i = 0; i < n; i++)
		names[i] = fields->events[i].name;
	near = near_match(type, names, n);
	if (near)
		return err_set(err, ERR_MISSING, "no event '%s'; did you mean '%s'?", type, near);
	return err_set(err, ERR_MISSING, "no event '%s' in the Fields document 'contact'", type);
}

int report_known_type(const struct world *w, const char *type, struct err *err)
{
	const char *near;
	size_t n = 0;

	if (event_type_builtin(type) || fields_find_event(world_fields(w), type))
		return 0;
	while (event_types_builtin[n])
		n++;
	near = near_match(type, event_types_builtin, n);
	return near ? err_set(err, ERR_MISSING, "no event '%s'; did you mean '%s'?", type, near) : no_type(w, type, err);
}

static int find_member(const struct event_type *type, const char *name, const struct field **ret, struct err *err)
{
	ARENA_AUTO scratch = { 0 };
	const char **names = arena_array(&scratch, type->n_data + 1, sizeof *names), *near;

	for (size_t i = 0; i < type->n_data; i++) {
		names[i] = type->data[i].name;
		if (strcmp(names[i], name) == 0) {
			*ret = &type->data[i];
			return 0;
		}
	}
	near = near_match(name, names, type->n_data);
	if (near)
		return err_set(err, ERR_MISSING, "event '%s' has no '%s'; did you mean '%s'?", type->name, name, near);
	return err_set(err, ERR_MISSING, "event '%s' has no '%s'", type->name, name);
}

/* A stored text as the JSON that its type is. */
static struct value typed(const struct field *f, const char *text, struct arena *a)
{
	struct err ignored = ERR_INIT;
	struct value v;

	if (f->type == FIELD_YES_NO)
		return value_bool(strcmp(text, "yes") == 0);
	if ((f->type == FIELD_NUMBER || f->type == FIELD_LIST) &&
	    json_parse(a, text, strlen(text), DATA_MAX, &v, &ignored) == 0)
		return v;
	return value_string(a, text);
}

/* The type of an event, and how its data is read. */
struct reading {
	const struct event_type *type;
	const struct zone *zone;
};

static int put(struct value *data, const struct reading *r, const char *name, const char *text, struct arena *a,
               struct err *err)
{
	const struct field *f = NULL;
	const char *stored;

	if (find_member(r->type, name, &f, err) < 0)
		return -1;
	if (!*text) {
		value_map_set(data, name, value_nil());
		return 0;
	}
	if (field_normalize(f, text, r->zone, a, &stored, err) < 0)
		return -1;
	value_map_set(data, name, typed(f, stored, a));
	return 0;
}

static int put_json(struct value *data, const struct reading *r, const char *json, struct arena *a,
                    struct err *err)
{
	struct value v;

	if (json_parse(a, json, strlen(json), DATA_MAX, &v, err) < 0)
		return -1;
	if (v.kind != VALUE_MAP)
		return err_set(err, ERR_INVALID, "the data must be a JSON object");
	for (size_t i = 0; i < v.map->n; i++) {
		const struct value_entry *e = &v.map->entries[i];

		if (put(data, r, e->key, written_value(&e->value, a), a, err) < 0) {
			if (err->kind == ERR_MISSING)
				err->kind = ERR_INVALID;
			return -1;
		}
	}
	return 0;
}

int report_data(struct world *w, const char *type, const char *json, const struct names *assignments,
                struct arena *a, const char **ret, struct err *err)
{
	const struct reading r = { fields_find_event(world_fields(w), type), world_zone(w, NULL) };
	struct value data = value_map(a);
	BUF_AUTO b = BUF_INIT(DATA_MAX);

	if (!r.type)
		return no_type(w, type, err);
	if (json && put_json(&data, &r, json, a, err) < 0)
		return -1;
	for (size_t i = 0; i < assignments->n; i++) {
		const char *text = assignments->v[i], *equals = strchr(text, '=');

		if (!equals || equals == text)
			return err_set(err, ERR_USAGE, "'%s' is no KEY=VALUE", text);
		if (put(&data, &r, arena_strndup(a, text, (size_t)(equals - text)), equals + 1, a, err) < 0)
			return -1;
	}
	json_value(&b, &data);
	if (b.over)
		return err_set(err, ERR_INVALID, "the data of an event has at most %zu bytes", DATA_MAX);
	*ret = arena_strndup(a, b.s, b.len);
	return 0;
}

int report_event(struct engine *e, struct contact *c, const char *type, const char *data, const char *key,
                 struct arena *a, struct err *err)
{
	struct happening h = {
		.ev = { .contact = c->id, .type = type, .data = data },
		.key = key,
		.contact = c,
		.arena = a,
	};

	return event_record(e, c->team, &h, err);
}
