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

bool schema_kind_later(enum doc_kind kind)
{
	return kind_later(kind);
}

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

/* Where an explanation goes: lines of text, or a call for each. */
struct sink {
	struct buf *text;
	void (*each)(const struct explained *x, void *ctx);
	void *ctx;
};

static void put_head(struct sink *to, const char *head, const char *about)
{
	if (!to->each)
		buf_addf(to->text, "%s: %s\n", head, about);
}

static void put_line(struct buf *b, const struct explained *x)
{
	buf_addf(b, "  %-*s", x->about ? KEY_COLUMN : 0, x->name);
	if (x->form)
		buf_addf(b, "%s: ", x->form);
	if (x->about)
		buf_adds(b, x->about);
	if (x->with)
		buf_addf(b, " (with %s)", x->with);
	if (x->required)
		buf_adds(b, " (required)");
	if (x->later)
		buf_adds(b, " (not supported yet)");
	buf_addc(b, '\n');
}

static void put(struct sink *to, struct explained x)
{
	if (to->each)
		to->each(&x, to->ctx);
	else
		put_line(to->text, &x);
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

static void put_key(struct sink *to, const struct table *table, const struct key *key)
{
	BUF_AUTO form = BUF_INIT(4096);
	bool has_form = !(key->flags & KEY_LATER) && key->type != &type_header;

	if (has_form)
		write_form(key, &form);
	put(to, (struct explained){
		.of = table->name,
		.name = key->name,
		.form = has_form ? form.s : NULL,
		.about = key->about,
		.with = key->with,
		.required = (key->flags & KEY_REQUIRED) != 0,
		.later = (key->flags & KEY_LATER) != 0,
	});
}

static void put_table(struct sink *to, const struct table *table)
{
	put_head(to, table->name, table->about);
	for (size_t i = 0; i < table->n_keys; i++)
		put_key(to, table, &table->keys[i]);
}

static void explain_key(struct sink *to, const struct table *table, const struct key *key)
{
	put_key(to, table, key);
	if (!key->table)
		return;
	if (!to->each)
		buf_addc(to->text, '\n');
	put_table(to, key->table);
}

static void explain_events(struct sink *to)
{
	put_head(to, "Built-in types of events", "others are declared in Fields");
	for (size_t i = 0; event_types_builtin[i]; i++)
		put(to, (struct explained){ .name = event_types_builtin[i] });
}

static void explain_placeholders(struct sink *to)
{
	put_head(to, "Placeholders", "what {{ }} may begin with");
	for (size_t i = 0; i < n_placeholder_roots; i++)
		put(to, (struct explained){
			.name = placeholder_roots[i].name,
			.about = placeholder_roots[i].about,
			.later = placeholder_roots[i].later,
		});
}

static void explain_kinds(struct sink *to)
{
	for (int k = 0; k < DOC_KIND_COUNT; k++) {
		enum doc_kind kind = (enum doc_kind)k;

		put(to, (struct explained){
			.name = doc_kind_yaml(kind), .about = table_of_kind(kind)->about, .later = kind_later(kind) });
	}
	put(to, (struct explained){ .name = "step", .about = step_table.about });
	put(to, (struct explained){ .name = "condition", .about = condition_table.about });
	put(to, (struct explained){ .name = "events", .about = "the types of events" });
	put(to, (struct explained){ .name = "placeholders", .about = "what {{ }} may begin with" });
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

static int explain(const char *path, struct sink *to, struct buf *near)
{
	size_t len = strcspn(path, ".");
	const struct table *table;
	const struct key *key = NULL;

	if (!*path)
		return explain_kinds(to), 1;
	if (strcmp(path, "events") == 0)
		return explain_events(to), 1;
	if (strcmp(path, "placeholders") == 0)
		return explain_placeholders(to), 1;
	table = strlen(path) < PATH_MAX_BYTES ? find_root(path, len) : NULL;
	if (!table)
		return nothing(path, NULL, near);
	while (path[len]) {
		char word[PATH_MAX_BYTES] = "";

		path += len + 1;
		len = strcspn(path, ".");
		memcpy(word, path, len);
		if (key)
			table = key->table;
		key = table ? table_find(table, word) : NULL;
		if (!key)
			return nothing(word, table, near);
	}
	if (key)
		explain_key(to, table, key);
	else
		put_table(to, table);
	return 1;
}

int schema_explain(const char *path, struct buf *out)
{
	struct sink to = { .text = out };

	return explain(path, &to, out);
}

int schema_explain_each(const char *path, void (*each)(const struct explained *x, void *ctx), void *ctx, struct buf *near)
{
	struct sink to = { .each = each, .ctx = ctx };

	return explain(path, &to, near);
}
