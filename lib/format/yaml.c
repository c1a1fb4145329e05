#include "format/yaml.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "format/yaml_private.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* Reading one document, which libyaml sees as a stream of its own. */
struct parse {
	yaml_parser_t parser;
	struct arena *arena;
	struct yaml_file *file;
	struct diags *diags;
	size_t from;         /* where the document begins in the file */
	int lines_before;
	size_t seen_chars, seen_bytes; /* how far end_of() has counted */
	int depth;
	bool failed;         /* a syntax error: nothing more to be read */
	struct yaml **stack; /* children of the collections that are open */
	size_t n, cap;
	struct yaml **docs;
	size_t n_docs, cap_docs;
};

static struct yaml *parse_node(struct parse *p, const yaml_event_t *ev);

/* libyaml counts lines and columns from 0. */
static void set_position(const struct parse *p, const yaml_mark_t *mark, int *line, int *column)
{
	*line = p->lines_before + (int)mark->line + 1;
	*column = (int)mark->column + 1;
}

/* What could not be read because of something reported in the same line. */
static bool explained(const struct parse *p, int line)
{
	const struct diags *d = p->diags;

	return d->n > 0 && d->list[d->n - 1].at.file == p->file->name && d->list[d->n - 1].at.line == line;
}

static int fail(struct parse *p)
{
	struct yaml_problem problem = {
		.what = p->parser.problem ? p->parser.problem : "",
		.context = p->parser.context,
	};

	if (p->parser.error == YAML_MEMORY_ERROR)
		mem_exhausted();
	p->failed = true;
	set_position(p, &p->parser.problem_mark, &problem.line, &problem.column);
	if (p->parser.context)
		set_position(p, &p->parser.context_mark, &problem.from_line, &problem.from_column);
	if (!explained(p, problem.line))
		yaml_report(p->file, &problem, p->diags);
	return -1;
}

static int next_event(struct parse *p, yaml_event_t *ev)
{
	if (p->failed)
		return -1;
	return yaml_parser_parse(&p->parser, ev) ? 0 : fail(p);
}

static struct yaml *new_node(struct parse *p, const yaml_event_t *ev, enum yaml_type type)
{
	struct yaml *node = ARENA_NEW(p->arena, struct yaml);

	node->type = type;
	set_position(p, &ev->start_mark, &node->line, &node->column);
	return node;
}

/* As it was written: libyaml spells !!str out. */
static const char *short_tag(const char *tag)
{
	static const char standard[] = "tag:yaml.org,2002:";

	return strncmp(tag, standard, sizeof standard - 1) == 0 ? tag + sizeof standard - 1 : tag;
}

static void refuse_decoration(struct parse *p, struct yaml *node, const void *anchor, const void *tag)
{
	if (anchor)
		diag_error(p->diags, yaml_place(p->file, node),
		           "anchors (&%s) are not supported; if the '&' belongs to the text, put the whole value in quotes",
		           (const char *)anchor);
	if (tag)
		diag_error(p->diags, yaml_place(p->file, node),
		           "tags (%s%s) are not supported; if the '!' belongs to the text, put the whole value in quotes",
		           short_tag(tag) == tag ? "" : "!!", short_tag(tag));
	node->broken = node->broken || anchor || tag;
}

static enum yaml_style style_of(yaml_scalar_style_t style)
{
	if (style == YAML_SINGLE_QUOTED_SCALAR_STYLE)
		return YAML_SINGLE;
	if (style == YAML_DOUBLE_QUOTED_SCALAR_STYLE)
		return YAML_DOUBLE;
	if (style == YAML_LITERAL_SCALAR_STYLE)
		return YAML_LITERAL;
	return style == YAML_FOLDED_SCALAR_STYLE ? YAML_FOLDED : YAML_PLAIN;
}

