#include "author/tables.h"

#include "base/buf.h"
#include "base/token.h"
#include "base/utf8.h"

#include <string.h>
#include <strings.h>

#define TEXT_FILE_MAX ((size_t)512 * 1024)
#define ATTACH_MAX    ((size_t)10 * 1024 * 1024) /* of one mail */

/* A mail as it is read: of a Template, of one of its languages, or inline in a step. */
struct draft {
	struct template_text text;
	struct attachment *attach;
	size_t n_attach, attach_bytes;
	struct template_text *languages;
	size_t n_languages;
};

static int read_liquid(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	if (type_prose.read(rd, key, node, into) < 0)
		return -1;
	reader_refer(rd, REF_TEMPLATE, node, key->name);
	return 0;
}

static int read_liquid_line(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	if (type_line.read(rd, key, node, into) < 0)
		return -1;
	reader_refer(rd, REF_TEMPLATE, node, key->name);
	return 0;
}

const struct type type_liquid = { "TEXT", TAKES_TEXT, read_liquid };
const struct type type_liquid_line = { "TEXT", TAKES_TEXT, read_liquid_line };

static int read_file(struct reader *rd, const struct yaml *node, const char *path, struct buf *out)
{
	const struct author_files *files = &rd->author->files;
	struct err err = ERR_INIT;

	if (!files->read)
		return reader_error(rd, node, "'%s' cannot be read here; write the text into the document", path);
	if (files->read(files->ctx, rd->file->name, path, out, &err) < 0)
		return reader_error(rd, node, "%s", err.text);
	return 0;
}

static void drop_carriage_returns(struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->len; i++)
		if (b->s[i] != '\r' || i + 1 == b->len || b->s[i + 1] != '\n')
			b->s[n++] = b->s[i];
	buf_truncate(b, n);
}

/* The scalar becomes what the file says; its places are then those in that file. */
static int read_text_file(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	BUF_AUTO content = BUF_INIT(TEXT_FILE_MAX);
	const char *path, *text;

	if (type_text.read(rd, key, node, &path) < 0 || read_file(rd, node, path, &content) < 0)
		return -1;
	if (content.over)
		return reader_error(rd, node, "'%s' has more than %zu KiB", path, TEXT_FILE_MAX / 1024);
	drop_carriage_returns(&content);
	text = content.s;
	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	if (!utf8_valid(content.s, content.len) || strlen(content.s) != content.len)
		return reader_error(rd, node, "'%s' is no UTF-8 text", path);
	if (!*text)
		return reader_error(rd, node, "'%s' is empty", path);
	reader_rewrite(node, arena_strdup(rd->arena, text));
	node->line = node->column = 0;
	*(const char **)into = node->text;
	reader_refer_file(rd, node, path);
	return 0;
}
static const struct type type_text_file = { "FILE", TAKES_TEXT, read_text_file };

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int attach_file(struct reader *rd, struct draft *d, struct yaml *node, const char *path, struct attachment *ret)
{
	BUF_AUTO content = BUF_INIT(ATTACH_MAX - d->attach_bytes);
	char hash[SHA256_TEXT];

	if (read_file(rd, node, path, &content) < 0)
		return -1;
	if (content.over)
		return reader_error(rd, node, "the files of one mail have more than %zu MiB", ATTACH_MAX >> 20);
	sha256_hex(content.s, content.len, hash);
	d->attach_bytes += content.len;
	*ret = (struct attachment){
		.name = arena_strdup(rd->arena, base_name(path)),
		.sha256 = arena_strdup(rd->arena, hash),
		.data = arena_strndup(rd->arena, content.s, content.len),
		.len = content.len,
	};
	return 0;
}

static const struct key attach_rows[] = {
	{ "name", &type_text, offsetof(struct attachment, name), .flags = KEY_REQUIRED, .about = "what people see" },
	{ "sha256", &type_text, offsetof(struct attachment, sha256), .flags = KEY_REQUIRED, .about = "of what is stored already" },
};
static const struct table attach_table = TABLE("Template.attach", "an attachment", attach_rows,
                                               "what `export` writes; people name a file instead");

