#include "store/word_private.h"

#include "base/buf.h"
#include "store/db_private.h"
#include "store/stmt_private.h"

#include <string.h>

#define KEY_MAX ((size_t)1 << 20)

/* As a handle remembers it: the parts one after the other, each with a line feed, which none of them has. */
static const char *key_of(const struct occasion *o, struct buf *b)
{
	const char *const parts[] = { o->type, o->actor, o->source };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		buf_adds(b, parts[i]);
		buf_addc(b, '\n');
	}
	for (int left = o->depth; left > 0; left--) /* 16 at most */
		buf_addc(b, '+');
	return b->s;
}

static const char *next_part(const char **at, struct arena *a)
{
	const char *part = *at, *end = strchr(part, '\n');

	if (!end)
		BUG("occasion %s", part);
	*at = end + 1;
	return arena_strndup(a, part, (size_t)(end - part));
}

static int find(struct db *db, const struct occasion *o, int64_t *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT id FROM occasion WHERE type = $1 AND actor = $2 AND source = $3 AND depth = $4");
	int got;

	stmt_bind(&st, 1, o->type);
	stmt_bind(&st, 2, o->actor);
	stmt_bind(&st, 3, o->source);
	stmt_bind(&st, 4, o->depth);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	*ret = stmt_int(&st);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

/* Numbers follow each other, because small ones take less room. */
static int insert(struct db *db, const struct occasion *o, int64_t *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO occasion (id, type, actor, source, depth)"
	                                " SELECT COALESCE(max(id), 0) + 1, $1, $2, $3, $4 FROM occasion RETURNING id");

	stmt_bind(&st, 1, o->type);
	stmt_bind(&st, 2, o->actor);
	stmt_bind(&st, 3, o->source);
	stmt_bind(&st, 4, o->depth);
	if (stmt_step(&st, err) < 0)
		return -1;
	*ret = stmt_int(&st);
	return stmt_last(&st, err);
}

int occasion_number(struct db *db, const struct occasion *o, int64_t *ret, struct err *err)
{
	BUF_AUTO b = BUF_INIT(KEY_MAX);
	const char *key = key_of(o, &b);
	int got;

	*ret = words_number(&db->occasions, key);
	if (*ret)
		return 0;
	got = find(db, o, ret, err);
	if (got < 0 || (got == 0 && insert(db, o, ret, err) < 0))
		return -1;
	words_add(&db->occasions, *ret, key);
	return 0;
}

/* From the file into what the handle remembers. */
static int look_up(struct db *db, int64_t number, const char **ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT type, actor, source, depth FROM occasion WHERE id = $1");
	BUF_AUTO b = BUF_INIT(KEY_MAX);
	ARENA_AUTO a = { 0 };
	struct occasion o;
	int got;

	stmt_bind(&st, 1, number);
	got = stmt_step(&st, err);
	if (got == 0)
		return err_set(err, ERR_CONFIG, "%s is damaged: there is no occasion %lld", db->path, (long long)number);
	if (got < 0)
		return -1;
	o.type = stmt_text(&st, &a);
	o.actor = stmt_text(&st, &a);
	o.source = stmt_text(&st, &a);
	o.depth = (int)stmt_int(&st);
	*ret = words_add(&db->occasions, number, key_of(&o, &b));
	return stmt_last(&st, err);
}

int occasion_load(struct db *db, int64_t number, struct arena *a, struct occasion *ret, struct err *err)
{
	const char *key = words_text(&db->occasions, number);

	if (!key && look_up(db, number, &key, err) < 0)
		return -1;
	ret->type = next_part(&key, a);
	ret->actor = next_part(&key, a);
	ret->source = next_part(&key, a);
	ret->depth = (int)strlen(key);
	return 0;
}