/* The byte in the file at a mark. libyaml counts characters; marks only grow, so counting goes on. */
static size_t byte_of_mark(struct parse *p, const yaml_mark_t *mark)
{
	const char *s = p->file->text + p->from;
	size_t left = p->file->len - p->from;

	while (p->seen_chars < mark->index && p->seen_bytes < left) {
		p->seen_bytes++;
		while (p->seen_bytes < left && ((unsigned char)s[p->seen_bytes] & 0xc0) == 0x80)
			p->seen_bytes++;
		p->seen_chars++;
	}
	return p->from + p->seen_bytes;
}

static bool comment_follows(struct parse *p, const yaml_mark_t *end)
{
	size_t from = byte_of_mark(p, end), i = from;
	const struct yaml_file *f = p->file;

	while (i < f->len && (f->text[i] == ' ' || f->text[i] == '\t'))
		i++;
	return i > from && i < f->len && f->text[i] == '#';
}

static struct yaml *parse_scalar(struct parse *p, const yaml_event_t *ev)
{
	struct yaml *node = new_node(p, ev, YAML_SCALAR);

	node->style = style_of(ev->data.scalar.style);
	node->len = ev->data.scalar.length;
	node->text = arena_strndup(p->arena, (const char *)ev->data.scalar.value, node->len);
	refuse_decoration(p, node, ev->data.scalar.anchor, ev->data.scalar.tag);
	if (node->style == YAML_PLAIN)
		node->cut = comment_follows(p, &ev->end_mark);
	return node;
}

static struct yaml *parse_alias(struct parse *p, const yaml_event_t *ev)
{
	struct yaml *node = new_node(p, ev, YAML_SCALAR);

	node->text = "";
	node->broken = true;
	diag_error(p->diags, yaml_place(p->file, node),
	           "aliases (*%s) are not supported; if the '*' belongs to the text, put the whole value in quotes",
	           (const char *)ev->data.alias.anchor);
	return node;
}

/* Pushes the children of a collection; returns how many, the last ones of the stack. */
static size_t parse_children(struct parse *p, yaml_event_type_t end)
{
	size_t before = p->n;

	for (;;) {
		yaml_event_t ev;
		struct yaml *child;

		if (next_event(p, &ev) < 0)
			break;
		if (ev.type == end) {
			yaml_event_delete(&ev);
			break;
		}
		child = parse_node(p, &ev);
		yaml_event_delete(&ev);
		if (!child)
			break;
		GROW(&p->stack, &p->cap, p->n);
		p->stack[p->n++] = child;
	}
	return p->n - before;
}

static struct yaml *parse_list(struct parse *p, const yaml_event_t *ev)
{
	struct yaml *node = new_node(p, ev, YAML_LIST);

	refuse_decoration(p, node, ev->data.sequence_start.anchor, ev->data.sequence_start.tag);
	node->n = parse_children(p, YAML_SEQUENCE_END_EVENT);
	node->items = arena_array(p->arena, node->n, sizeof(struct yaml *));
	p->n -= node->n;
	if (node->n > 0)
		memcpy(node->items, p->stack + p->n, node->n * sizeof(struct yaml *));
	return node;
}

static int by_text(const void *a, const void *b)
{
	const struct yaml *x = ((const struct yaml_pair *)a)->key, *y = ((const struct yaml_pair *)b)->key;
	int cmp = strcmp(x->text, y->text);

	if (cmp != 0)
		return cmp;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->column < y->column ? -1 : x->column > y->column;
}

static void refuse_duplicates(struct parse *p, const struct yaml *map)
{
	struct yaml_pair few[16], *sorted = few;

	if (map->n < 2)
		return;
	if (map->n > ARRAY_LEN(few))
		sorted = arena_array(p->arena, map->n, sizeof *sorted);
	memcpy(sorted, map->pairs, map->n * sizeof *sorted);
	qsort(sorted, map->n, sizeof *sorted, by_text);
	for (size_t i = 1; i < map->n; i++) {
		if (strcmp(sorted[i].key->text, sorted[i - 1].key->text) != 0)
			continue;
		sorted[i].value->broken = true;
		diag_error(p->diags, yaml_place(p->file, sorted[i].key), "'%s' is here twice; the first is in line %d",
		           sorted[i].key->text, sorted[i - 1].key->line);
	}
}

