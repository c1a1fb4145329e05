#include "store/stencil_private.h"

#include "base/buf.h"
#include "base/packed.h"
#include "base/token.h"
#include "store/db_private.h"
#include "store/stmt_private.h"

#include <inttypes.h>
#include <string.h>

/* Are these texts, one behind the other, what the stencil has? */
static bool is_of(const struct stencil *s, const char *const *texts, size_t n)
{
	size_t left;
	const char *at = packer_dictionary(s->packer, &left);
	bool was_cut = left == STENCIL_MAX;

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(texts[i]);

		if (len > left && was_cut)
			len = left;
		if (len > left || memcmp(at, texts[i], len) != 0)
			return false;
		at += len;
		left -= len;
	}
	return left == 0;
}

static void drop(struct stencil *s)
{
	packer_free(s->packer);
	*s = (struct stencil){ 0 };
}

/* After a rollback, when a number that was given may mean something else; when the file is closed. */
static void forget(struct db *db)
{
	for (size_t i = 0; i < STENCILS; i++)
		drop(&db->stencils[i]);
}

/* The oldest place is given away. */
static struct stencil *remember(struct db *db, int64_t team, int64_t id, const void *text, size_t len)
{
	struct stencil *s = &db->stencils[db->n_stencils++ % STENCILS];

	db->forget_stencils = forget;
	drop(s);
	*s = (struct stencil){ .id = id, .team = team, .packer = packer_new(text, len) };
	return s;
}

static struct stencil *find_text(struct db *db, int64_t team, const char *const *texts, size_t n)
{
	for (size_t i = 0; i < STENCILS; i++)
		if (db->stencils[i].packer && db->stencils[i].team == team && is_of(&db->stencils[i], texts, n))
			return &db->stencils[i];
	return NULL;
}

static struct stencil *find_id(struct db *db, int64_t team, int64_t id)
{
	for (size_t i = 0; i < STENCILS; i++)
		if (db->stencils[i].packer && db->stencils[i].id == id && db->stencils[i].team == team)
			return &db->stencils[i];
	return NULL;
}

static int insert(struct db *db, int64_t team, const char *digest, const struct buf *text, int64_t *ret_id, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO stencil (id, team, digest, content) VALUES ($1, $2, $3, $4)");

	if (db_new_id(db, "stencil", ret_id, err) < 0)
		return -1;
	stmt_bind(&st, 1, *ret_id);
	stmt_bind(&st, 2, team);
	stmt_bind(&st, 3, digest);
	stmt_bind_bytes(&st, 4, text->s, text->len);
	return stmt_run(&st, err) < 0 ? -1 : 0;
}

static int find_digest(struct db *db, int64_t team, const char *digest, int64_t *ret_id, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT id FROM stencil WHERE team = $1 AND digest = $2");
	int got;

	stmt_bind(&st, 1, team);
	stmt_bind(&st, 2, digest);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	*ret_id = stmt_int(&st);
	return stmt_last(&st, err) < 0 ? -1 : 1;
}

static int find_or_insert(struct db *db, int64_t team, const struct buf *text, int64_t *ret_id, struct err *err)
{
	char digest[SHA256_TEXT];
	int got;

	sha256_hex(text->s, text->len, digest);
	got = find_digest(db, team, digest, ret_id, err);
	return got != 0 ? got : insert(db, team, digest, text, ret_id, err);
}

static struct stencil *make(struct db *db, int64_t team, const char *const *texts, size_t n, struct err *err)
{
	BUF_AUTO text = BUF_INIT(STENCIL_MAX);
	int64_t id = STENCIL_NONE;

	for (size_t i = 0; i < n; i++)
		buf_add(&text, texts[i], strnlen(texts[i], STENCIL_MAX - text.len));
	if (n > 0 && find_or_insert(db, team, &text, &id, err) < 0)
		return NULL;
	return remember(db, team, id, text.s, text.len);
}

int stencil_of(struct db *db, int64_t team, const char *const *texts, size_t n, int64_t *ret_id, struct packer **ret,
               struct err *err)
{
	struct stencil *s = find_text(db, team, texts, n);

	if (!s)
		s = make(db, team, texts, n, err);
	if (!s)
		return -1;
	*ret_id = s->id;
	*ret = s->packer;
	return 0;
}

static struct stencil *load(struct db *db, int64_t team, int64_t id, struct err *err)
{
	ARENA_AUTO a = { 0 };
	STMT_AUTO st = stmt_prepare(db, "SELECT content FROM stencil WHERE id = $1 AND team = $2");
	const void *text;
	size_t len;
	int got;

	stmt_bind(&st, 1, id);
	stmt_bind(&st, 2, team);
	got = stmt_step(&st, err);
	if (got == 0)
		err_set(err, ERR_CONFIG, "%s is damaged: what its mails have in common is gone (%" PRId64 ")", db_path(db), id);
	if (got <= 0)
		return NULL;
	text = stmt_bytes(&st, &a, &len);
	return stmt_last(&st, err) < 0 ? NULL : remember(db, team, id, text, len);
}

int stencil_load(struct db *db, int64_t team, int64_t id, struct packer **ret, struct err *err)
{
	struct stencil *s = find_id(db, team, id);

	if (!s)
		s = id == STENCIL_NONE ? remember(db, team, id, "", 0) : load(db, team, id, err);
	if (!s)
		return -1;
	*ret = s->packer;
	return 0;
}
