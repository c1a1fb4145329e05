#include "author/schema.h"

#include "author/tables.h"
#include "base/buf.h"
#include "format/json.h"

#include <string.h>

static void put_type(struct json_writer *w, const char *type)
{
	json_begin_object(w);
	json_key_string(w, "type", type);
	json_end_object(w);
}

/* Texts may look like numbers or truth values to an editor that guesses. */
static void put_text(struct json_writer *w, const struct key *key)
{
	json_begin_object(w);
	json_key(w, key->words && key->type == &type_word ? "enum" : "type");
	json_begin_array(w);
	if (key->words && key->type == &type_word) {
		for (size_t i = 0; key->words[i]; i++)
			json_put_string(w, key->words[i]);
	} else {
		json_put_string(w, "string");
		json_put_string(w, "number");
		json_put_string(w, "boolean");
	}
	json_end_array(w);
	json_end_object(w);
}

static void put_number(struct json_writer *w, const struct key *key)
{
	json_begin_object(w);
	json_key_string(w, "type", "integer");
	json_key_int(w, "minimum", key->min);
	json_key_int(w, "maximum", key->max);
	json_end_object(w);
}

static void put_reference(struct json_writer *w, const struct table *table)
{
	BUF_AUTO path = BUF_INIT(100);

	buf_addf(&path, "#/$defs/%s", table->name);
	json_begin_object(w);
	json_key_string(w, "$ref", path.s);
	json_end_object(w);
}

static void put_list(struct json_writer *w, const struct key *key)
{
	json_begin_object(w);
	json_key_string(w, "type", "array");
	json_key(w, "items");
	json_begin_object(w);
	json_key(w, "anyOf");
	json_begin_array(w);
	if (key->type->takes & TAKES_LIST)
		put_text(w, &(struct key){ .type = &type_text });
	if (key->type->takes & TAKES_MAPS)
		put_reference(w, key->table);
	json_end_array(w);
	json_end_object(w);
	json_end_object(w);
}

/* The alternatives of a value; of the values behind free keys when `inside`. */
static void put_alternatives(struct json_writer *w, const struct key *key, bool inside)
{
	unsigned takes = key->type->takes;
	bool keyed = (takes & TAKES_KEYED) && !inside;

	if (keyed) {
		json_begin_object(w);
		json_key_string(w, "type", "object");
		json_key(w, "additionalProperties");
		json_begin_object(w);
		json_key(w, "anyOf");
		json_begin_array(w);
		put_alternatives(w, key, true);
		json_end_array(w);
		json_end_object(w);
		json_end_object(w);
		return;
	}
	if (takes & TAKES_BOOL)
		put_type(w, "boolean");
	if (takes & TAKES_NUMBER)
		put_number(w, key);
	if (takes & TAKES_TEXT)
		put_text(w, key);
	if (takes & TAKES_EMPTY)
		put_type(w, "null");
	if (takes & (TAKES_LIST | TAKES_MAPS))
		put_list(w, key);
	if ((takes & TAKES_MAP || inside) && key->table)
		put_reference(w, key->table);
	else if (takes & TAKES_MAP)
		put_type(w, "object");
}

static void put_key(struct json_writer *w, const struct key *key)
{
	json_key(w, key->name);
	json_begin_object(w);
	json_key_string(w, "description", key->about);
	json_key(w, "anyOf");
	json_begin_array(w);
	put_alternatives(w, key, false);
	json_end_array(w);
	json_end_object(w);
}

static void put_required(struct json_writer *w, const struct table *table)
{
	json_key(w, "required");
	json_begin_array(w);
	for (size_t i = 0; i < table->n_keys; i++)
		if (table->keys[i].flags & KEY_REQUIRED)
			json_put_string(w, table->keys[i].name);
	json_end_array(w);
}

/* A step has one of its verbs. */
static void put_verbs(struct json_writer *w, const struct table *table)
{
	json_key(w, "oneOf");
	json_begin_array(w);
	for (size_t i = 0; i < table->n_keys; i++) {
		if ((table->keys[i].flags & (KEY_VERB | KEY_LATER)) != KEY_VERB)
			continue;
		json_begin_object(w);
		json_key(w, "required");
		json_begin_array(w);
		json_put_string(w, table->keys[i].name);
		json_end_array(w);
		json_end_object(w);
	}
	json_end_array(w);
}

static bool is_built(const struct table *table)
{
	for (size_t i = 0; i < table->n_keys; i++)
		if (!(table->keys[i].flags & KEY_LATER) && table->keys[i].type != &type_header)
			return true;
	return false;
}

static void put_kind(struct json_writer *w, const struct table *table)
{
	json_key(w, "kind");
	json_begin_object(w);
	json_key_string(w, "const", table->name);
	json_end_object(w);
}

static void put_table(const struct table *table, void *ctx)
{
	struct json_writer *w = ctx;
	bool root = table->keys[0].type == &type_header;

	if (!is_built(table))
		return;
	json_key(w, table->name);
	json_begin_object(w);
	json_key_string(w, "type", "object");
	json_key_string(w, "description", table->about);
	put_required(w, table);
	json_key(w, "properties");
	json_begin_object(w);
	if (root)
		put_kind(w, table);
	for (size_t i = root ? 1 : 0; i < table->n_keys; i++)
		if (!(table->keys[i].flags & KEY_LATER))
			put_key(w, &table->keys[i]);
	json_end_object(w);
	json_key_bool(w, "additionalProperties", false);
	if (table == &step_table)
		put_verbs(w, table);
	json_end_object(w);
}

static void put_kinds(struct json_writer *w)
{
	json_key(w, "oneOf");
	json_begin_array(w);
	for (int k = 0; k < DOC_KIND_COUNT; k++)
		if (!kind_later((enum doc_kind)k))
			put_reference(w, table_of_kind((enum doc_kind)k));
	json_end_array(w);
}

void schema_json(struct buf *out)
{
	struct json_writer w = { .buf = out };

	json_begin_object(&w);
	json_key_string(&w, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json_key_string(&w, "title", "a document of pipewright");
	put_kinds(&w);
	json_key(&w, "$defs");
	json_begin_object(&w);
	schema_each_table(put_table, &w);
	json_end_object(&w);
	json_end_object(&w);
	buf_addc(out, '\n');
}