static bool key_is_good(struct parse *p, const struct yaml *map, const struct yaml *key)
{
	struct place at = yaml_place(p->file, key);

	if (key->type == YAML_MAP && key->line == map->line && key->column == map->column + 1)
		diag_error(p->diags, yaml_place(p->file, map),
		           "a value that begins with '{{' reads as a map; put the whole value in quotes");
	else if (key->type != YAML_SCALAR)
		diag_error(p->diags, at, "a key must be a word; put the whole value in quotes if it is a text");
	else if (key->style == YAML_PLAIN && strcmp(key->text, "<<") == 0)
		diag_error(p->diags, at, "merge keys (<<) are not supported; templates and calendars are reused by name");
	else if (key->len == 0)
		diag_error(p->diags, at, "a key is missing in front of ':'");
	else if (strlen(key->text) != key->len)
		diag_error(p->diags, at, "a key with a NUL character");
	else if (key->len > YAML_KEY_MAX)
		diag_error(p->diags, at, "a key of more than %d bytes; quote the whole line if it is a text", YAML_KEY_MAX);
	else
		return true;
	return false;
}

static struct yaml *parse_map(struct parse *p, const yaml_event_t *ev)
{
	struct yaml *node = new_node(p, ev, YAML_MAP);
	size_t n;

	refuse_decoration(p, node, ev->data.mapping_start.anchor, ev->data.mapping_start.tag);
	n = parse_children(p, YAML_MAPPING_END_EVENT);
	p->n -= n;
	node->pairs = arena_array(p->arena, n / 2, sizeof *node->pairs);
	for (size_t i = 0; i + 1 < n; i += 2) {
		struct yaml *key = p->stack[p->n + i], *value = p->stack[p->n + i + 1];

		if (key_is_good(p, node, key))
			node->pairs[node->n++] = (struct yaml_pair){ key, value };
		else
			node->broken = true;
	}
	refuse_duplicates(p, node);
	return node;
}

static struct yaml *parse_collection(struct parse *p, const yaml_event_t *ev)
{
	struct yaml *node;

	if (p->depth == YAML_DEPTH_MAX) {
		node = new_node(p, ev, YAML_LIST);
		diag_error(p->diags, yaml_place(p->file, node), "nested deeper than %d levels", YAML_DEPTH_MAX);
		p->failed = true;
		return NULL;
	}
	p->depth++;
	node = ev->type == YAML_SEQUENCE_START_EVENT ? parse_list(p, ev) : parse_map(p, ev);
	p->depth--;
	return node;
}

/* NULL: the document cannot be read on. */
static struct yaml *parse_node(struct parse *p, const yaml_event_t *ev)
{
	if (ev->type == YAML_SCALAR_EVENT)
		return parse_scalar(p, ev);
	if (ev->type == YAML_ALIAS_EVENT)
		return parse_alias(p, ev);
	return parse_collection(p, ev);
}

static void parse_stream(struct parse *p)
{
	bool done = false;

	while (!done) {
		yaml_event_t ev;
		struct yaml *doc = NULL;

		if (next_event(p, &ev) < 0)
			return;
		done = ev.type == YAML_STREAM_END_EVENT;
		if (ev.type == YAML_SCALAR_EVENT || ev.type == YAML_ALIAS_EVENT || ev.type == YAML_SEQUENCE_START_EVENT ||
		    ev.type == YAML_MAPPING_START_EVENT)
			doc = parse_node(p, &ev);
		yaml_event_delete(&ev);
		if (!doc || p->failed || yaml_is_empty(doc))
			continue;
		GROW(&p->docs, &p->cap_docs, p->n_docs);
		p->docs[p->n_docs++] = doc;
	}
}

