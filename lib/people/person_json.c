#include "engine/person.h"

#include "engine/written.h"
#include "format/json.h"

#include <string.h>

#define JSON_MAX ((size_t)1 << 20)

static int read_tags(struct person *p, const struct value *v, struct arena *a, struct err *err)
{
	if (v->kind != VALUE_ARRAY)
		return person_tag_list(p, written_value(v, a), a, err);
	for (size_t i = 0; i < v->array->n; i++)
		if (person_tag(p, written_value(&v->array->items[i], a), a, err) < 0)
			return -1;
	return 0;
}

static int read_member(struct person *p, struct world *w, const char *name, const struct value *v, struct arena *a,
                       struct err *err)
{
	const struct field *f;

	if (strcmp(name, "email") == 0)
		return address_parse(written_value(v, a), &p->address, err);
	if (strcmp(name, "tags") == 0)
		return read_tags(p, v, a, err);
	if (strcmp(name, "suppressed") == 0)
		return suppression_parse(written_value(v, a), &p->suppressed, err);
	if (person_field(w, name, &f, err) < 0)
		return -1;
	if (v->kind == VALUE_MAP)
		return err_set(err, ERR_INVALID, "'%s' cannot be an object", name);
	return person_set(p, w, f, written_value(v, a), a, err);
}

int person_read_json(struct person *p, struct world *w, const char *json, struct arena *a, struct err *err)
{
	struct value v;

	if (json_parse(a, json, strlen(json), JSON_MAX, &v, err) < 0)
		return -1;
	if (v.kind != VALUE_MAP)
		return err_set(err, ERR_INVALID, "this is no JSON object");
	for (size_t i = 0; i < v.map->n; i++) {
		if (read_member(p, w, v.map->entries[i].key, &v.map->entries[i].value, a, err) < 0) {
			err->kind = ERR_INVALID;
			return -1;
		}
	}
	if (!*p->address.folded)
		return err_set(err, ERR_INVALID, "no 'email'");
	return 0;
}
