#include "author/steps.h"
#include "author/tables.h"

#include "base/mem.h"


#include <stdlib.h>
#include <string.h>

static const struct kind_row {
	const struct table *table;
	int (*read)(struct reader *rd, struct yaml *node); /* NULL: not supported yet */
} kinds[DOC_KIND_COUNT] = {
	[DOC_TEAM] = { &team_table, team_read },
	[DOC_CALENDAR] = { &calendar_table, calendar_read },
	[DOC_MAILBOX] = { &mailbox_table, mailbox_read },
	[DOC_SMS_GATEWAY] = { &sms_gateway_table, NULL },
	[DOC_FIELDS] = { &fields_table, fields_read },
	[DOC_SEGMENT] = { &segment_table, NULL },
	[DOC_COUPONS] = { &coupons_table, NULL },
	[DOC_FORM] = { &form_table, NULL },
	[DOC_FUNNEL] = { &funnel_table, NULL },
	[DOC_TEMPLATE] = { &template_table, template_read },
	[DOC_PIPELINE] = { &pipeline_table, pipeline_read },
};

const struct table *table_of_kind(enum doc_kind kind)
{
	return kinds[kind].table;
}

bool kind_later(enum doc_kind kind)
{
	return !kinds[kind].read;
}

static int read_header(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	(void)rd;
	(void)key;
	(void)node;
	(void)into;
	return 0;
}
const struct type type_header = { "NAME", TAKES_TEXT, read_header };

static int find_kind(struct reader *rd, const struct yaml *node, enum doc_kind *ret)
{
	const char *names[DOC_KIND_COUNT];

	for (int k = 0; k < DOC_KIND_COUNT; k++) {
		names[k] = doc_kind_yaml((enum doc_kind)k);
		if (strcmp(names[k], node->text) == 0) {
			*ret = (enum doc_kind)k;
			return 0;
		}
	}
	return reader_error(rd, node, "there is no kind '%s'%s", node->text, reader_near(rd, node->text, names, DOC_KIND_COUNT));
}

static int read_kind(struct reader *rd, const struct yaml *node, enum doc_kind *ret)
{
	const struct yaml *kind;

	if (node->type != YAML_MAP)
		return reader_error(rd, node, "a document is a map that begins with 'kind' and 'name'");
	kind = yaml_get(node, "kind");
	if (!kind)
		return reader_error(rd, node, "'kind' is missing: Team, Calendar, Mailbox, Fields, Template or Pipeline");
	if (kind->type != YAML_SCALAR || kind->len == 0)
		return reader_error(rd, kind, "'kind' must be Team, Calendar, Mailbox, Fields, Template or Pipeline");
	if (find_kind(rd, kind, ret) < 0)
		return -1;
	if (kind_later(*ret))
		return reader_error(rd, kind, "the kind %s is not supported yet", kind->text);
	return 0;
}

static int read_name(struct reader *rd, const struct yaml *node, const char **ret)
{
	static const struct key row = { .name = "name" };
	const struct yaml *name = yaml_get(node, "name");
	const char *text;

	*ret = "";
	if (!name)
		return -1; /* read_map() says so */
	text = scalar_text(rd, &row, name, false);
	if (!text)
		return -1;
	*ret = text;
	if (!name_valid(text))
		return reader_error(rd, name, "a name has small letters, digits and '-', at most 63; '%s' has not", text);
	if (rd->doc->kind != DOC_FIELDS && name_reserved(text))
		return reader_error(rd, name, "'%s' is a word of the grammar; choose another name", text);
	return 0;
}

static int read_team(struct reader *rd, const struct yaml *node, const char **ret)
{
	static const struct key row = { .name = "team" };
	const struct yaml *team = yaml_get(node, "team");
	const char *text;

	*ret = rd->author->team;
	if (rd->doc->kind == DOC_TEAM)
		*ret = rd->doc->name;
	if (!team || rd->doc->kind == DOC_TEAM)
		return 0;
	text = scalar_text(rd, &row, team, false);
	if (!text)
		return -1;
	if (!name_valid(text))
		return reader_error(rd, team, "'team' must be the name of a Team, not '%s'", text);
	*ret = text;
	return 0;
}

/* Reads one document. Returns 0; -1: something is wrong with it; ret is filled as far as it could be read. */
static int read_document(struct reader *rd, struct yaml *node, struct document *ret)
{
	int r;

	rd->doc = ret;
	ret->at = yaml_place(rd->file, node);
	ret->tree = node;
	if (read_kind(rd, node, &ret->kind) < 0)
		return -1;
	r = read_name(rd, node, &ret->name);
	if (read_team(rd, node, &ret->team) < 0)
		r = -1;
	if (kinds[ret->kind].read(rd, node) < 0)
		r = -1;
	ret->attach = rd->attach;
	ret->n_attach = rd->n_attach;
	ret->good = r == 0;
	return r;
}