static void parse_part(struct parse *p, size_t from, size_t to, size_t line)
{
	p->from = from;
	p->lines_before = (int)line;
	p->seen_chars = p->seen_bytes = 0;
	p->failed = false;
	p->depth = 0;
	p->n = 0;
	if (!yaml_parser_initialize(&p->parser))
		mem_exhausted();
	yaml_parser_set_encoding(&p->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p->parser, (const unsigned char *)p->file->text + from, to - from);
	parse_stream(p);
	yaml_parser_delete(&p->parser);
}

static bool is_divider(const struct yaml_file *f, size_t line)
{
	size_t len;
	const char *s = yaml_source_line(f, (int)line + 1, &len);

	return len >= 3 && memcmp(s, "---", 3) == 0 && (len == 3 || s[3] == ' ' || s[3] == '\t');
}

static bool is_directive(struct parse *p, size_t line)
{
	struct place at = { p->file->name, (int)line + 1, 1 };
	size_t len;
	const char *s = yaml_source_line(p->file, (int)line + 1, &len);

	if (len == 0 || *s != '%')
		return false;
	diag_error(p->diags, at, "directives are not supported; remove the line");
	return true;
}

/*
 * A line `---` divides documents whatever stands before it, so each part can be read on its own, and a
 * syntax error costs only its own document.
 */
static void parse_parts(struct parse *p)
{
	const struct yaml_file *f = p->file;
	size_t begin = 0, parts = 0;

	if (is_directive(p, 0))
		return;
	for (size_t line = 1; line <= f->n_lines; line++) {
		if (line < f->n_lines && !is_divider(f, line))
			continue;
		if (++parts > YAML_DOCS_MAX) {
			diag_error(p->diags, (struct place){ f->name, (int)begin + 1, 1 },
			           "more than %d documents in one file", YAML_DOCS_MAX);
			return;
		}
		parse_part(p, f->lines[begin], line < f->n_lines ? f->lines[line] : f->len, begin);
		begin = line;
	}
}

int yaml_read(struct arena *a, const char *name, const char *text, size_t len, struct diags *diags,
              struct yaml_file *ret)
{
	struct parse p = { .arena = a, .file = ret, .diags = diags };
	size_t errors = diags->errors;

	*ret = (struct yaml_file){ .name = name, .text = text };
	if (yaml_source_check(a, ret, text, len, diags) < 0)
		return -1;
	parse_parts(&p);
	ret->n_docs = p.n_docs;
	ret->docs = arena_array(a, p.n_docs, sizeof(struct yaml *));
	if (p.n_docs > 0)
		memcpy(ret->docs, p.docs, p.n_docs * sizeof(struct yaml *));
	free(p.docs);
	free(p.stack);
	return diags->errors > errors ? -1 : 0;
}

bool yaml_is_empty(const struct yaml *node)
{
	return node->type == YAML_SCALAR && node->style == YAML_PLAIN && node->len == 0 && !node->broken;
}

struct yaml *yaml_get(const struct yaml *map, const char *key)
{
	for (size_t i = 0; map->type == YAML_MAP && i < map->n; i++)
		if (strcmp(map->pairs[i].key->text, key) == 0)
			return map->pairs[i].value;
	return NULL;
}

struct yaml *yaml_new_text(struct arena *a, const char *text, size_t len)
{
	struct yaml *node = ARENA_NEW(a, struct yaml);

	node->type = YAML_SCALAR;
	node->style = YAML_DOUBLE;
	node->text = text;
	node->len = len;
	return node;
}

struct yaml *yaml_new_map(struct arena *a, size_t n_pairs)
{
	struct yaml *node = ARENA_NEW(a, struct yaml);

	node->type = YAML_MAP;
	node->n = n_pairs;
	node->pairs = arena_array(a, n_pairs, sizeof *node->pairs);
	return node;
}

void yaml_set_pair(struct yaml *map, size_t i, struct yaml *key, struct yaml *value)
{
	map->pairs[i] = (struct yaml_pair){ key, value };
}
