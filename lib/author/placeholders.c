#include "author/placeholders.h"

#include "author/author_private.h"
#include "base/near.h"
#include "base/utf8.h"
#include "format/liquid.h"

#include <string.h>

#define PARTS_MAX 500

static const char *const contact_parts[] = { "email", "name", "kind", "tags", NULL };
static const char *const sender_parts[] = { "name", "email", "signature", NULL };
static const char *const team_parts[] = { "name", "address", "timezone", "language", NULL };
static const char *const run_parts[] = { "id", "pipeline", "enroller", "started", NULL };

const struct placeholder_root placeholder_roots[] = {
	{ "contact", contact_parts, false, "email, name (first and last), and every field: contact.first_name" },
	{ "sender", sender_parts, false, "who sends: name, email, signature" },
	{ "team", team_parts, false, "name, address, timezone, language" },
	{ "event", NULL, false, "what started or woke the run: its type and its data, event.total" },
	{ "run", run_parts, false, "the run: id, pipeline, enroller, started" },
	{ "unsubscribe_url", NULL, false, "where the person can unsubscribe" },
	{ "item", NULL, false, "of a loop: {% for item in event.items %}" },
	{ "deal", NULL, true, "the run's deal" },
	{ "coupon", NULL, true, "coupon.code" },
	{ "sms", NULL, true, "of an SmsGateway: to, text" },
	{ "confirm_url", NULL, true, "of the Template of a Form" },
};
const size_t n_placeholder_roots = ARRAY_LEN(placeholder_roots);

/* Line and column in a text, from 1, as an offset. */
static size_t offset_of(const struct yaml *node, unsigned line, unsigned column)
{
	size_t i = 0;
	uint32_t c;

	for (unsigned k = 1; k < line; k++) {
		const char *end = memchr(node->text + i, '\n', node->len - i);

		if (!end)
			break;
		i = (size_t)(end - node->text) + 1;
	}
	for (unsigned k = 1; k < column && i < node->len; k++) {
		size_t n = utf8_decode(node->text + i, node->len - i, &c);

		i += n ? n : 1;
	}
	return i;
}

/* Templates of a file of their own have no line in the YAML. */
static struct place place_of(const struct ref *r, unsigned line, unsigned column)
{
	if (r->at.line == 0)
		return (struct place){ r->at.file, (int)line, (int)column };
	return yaml_place_in(r->file, r->node, offset_of(r->node, line, column));
}

static const struct placeholder_root *find_root(const char *path)
{
	size_t n = strcspn(path, ".[");

	for (size_t i = 0; i < n_placeholder_roots; i++)
		if (strlen(placeholder_roots[i].name) == n && strncmp(placeholder_roots[i].name, path, n) == 0)
			return &placeholder_roots[i];
	return NULL;
}

static const char *nearest(struct author *au, const char *word, const char *prefix, const char *const *names, size_t n)
{
	const char *found = near_match(word, names, n);

	return found ? arena_printf(&au->arena, "; did you mean '%s%s'?", prefix, found) : "";
}

static void unknown_root(struct author *au, struct place at, const char *path)
{
	const char *names[ARRAY_LEN(placeholder_roots)], *root = arena_strndup(&au->arena, path, strcspn(path, ".["));
	const char *found;

	for (size_t i = 0; i < n_placeholder_roots; i++)
		names[i] = placeholder_roots[i].name;
	found = near_match(root, names, n_placeholder_roots);
	if (found)
		diag_error(&au->diags, at, "there is no placeholder '%s'; did you mean '%s%s'?", path, found, path + strlen(root));
	else
		diag_error(&au->diags, at, "there is no placeholder '%s'", path);
}

static size_t list_parts(const struct placeholder_root *root, const struct fields *fields, const char *names[PARTS_MAX])
{
	bool contact = strcmp(root->name, "contact") == 0;
	size_t n = 0;

	for (; root->parts[n]; n++)
		names[n] = root->parts[n];
	for (size_t i = 0; contact && i < n_contact_reserved_fields; i++)
		names[n++] = contact_reserved_fields[i].name;
	for (size_t i = 0; contact && fields && i < fields->n_fields && n < PARTS_MAX; i++)
		names[n++] = fields->fields[i].name;
	return n;
}

static void check_part(struct author *au, struct place at, const struct placeholder_root *root, const char *path,
                       const struct fields *fields)
{
	const char *names[PARTS_MAX], *part = path + strlen(root->name), *near;
	size_t n = list_parts(root, fields, names);

	if (*part != '.')
		return;
	part = arena_strndup(&au->arena, part + 1, strcspn(part + 1, ".["));
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], part) == 0)
			return;
	near = nearest(au, part, arena_printf(&au->arena, "%s.", root->name), names, n);
	if (au->validate && !fields && strcmp(root->name, "contact") == 0)
		diag_warning(&au->diags, at, "the field of '%s' is not among these files%s", path, near);
	else
		diag_error(&au->diags, at, "there is no placeholder '%s'%s", path, near);
}

static void check_variable(struct author *au, const struct ref *r, const struct liquid_variable *v,
                           const struct fields *fields)
{
	const struct placeholder_root *root = find_root(v->path);
	struct place at = place_of(r, v->line, v->column);

	if (!root)
		unknown_root(au, at, v->path);
	else if (root->later)
		diag_error(&au->diags, at, "the placeholder '%s' is not supported yet", v->path);
	else if (strcmp(root->name, "item") == 0)
		diag_error(&au->diags, at, "'item' is known only inside a loop: {%% for item in event.items %%}");
	else if (root->parts)
		check_part(au, at, root, v->path, fields);
}

void placeholders_check(struct author *au, const struct ref *r, const struct fields *fields)
{
	ARENA_AUTO scratch = { 0 };
	struct liquid_problem problem;
	const struct liquid *compiled;
	const struct liquid_variable *variables;
	size_t n;

	if (liquid_compile(&scratch, r->node->text, r->node->len, &compiled, &problem) < 0) {
		diag_error(&au->diags, place_of(r, problem.line, problem.column), "%s", problem.message);
		return;
	}
	variables = liquid_variables(compiled, &n);
	for (size_t i = 0; i < n; i++)
		check_variable(au, r, &variables[i], fields);
}