void author_init(struct author *au)
{
	*au = (struct author){ 0 };
}

void author_release(struct author *au)
{
	free(au->docs);
	free(au->refs);
	diags_release(&au->diags);
	arena_release(&au->arena);
	author_init(au);
}

static bool same_team(const char *a, const char *b)
{
	return !a || !b || strcmp(a, b) == 0;
}

struct document *author_find(const struct author *au, enum doc_kind kind, const char *name, const char *team)
{
	struct document *found = NULL;

	for (size_t i = 0; i < au->n_docs; i++) {
		struct document *d = au->docs[i];

		if (d->kind == kind && strcmp(d->name, name) == 0 && same_team(d->team, team) && (!found || found->stored))
			found = d;
	}
	return found;
}

static int add_document(struct author *au, struct document *d)
{
	const struct document *first = *d->name && !d->stored ? author_find(au, d->kind, d->name, d->team) : NULL;

	GROW(&au->docs, &au->cap_docs, au->n_docs);
	au->docs[au->n_docs++] = d;
	if (!first || first->stored)
		return 0;
	d->good = false;
	return diag_error(&au->diags, d->at, "%s '%s' is defined twice; the first is in %s:%d", doc_kind_yaml(d->kind), d->name,
	                  first->at.file, first->at.line);
}

static int check_not_empty(struct author *au, const struct yaml_file *f)
{
	struct place whole = { f->name, 0, 0 };
	size_t blanks = 0;

	while (blanks < f->len && strchr(" \t\r\n", f->text[blanks]))
		blanks++;
	if (blanks == f->len)
		return diag_error(&au->diags, whole, "the file is empty");
	diag_warning(&au->diags, whole, "the file has no document, only comments");
	return 0;
}

static int load_document(struct author *au, const struct yaml_file *file, struct yaml *node)
{
	struct document *d = ARENA_NEW(&au->arena, struct document);
	struct reader rd = { .author = au, .arena = &au->arena, .diags = &au->diags, .file = file };
	int r = read_document(&rd, node, d);

	if (!d->model)
		return -1;
	return add_document(au, d) < 0 ? -1 : r;
}

int author_load(struct author *au, const char *name, const char *text, size_t len)
{
	struct yaml_file *file = ARENA_NEW(&au->arena, struct yaml_file);
	int r = yaml_read(&au->arena, diags_file(&au->diags, name), text, len, &au->diags, file);

	if (r == 0 && file->n_docs == 0)
		return check_not_empty(au, file);
	for (size_t i = 0; i < file->n_docs; i++)
		if (load_document(au, file, file->docs[i]) < 0)
			r = -1;
	return r;
}

/* The first error of a stored document, for those who expected none. */
static int stored_error(struct diags *diags, struct err *err)
{
	const struct diag *g = &diags->list[0];

	if (diags->n == 0)
		return err_set(err, ERR_CONFIG, "a stored document is empty");
	return err_set(err, ERR_CONFIG, "stored document, line %d: %s", g->at.line, g->text);
}

static int read_stored(struct author *au, struct arena *a, const char *text, size_t len, struct document *ret)
{
	struct yaml_file file;
	struct reader rd = { .author = au, .arena = a, .diags = &au->diags, .file = &file, .stored = true };

	if (yaml_read(a, NULL, text, len, &au->diags, &file) < 0 || file.n_docs != 1)
		return -1;
	if (read_document(&rd, file.docs[0], ret) < 0)
		return -1;
	ret->stored = true;
	ret->text = text;
	ret->text_len = len;
	if (ret->kind == DOC_PIPELINE)
		steps_sign(a, ret->pipeline, ret->tree);
	return 0;
}

int author_read(struct arena *a, const char *text, size_t len, struct document *ret, struct err *err)
{
	struct author au;
	int r;

	author_init(&au);
	*ret = (struct document){ 0 };
	r = read_stored(&au, a, text, len, ret);
	if (r < 0)
		stored_error(&au.diags, err);
	author_release(&au);
	return r;
}

int author_know(struct author *au, const char *team, const char *text, size_t len, struct err *err)
{
	struct document *d = ARENA_NEW(&au->arena, struct document);

	if (author_read(&au->arena, text, len, d, err) < 0)
		return -1;
	d->team = team;
	return add_document(au, d);
}
