#include "store/contact_fields_private.h"

#include "store/contact_store.h"
#include "store/stmt_private.h"
#include "store/word_private.h"

#include <stdlib.h>
#include <string.h>

static void write_escaped(struct buf *b, const char *text)
{
	size_t n;

	while (text[n = strcspn(text, "\\\n")]) {
		buf_add(b, text, n);
		buf_adds(b, text[n] == '\n' ? "\\n" : "\\\\");
		text += n + 1;
	}
	buf_add(b, text, n);
}

/* To the base of 26, as most contacts have few fields: the last letter is a capital one, and the value follows at once. */
static void write_number(struct buf *b, int64_t n)
{
	char letters[16];
	size_t i = sizeof letters;

	letters[--i] = (char)('A' + n % 26);
	while ((n /= 26) > 0)
		letters[--i] = (char)('a' + n % 26);
	buf_add(b, letters + i, sizeof letters - i);
}

/* Behind the number, which is *ret; NULL when it is none. */
static char *read_number(char *line, int64_t *ret)
{
	int64_t n = 0;

	for (; *line >= 'a' && *line <= 'z' && n <= INT64_MAX / 100; line++)
		n = n * 26 + (*line - 'a');
	*ret = n * 26 + (*line - 'A');
	return *line >= 'A' && *line <= 'Z' ? line + 1 : NULL;
}

static void begin_line(struct buf *b)
{
	if (b->len > 0)
		buf_addc(b, '\n');
}

int contact_fields_write(struct db *db, const struct contact *c, struct buf *b, struct err *err)
{
	int64_t number;

	for (size_t i = 0; i < c->n_values; i++) {
		if (word_number(db, c->values[i].name, &number, err) < 0)
			return -1;
		begin_line(b);
		write_number(b, number);
		write_escaped(b, c->values[i].value);
	}
	for (size_t i = 0; i < c->tags.n; i++) {
		begin_line(b);
		buf_addc(b, '#');
		write_escaped(b, c->tags.v[i]);
	}
	if (b->over)
		return err_set(err, ERR_INVALID, "the fields of a contact are too long");
	return 0;
}

static void unescape(char *text)
{
	char *to = strchr(text, '\\');

	for (const char *from = to; from && *from; from++) {
		bool escaped = *from == '\\' && from[1];

		if (escaped)
			from++;
		*to++ = escaped && *from == 'n' ? '\n' : *from;
	}
	if (to)
		*to = '\0';
}

static size_t count_lines(const char *text)
{
	size_t n = *text ? 1 : 0;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		n++;
	return n;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct contact_value *)a)->name, ((const struct contact_value *)b)->name);
}

static int read_line(struct db *db, char *line, struct contact *c, struct err *err)
{
	struct contact_value *v = &c->values[c->n_values];
	char *value;
	int64_t number;

	if (*line == '#') {
		unescape(line + 1);
		c->tags.v[c->tags.n++] = line + 1;
		return 0;
	}
	value = read_number(line, &number);
	if (!value)
		return err_set(err, ERR_CONFIG, "the fields of contact %lld are damaged", (long long)c->id);
	unescape(value);
	v->value = value;
	c->n_values++;
	return word_text(db, number, &v->name, err);
}

int contact_fields_read(struct db *db, char *text, struct arena *a, struct contact *c, struct err *err)
{
	size_t n = count_lines(text);

	c->values = arena_array(a, n + 1, sizeof *c->values);
	c->tags.v = arena_array(a, n + 1, sizeof *c->tags.v);
	for (char *line = n ? text : NULL, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (read_line(db, line, c, err) < 0)
			return -1;
	}
	qsort(c->values, c->n_values, sizeof *c->values, by_name);
	return 0;
}

/* Only values and tags of a contact that is there: 1, 0 there is none, -1. */
static int load(struct db *db, int64_t team, int64_t contact, struct arena *a, struct contact *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT fields FROM contact WHERE id = $1 AND team = $2");
	char *text;
	int got;

	*ret = (struct contact){ .id = contact, .team = team };
	stmt_bind(&st, 1, contact);
	stmt_bind(&st, 2, team);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	text = stmt_own_text(&st, a);
	return stmt_last(&st, err) < 0 || contact_fields_read(db, text, a, ret, err) < 0 ? -1 : 1;
}

static int save(struct db *db, int64_t team, const struct contact *c, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "UPDATE contact SET fields = $3 WHERE id = $1 AND team = $2");
	BUF_AUTO fields = BUF_INIT(FIELDS_MAX);

	if (contact_fields_write(db, c, &fields, err) < 0)
		return -1;
	stmt_bind(&st, 1, c->id);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, fields.len ? fields.s : "");
	return stmt_run(&st, err);
}

int contact_set_value(struct db *db, int64_t team, int64_t contact, const char *name, const char *value,
                      struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct contact c;
	const char *old;
	int got = load(db, team, contact, &a, &c, err);

	if (got <= 0)
		return got;
	old = contact_get(&c, name);
	if (strcmp(old ? old : "", value) == 0)
		return 0;
	contact_put(&c, &a, name, value);
	return save(db, team, &c, err);
}

int tag_insert(struct db *db, int64_t team, int64_t contact, const char *tag, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO tag_contact (team, tag, contact) VALUES ($1, $2, $3)"
	                                " ON CONFLICT (team, tag, contact) DO NOTHING");

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, tag);
	stmt_bind(&st, 3, contact);
	return stmt_run(&st, err);
}

int contact_add_tag(struct db *db, int64_t team, int64_t contact, const char *tag, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct contact c;
	int got = load(db, team, contact, &a, &c, err);

	if (got <= 0 || contact_has_tag(&c, tag))
		return got < 0 ? -1 : 0;
	contact_tag(&c, &a, tag);
	if (tag_insert(db, team, contact, tag, err) < 0)
		return -1;
	return save(db, team, &c, err);
}

int contact_remove_tag(struct db *db, int64_t team, int64_t contact, const char *tag, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "DELETE FROM tag_contact WHERE team = $1 AND tag = $2 AND contact = $3");
	ARENA_AUTO a = { 0 };
	struct contact c;
	int got = load(db, team, contact, &a, &c, err);

	if (got <= 0 || !contact_has_tag(&c, tag))
		return got < 0 ? -1 : 0;
	contact_untag(&c, tag);
	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, tag);
	stmt_bind(&st, 3, contact);
	if (stmt_run(&st, err) < 0)
		return -1;
	return save(db, team, &c, err);
}

int contact_remove_tags(struct db *db, int64_t team, int64_t contact, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct contact c;
	int got = load(db, team, contact, &a, &c, err);

	for (size_t i = 0; got > 0 && i < c.tags.n; i++)
		if (contact_remove_tag(db, team, contact, c.tags.v[i], err) < 0)
			return -1;
	return got < 0 ? -1 : 0;
}