static int check_hash(struct reader *rd, const struct yaml *node, const struct attachment *att)
{
	const struct author *au = rd->author;
	struct err err = ERR_INIT;
	int known = 1;

	if (strlen(att->sha256) != SHA256_TEXT - 1 || strspn(att->sha256, "0123456789abcdef") != SHA256_TEXT - 1)
		return reader_error(rd, node, "'sha256' must be 64 hex digits");
	if (au->files.has && !rd->stored)
		known = au->files.has(au->files.ctx, rd->doc->team, att->sha256, &err);
	else if (!rd->stored && !au->validate)
		known = 0;
	if (known < 0)
		return reader_error(rd, node, "%s", err.text);
	return known ? 0 : reader_error(rd, node, "the store has no such content; name the file: attach: [%s]", att->name);
}

static int read_attachment(struct reader *rd, struct draft *d, struct yaml **item)
{
	static const struct key row = { .name = "attach" };
	struct attachment *att = &d->attach[d->n_attach];
	struct yaml *node = *item, *map;
	const char *path;

	if (node->type == YAML_MAP) {
		if (read_map(rd, &attach_table, node, att, NULL) < 0 || check_hash(rd, node, att) < 0)
			return -1;
	} else {
		path = scalar_text(rd, &row, node, false);
		if (!path || attach_file(rd, d, node, path, att) < 0)
			return -1;
		map = yaml_new_map(rd->arena, 2);
		yaml_set_pair(map, 0, yaml_new_text(rd->arena, "name", 4), yaml_new_text(rd->arena, att->name, strlen(att->name)));
		yaml_set_pair(map, 1, yaml_new_text(rd->arena, "sha256", 6), yaml_new_text(rd->arena, att->sha256, SHA256_TEXT - 1));
		*item = map;
	}
	if (!*att->name || strchr(att->name, '/'))
		return reader_error(rd, node, "'%s' cannot be the name of a file", att->name);
	d->n_attach++;
	return 0;
}

static void add_to_document(struct reader *rd, const struct draft *d)
{
	struct attachment *all = arena_array(rd->arena, rd->n_attach + d->n_attach, sizeof *all);

	if (rd->n_attach > 0)
		memcpy(all, rd->attach, rd->n_attach * sizeof *all);
	if (d->n_attach > 0)
		memcpy(all + rd->n_attach, d->attach, d->n_attach * sizeof *all);
	rd->attach = all;
	rd->n_attach += d->n_attach;
}

static int read_attach(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct draft *d = into;
	int r = 0;

	if (node->type != YAML_LIST) {
		struct yaml *item = ARENA_NEW(rd->arena, struct yaml);

		if (yaml_is_empty(node))
			return reader_expected(rd, key, node, "a list of files");
		*item = *node;
		*node = (struct yaml){ .type = YAML_LIST, .line = item->line, .column = item->column, .n = 1 };
		node->items = arena_array(rd->arena, 1, sizeof(struct yaml *));
		node->items[0] = item;
	}
	d->attach = arena_array(rd->arena, node->n, sizeof *d->attach);
	for (size_t i = 0; i < node->n; i++)
		if (read_attachment(rd, d, &node->items[i]) < 0)
			r = -1;
	add_to_document(rd, d);
	return r;
}
static const struct type type_attach = { "[FILE, ..]", TAKES_TEXT | TAKES_LIST | TAKES_MAPS, read_attach };

#define DRAFT(field) .offset = offsetof(struct draft, field)
#define TEXT_ROWS                                                                                              \
	{ "subject", &type_liquid_line, DRAFT(text.subject), .about = "Liquid" },                                  \
	{ "text", &type_liquid, DRAFT(text.text), .about = "the plain text; without it: made from the HTML" },     \
	{ "html", &type_liquid, DRAFT(text.html), .about = "the HTML; without it: text only" }
#define FILE_ROWS                                                                                              \
	{ "text_file", &type_text_file, DRAFT(text.text), .flags = KEY_REPLACED, .about = "the text, in a file" }, \
	{ "html_file", &type_text_file, DRAFT(text.html), .flags = KEY_REPLACED, .about = "the HTML, in a file" }
