#include "author/schema.h"

#include "author/placeholders.h"
#include "author/tables.h"
#include "base/buf.h"
#include "base/near.h"

#include <string.h>
#include <strings.h>

#define TABLES_MAX 64
#define PATH_MAX_BYTES 200
#define KEY_COLUMN 18

/* All tables that can be reached from the kinds, each once. */
struct all_tables {
	const struct table *v[TABLES_MAX];
	size_t n;
};

static void collect(struct all_tables *all, const struct table *table)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i] == table)
			return;
	BUG_ON(all->n == TABLES_MAX);
	all->v[all->n++] = table;
	for (size_t i = 0; i < table->n_keys; i++)
		if (table->keys[i].table)
			collect(all, table->keys[i].table);
}

static void collect_all(struct all_tables *all)
{
	all->n = 0;
	for (int k = 0; k < DOC_KIND_COUNT; k++)
		collect(all, table_of_kind((enum doc_kind)k));
}

void schema_each_table(void (*each)(const struct table *table, void *ctx), void *ctx)
{
	struct all_tables all;

	collect_all(&all);
	for (size_t i = 0; i < all.n; i++)
		each(all.v[i], ctx);
}

void schema_each_key(void (*each)(const struct schema_key *key, void *ctx), void *ctx)
{
	struct all_tables all;

	collect_all(&all);
	for (size_t i = 0; i < all.n; i++) {
		for (size_t k = 0; k < all.v[i]->n_keys; k++) {
			const struct key *key = &all.v[i]->keys[k];
			struct schema_key it = { all.v[i]->name, key->name, key->about, (key->flags & KEY_REQUIRED) != 0,
				                     (key->flags & KEY_LATER) != 0 };

			each(&it, ctx);
		}
	}
}

static void write_form(const struct key *key, struct buf *out)
{
	if (key->type->form) {
		buf_adds(out, key->type->form);
		return;
	}
	for (size_t i = 0; key->words && key->words[i]; i++)
		buf_addf(out, i > 0 ? " | %s" : "%s", key->words[i]);
}

static void write_key(const struct key *key, struct buf *out)
{
	buf_addf(out, "  %-*s", KEY_COLUMN, key->name);
	if (!(key->flags & KEY_LATER) && key->type != &type_header) {
		write_form(key, out);
		buf_adds(out, ": ");
	}
	buf_adds(out, key->about);
	if (key->with)
		buf_addf(out, " (with %s)", key->with);
	if (key->flags & KEY_REQUIRED)
		buf_adds(out, " (required)");
	if (key->flags & KEY_LATER)
		buf_adds(out, " (not supported yet)");
	buf_addc(out, '\n');
}

static void write_table(const struct table *table, struct buf *out)
{
	buf_addf(out, "%s: %s\n", table->name, table->about);
	for (size_t i = 0; i < table->n_keys; i++)
		write_key(&table->keys[i], out);
}

static void explain_key(const struct key *key, struct buf *out)
{
	write_key(key, out);
	if (key->table) {
		buf_addc(out, '\n');
		write_table(key->table, out);
	}
}

static void explain_events(struct buf *out)
{
	buf_adds(out, "Built-in types of events; others are declared in Fields:\n");
	for (size_t i = 0; event_types_builtin[i]; i++)
		buf_addf(out, "  %s\n", event_types_builtin[i]);
}

static void explain_placeholders(struct buf *out)
{
	buf_adds(out, "What {{ }} may begin with:\n");
	for (size_t i = 0; i < n_placeholder_roots; i++)
		buf_addf(out, "  %-*s%s%s\n", KEY_COLUMN, placeholder_roots[i].name, placeholder_roots[i].about,
		         placeholder_roots[i].later ? " (not supported yet)" : "");
}

static void explain_kinds(struct buf *out)
{
	for (int k = 0; k < DOC_KIND_COUNT; k++)
		buf_addf(out, "  %-*s%s%s\n", KEY_COLUMN, doc_kind_yaml((enum doc_kind)k), table_of_kind((enum doc_kind)k)->about,
		         kind_later((enum doc_kind)k) ? " (not supported yet)" : "");
	buf_addf(out, "  %-*s%s\n", KEY_COLUMN, "step", step_table.about);
	buf_addf(out, "  %-*s%s\n", KEY_COLUMN, "condition", condition_table.about);
	buf_addf(out, "  %-*s%s\n", KEY_COLUMN, "events", "the types of events");
	buf_addf(out, "  %-*s%s\n", KEY_COLUMN, "placeholders", "what {{ }} may begin with");
}

static const struct table *find_root(const char *word, size_t len)
{
	char name[PATH_MAX_BYTES];
	enum doc_kind kind;

	memcpy(name, word, len);
	name[len] = '\0';
	if (strcasecmp(name, "step") == 0 || strcasecmp(name, "steps") == 0)
		return &step_table;
	if (strcasecmp(name, "condition") == 0 || strcasecmp(name, "conditions") == 0)
		return &condition_table;
	return doc_kind_parse(name, &kind) ? table_of_kind(kind) : NULL;
}

static int nothing(const char *word, const struct table *table, struct buf *out)
{
	const char *names[TABLES_MAX] = { "step", "condition", "events", "placeholders" }, *near;
	size_t n = 4;

	for (int k = 0; !table && k < DOC_KIND_COUNT; k++)
		names[n++] = doc_kind_yaml((enum doc_kind)k);
	for (size_t i = 0; table && i < table->n_keys; i++)
		names[i] = table->keys[i].name;
	near = near_match(word, names, table ? table->n_keys : n);
	if (near)
		buf_addf(out, "; did you mean '%s'?", near);
	return 0;
}

int schema_explain(const char *path, struct buf *out)
{
	size_t len = strcspn(path, ".");
	const struct table *table;
	const struct key *key = NULL;

	if (!*path)
		return explain_kinds(out), 1;
	if (strcmp(path, "events") == 0)
		return explain_events(out), 1;
	if (strcmp(path, "placeholders") == 0)
		return explain_placeholders(out), 1;
	table = strlen(path) < PATH_MAX_BYTES ? find_root(path, len) : NULL;
	if (!table)
		return nothing(path, NULL, out);
	while (path[len]) {
		char word[PATH_MAX_BYTES] = "";

		path += len + 1;
		len = strcspn(path, ".");
		memcpy(word, path, len);
		if (key)
			table = key->table;
		key = table ? table_find(table, word) : NULL;
		if (!key)
			return nothing(word, table, out);
	}
	if (key)
		explain_key(key, out);
	else
		write_table(table, out);
	return 1;
}
