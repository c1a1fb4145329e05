#include "author/author_private.h"

#include "base/mem.h"
#include "base/near.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_MAX 1200
#define KEYS_MAX    64

static struct place place_in(const struct reader *rd, const struct yaml *node)
{
	return yaml_place(rd->file, node);
}

int reader_error(struct reader *rd, const struct yaml *node, const char *fmt, ...)
{
	char text[MESSAGE_MAX];
	va_list ap;

	if (node->broken)
		return -1;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return diag_error(rd->diags, place_in(rd, node), "%s", text);
}

void reader_warning(struct reader *rd, const struct yaml *node, const char *fmt, ...)
{
	char text[MESSAGE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	diag_warning(rd->diags, place_in(rd, node), "%s", text);
}

int reader_expected(struct reader *rd, const struct key *key, const struct yaml *node, const char *what)
{
	static const char *const names[] = { "a text", "a list", "a map" };

	if (yaml_is_empty(node))
		return reader_error(rd, node, "'%s' has no value; it must be %s", key->name, what);
	return reader_error(rd, node, "'%s' must be %s, not %s", key->name, what, names[node->type]);
}

const char *reader_near(struct reader *rd, const char *word, const char *const *names, size_t n)
{
	const char *found = near_match(word, names, n);

	return found ? arena_printf(rd->arena, "; did you mean '%s'?", found) : "";
}

void reader_rewrite(struct yaml *node, const char *text)
{
	node->text = text;
	node->len = strlen(text);
	node->style = YAML_DOUBLE;
}

static struct ref *add_ref(struct reader *rd, enum ref_kind kind, struct yaml *node)
{
	struct author *au = rd->author;

	GROW(&au->refs, &au->cap_refs, au->n_refs);
	au->refs[au->n_refs] = (struct ref){
		.kind = kind,
		.at = place_in(rd, node),
		.from = rd->doc,
		.node = node,
		.file = rd->file,
	};
	return &au->refs[au->n_refs++];
}

void reader_refer(struct reader *rd, enum ref_kind kind, struct yaml *node, const char *name)
{
	if (!rd->stored)
		add_ref(rd, kind, node)->name = name;
}

/* Files are named relative to the YAML file; messages name them as the caller of the program would. */
void reader_refer_file(struct reader *rd, struct yaml *node, const char *path)
{
	const char *beside = rd->file->name, *slash = strrchr(beside, '/');

	if (rd->stored)
		return;
	if (*path != '/' && slash)
		path = arena_printf(rd->arena, "%.*s/%s", (int)(slash - beside), beside, path);
	add_ref(rd, REF_TEMPLATE, node)->at.file = diags_file(rd->diags, path);
}

void reader_refer_document(struct reader *rd, enum doc_kind doc, struct yaml *node, const char *name)
{
	struct ref *r;

	if (rd->stored)
		return;
	r = add_ref(rd, REF_DOCUMENT, node);
	r->doc = doc;
	r->name = name;
}

void reader_refer_value(struct reader *rd, const char *field, enum cond_op op, struct yaml *node, const char **value)
{
	struct ref *r;

	if (rd->stored)
		return;
	r = add_ref(rd, REF_VALUE, node);
	r->name = field;
	r->op = op;
	r->value = value;
}

const struct key *table_find(const struct table *table, const char *name)
{
	for (size_t i = 0; i < table->n_keys; i++)
		if (table->keys[i].name[0] == name[0] && strcmp(table->keys[i].name, name) == 0)
			return &table->keys[i];
	return NULL;
}

uint64_t seen_bit(const struct table *table, const char *key)
{
	const struct key *k = table_find(table, key);

	if (!k)
		BUG("no key '%s' in %s", key, table->name);
	return UINT64_C(1) << (k - table->keys);
}

/* Where a key belongs that stands one level too high: "; it stands in 'enroll'"; "" when nobody knows. */
static const char *place_of_key(struct reader *rd, const struct table *table, const char *name)
{
	for (size_t i = 0; i < table->n_keys; i++) {
		const struct key *k = &table->keys[i];

		if (k->table && k->table != table && !(k->flags & KEY_LATER) && table_find(k->table, name))
			return arena_printf(rd->arena, "; it stands in '%s'", k->name);
	}
	return "";
}

/* A key that is nearly one of the table's leaves a hole where that one is missed: nothing is said about it. */
static int unknown_key(struct reader *rd, const struct table *table, struct yaml *map, const struct yaml *key)
{
	const char *names[KEYS_MAX], *near;

	for (size_t i = 0; i < table->n_keys; i++)
		names[i] = table->keys[i].name;
	near = reader_near(rd, key->text, names, table->n_keys);
	reader_error(rd, key, "%s has no key '%s'%s", table->noun, key->text,
	             *near ? near : place_of_key(rd, table, key->text));
	map->broken = map->broken || *near;
	return -1;
}

/* Where the row's pair belongs in the canonical order: text_file becomes text. */
static const struct key *written_as(const struct table *table, const struct key *k, struct yaml *key)
{
	const char *file;

	if (!(k->flags & KEY_REPLACED))
		return k;
	file = strstr(k->name, "_file");
	for (size_t i = 0; i < table->n_keys; i++) {
		const char *name = table->keys[i].name;

		if (strlen(name) == (size_t)(file - k->name) && strncmp(name, k->name, strlen(name)) == 0) {
			reader_rewrite(key, name);
			return &table->keys[i];
		}
	}
	BUG("'%s' replaces nothing", k->name);
}

static int read_pair(struct reader *rd, const struct table *table, const struct key *k, struct yaml_pair *pair, void *obj,
                     struct yaml_pair sorted[KEYS_MAX])
{
	const struct key *target;
	int r;

	if (pair->value->broken)
		return -1;
	if ((k->flags & KEY_LATER) && k->with)
		return -1; /* what to say depends on the verb */
	if (k->flags & KEY_LATER)
		return reader_error(rd, pair->key, "'%s' is not supported yet", k->name);
	r = k->type->read(rd, k, pair->value, (char *)obj + k->offset);
	target = written_as(table, k, pair->key);
	if (sorted[target - table->keys].key)
		return reader_error(rd, pair->key, "'%s' is here already: as '%s' or in a file, not both", target->name, target->name);
	sorted[target - table->keys] = *pair;
	return r;
}

static int require_keys(struct reader *rd, const struct table *table, const struct yaml *node, uint64_t seen)
{
	int r = 0;

	for (size_t i = 0; i < table->n_keys; i++)
		if ((table->keys[i].flags & KEY_REQUIRED) && !(seen & UINT64_C(1) << i))
			r = reader_error(rd, node, "%s needs '%s'", table->noun, table->keys[i].name);
	return r;
}

int read_map(struct reader *rd, const struct table *table, struct yaml *node, void *obj, uint64_t *ret_seen)
{
	struct yaml_pair sorted[KEYS_MAX] = { 0 };
	uint64_t seen = 0;
	size_t n = 0;
	int r = node->broken ? -1 : 0;

	BUG_ON(table->n_keys > KEYS_MAX);
	for (size_t i = 0; i < node->n; i++) {
		const struct key *k = table_find(table, node->pairs[i].key->text);

		if (!k) {
			r = unknown_key(rd, table, node, node->pairs[i].key);
			continue;
		}
		if (read_pair(rd, table, k, &node->pairs[i], obj, sorted) < 0)
			r = -1;
		seen |= UINT64_C(1) << (k - table->keys);
	}
	if (!node->broken && require_keys(rd, table, node, seen) < 0)
		r = -1;
	for (size_t i = 0; i < table->n_keys; i++)
		if (sorted[i].key)
			node->pairs[n++] = sorted[i];
	node->n = n;
	if (ret_seen)
		*ret_seen = seen;
	return r;
}

int read_nested(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	if (node->type != YAML_MAP)
		return reader_expected(rd, key, node, "a map");
	return read_map(rd, key->table, node, into, NULL);
}
