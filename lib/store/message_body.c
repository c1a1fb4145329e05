#include "store/message_body_private.h"

#include "base/packed.h"
#include "store/stencil_private.h"

#include <inttypes.h>
#include <string.h>

#define CONTENT_MAX ((size_t)64 << 20)
#define PARTS       4

/* The empty stencil and one that a row has are there already; a new mail says what it shares. */
static int find_stencil(struct db *db, int64_t team, const struct message *m, int64_t *ret_id, struct packer **ret,
                        struct err *err)
{
	if (m->n_shared > 0)
		return stencil_of(db, team, m->shared, m->n_shared, ret_id, ret, err);
	*ret_id = m->stencil;
	return stencil_load(db, team, m->stencil, ret, err);
}

static int pack(struct db *db, int64_t team, const struct message *m, int64_t *ret_stencil, struct buf *ret, struct err *err)
{
	const char *parts[PARTS] = { m->text, m->html, m->headers, m->attachments ? m->attachments : "" };
	BUF_AUTO content = BUF_INIT(CONTENT_MAX);
	struct packer *p;

	if (find_stencil(db, team, m, ret_stencil, &p, err) < 0)
		return -1;
	for (size_t i = 0; i < PARTS; i++)
		buf_add(&content, parts[i], strlen(parts[i]) + 1);
	packer_pack(p, content.s, content.len, ret);
	return content.over || ret->over ? err_set(err, ERR_INVALID, "the mail is longer than 64 MB") : 0;
}

static int run(struct stmt *st, int64_t team, const struct message *m, struct err *err)
{
	BUF_AUTO packed = BUF_INIT(CONTENT_MAX);
	int64_t stencil;

	if (pack(st->db, team, m, &stencil, &packed, err) < 0)
		return -1;
	stmt_bind(st, 1, m->id);
	stmt_bind(st, 2, team);
	stmt_bind(st, 3, stencil);
	stmt_bind_bytes(st, 4, packed.s, packed.len);
	return stmt_run(st, err);
}

static int update(struct db *db, int64_t team, const struct message *m, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "UPDATE message_body SET stencil = $3, content = $4 WHERE message = $1 AND team = $2");

	return run(&st, team, m, err);
}

int body_insert(struct db *db, int64_t team, const struct message *m, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO message_body (message, team, stencil, content) VALUES ($1, $2, $3, $4)");

	return run(&st, team, m, err) < 0 ? -1 : 0;
}

int body_store(struct db *db, int64_t team, const struct message *m, struct err *err)
{
	int changed = update(db, team, m, err);

	return changed < 0 ? -1 : changed > 0 ? 0 : body_insert(db, team, m, err);
}

/* Each of the parts ends with a NUL, the last one too. */
static int split(const char *content, size_t len, const char *parts[PARTS])
{
	const char *end = content + len;

	for (size_t i = 0; i < PARTS; i++) {
		parts[i] = content;
		content = content < end ? memchr(content, '\0', (size_t)(end - content)) : NULL;
		if (!content++)
			return -1;
	}
	return content == end ? 0 : -1;
}

static int unpack(struct db *db, const struct message *m, const void *packed, size_t len, struct arena *a,
                  const char *parts[PARTS], struct err *err)
{
	struct packer *p;
	const char *content;

	if (stencil_load(db, m->team, m->stencil, &p, err) < 0)
		return -1;
	if (packer_unpack(p, packed, len, CONTENT_MAX, a, &content, &len, err) < 0 || split(content, len, parts) < 0)
		return err_set(err, ERR_CONFIG,
		               "%s is damaged: the content of mail %" PRId64 " cannot be read; bring a backup back: pipectl restore",
		               db_path(db), m->id);
	return 0;
}

int body_read(struct stmt *st, struct arena *a, struct message *ret, struct err *err)
{
	const char *parts[PARTS] = { "", "", "", "" };
	const void *packed;
	size_t len;

	ret->stencil = stmt_int(st);
	packed = stmt_bytes(st, a, &len);
	if (len > 0 && unpack(st->db, ret, packed, len, a, parts, err) < 0)
		return -1;
	ret->text = parts[0];
	ret->html = parts[1];
	ret->headers = parts[2];
	ret->attachments = parts[3];
	return 0;
}