#define ATTACH_ROW { "attach", &type_attach, .table = &attach_table, .about = "files that go with it" }

static const struct key language_rows[] = { TEXT_ROWS, FILE_ROWS };
static const struct table language_table = TABLE("Template.languages", "a language", language_rows,
                                                 "the mail in another language; what is left out is the top level's");

static const struct key mail_rows[] = { TEXT_ROWS, ATTACH_ROW };
const struct table mail_table = TABLE("mail", "an inline mail", mail_rows, "a mail that stands in its step");

static int read_language(struct reader *rd, struct yaml_pair *pair, struct template_text *ret)
{
	struct draft d = { 0 };

	if (!language_valid(pair->key->text))
		return reader_error(rd, pair->key, "'%s' is no language; write de, de-AT or the like", pair->key->text);
	if (pair->value->type != YAML_MAP)
		return reader_error(rd, pair->value, "'%s' must be a map with subject, text, html", pair->key->text);
	if (pair->value->n == 0)
		return reader_error(rd, pair->value, "'%s' is empty", pair->key->text);
	if (read_map(rd, &language_table, pair->value, &d, NULL) < 0)
		return -1;
	*ret = d.text;
	ret->language = pair->key->text;
	return 0;
}

static int read_languages(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct draft *d = into;
	int r = 0;

	if (node->type != YAML_MAP)
		return reader_expected(rd, key, node, "a map of languages");
	d->languages = arena_array(rd->arena, node->n, sizeof *d->languages);
	for (size_t i = 0; i < node->n; i++) {
		for (size_t j = 0; j < i; j++)
			if (strcasecmp(node->pairs[i].key->text, node->pairs[j].key->text) == 0)
				r = reader_error(rd, node->pairs[i].key, "'%s' is here twice", node->pairs[i].key->text);
		if (read_language(rd, &node->pairs[i], &d->languages[d->n_languages]) < 0)
			r = -1;
		else
			d->n_languages++;
	}
	return r;
}
static const struct type type_languages = { "{LANGUAGE: map, ..}", TAKES_KEYED, read_languages };

static const struct key rows[] = {
	HEADER_ROWS,
	TEAM_ROW,
	TEXT_ROWS,
	FILE_ROWS,
	LATER("sms", "the text of an `sms` step"),
	ATTACH_ROW,
	{ "languages", &type_languages, .table = &language_table, .about = "the same in other languages" },
};
const struct table template_table = TABLE("Template", "a Template", rows, "subject, text and HTML with placeholders");

static void build(struct reader *rd, const struct draft *d, struct template *ret)
{
	ret->texts = arena_array(rd->arena, d->n_languages + 1, sizeof *ret->texts);
	ret->texts[0] = d->text;
	if (d->n_languages > 0)
		memcpy(ret->texts + 1, d->languages, d->n_languages * sizeof *ret->texts);
	ret->n_texts = d->n_languages + 1;
	ret->attach = d->attach;
	ret->n_attach = d->n_attach;
}

int mail_read(struct reader *rd, const struct table *table, struct yaml *node, struct template *ret)
{
	struct draft d = { 0 };
	uint64_t seen, body = seen_bit(table, "text") | seen_bit(table, "html");
	int r = read_map(rd, table, node, &d, &seen);

	if (table_find(table, "text_file"))
		body |= seen_bit(table, "text_file") | seen_bit(table, "html_file");
	if (!(seen & seen_bit(table, "subject")) && !node->broken)
		r = reader_error(rd, node, "%s needs 'subject'", table->noun);
	if (!(seen & body) && !node->broken)
		r = reader_error(rd, node, "%s needs 'text' or 'html'", table->noun);
	build(rd, &d, ret);
	return r;
}

int template_read(struct reader *rd, struct yaml *node)
{
	struct template *t = ARENA_NEW(rd->arena, struct template);

	t->name = rd->doc->name;
	rd->doc->template = t;
	return mail_read(rd, &template_table, node, t);
}
