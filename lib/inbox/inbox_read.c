#include "inbox/inbox_read.h"

#include "base/buf.h"
#include "engine/premises.h"
#include "engine/secret.h"
#include "model/mailbox.h"
#include "model/team.h"
#include "store/inbox_store.h"
#include "transport/imap.h"
#include "transport/mailfile.h"
#include "transport/mbox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of an account that was never read, or whose numbers are others now, only mail of the last days is looked at. */
#define LOOK_BACK_S (7 * DAY_SECONDS)

/*
 * Mails of a folder or file are known by a mark each. It is written again when the mail is met after this time, so that
 * marks that were not are those of mails that have gone, which are forgotten.
 */
#define MARK_S (30 * DAY_SECONDS)

/* One place of one mailbox, in work. */
struct reading {
	struct engine *e;
	struct inbox in;
	const struct mailbox *mb; /* with whole paths */
	struct arena *a;
	struct inbox_place place;
	struct inbox_count *count;
	const char **met; /* names of mails whose mark is old */
	size_t n_met, cap_met;
};

/* Takes a mail: in one transaction with the mark that it was read. name: NULL when it has a number. */
static int take(struct reading *rd, const struct buf *mail, const char *name, enum inbox_result *ret, struct err *err)
{
	TXN_AUTO txn = TXN_INIT;
	int got = txn_begin(&txn, rd->e->db, err);

	if (got == 0)
		got = engine_refresh(rd->e, err);
	if (got == 0)
		got = inbox_take(rd->e, &rd->in, mail->s, mail->len, err);
	if (got < 0)
		return -1;
	*ret = (enum inbox_result)got;
	if (name ? inbox_set_seen(rd->e->db, rd->in.team, rd->place.mailbox, name, rd->e->now, err) < 0
	         : inbox_save(rd->e->db, rd->in.team, &rd->place, err) < 0)
		return -1;
	if (txn_commit(&txn, err) < 0)
		return -1;
	rd->count->mails++;
	rd->count->results[got]++;
	return 0;
}

/* Was a mail of this name read? 1, 0, -1. */
static int meet(struct reading *rd, const char *name, struct err *err)
{
	int64_t at = 0;
	int got = inbox_seen(rd->e->db, rd->in.team, rd->place.mailbox, name, &at, err);

	if (got > 0 && at < rd->e->now - MARK_S) {
		ARENA_GROW(rd->a, &rd->met, &rd->cap_met, rd->n_met);
		rd->met[rd->n_met++] = arena_strdup(rd->a, name);
	}
	return got;
}

/* The whole folder or file was looked through. */
static int refresh_marks(struct reading *rd, struct err *err)
{
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, rd->e->db, err) < 0)
		return -1;
	for (size_t i = 0; i < rd->n_met; i++)
		if (inbox_set_seen(rd->e->db, rd->in.team, rd->place.mailbox, rd->met[i], rd->e->now, err) < 0)
			return -1;
	if (inbox_forget_seen(rd->e->db, rd->in.team, rd->place.mailbox, rd->e->now - MARK_S, err) < 0)
		return -1;
	return txn_commit(&txn, err);
}

static int save_place(struct reading *rd, struct err *err)
{
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, rd->e->db, err) < 0 || inbox_save(rd->e->db, rd->in.team, &rd->place, err) < 0)
		return -1;
	return txn_commit(&txn, err);
}

static int place_done(struct reading *rd, struct err *err)
{
	rd->place.read_at = rd->e->now;
	rd->place.failing_since = 0;
	rd->place.problem = "";
	return save_place(rd, err);
}

static int load_place(struct reading *rd, const char *name, struct err *err)
{
	return err_or_none(inbox_load(rd->e->db, rd->in.team, rd->in.mailbox->name, name, rd->a, &rd->place, err));
}

/* One of a Maildir: it may have been read before, or be gone by now. */
static int take_of_maildir(struct reading *rd, const char *path, const char *name, struct err *err)
{
	BUF_AUTO mail = BUF_INIT(MAILFILE_MAX + 16384);
	enum inbox_result ignored;
	int got = meet(rd, name, err);

	if (got != 0)
		return err_or_none(got);
	got = mailfile_read(path, &mail, err);
	return got <= 0 ? got : take(rd, &mail, name, &ignored, err);
}

static int look_through_maildir(struct reading *rd, struct err *err)
{
	struct mailfile_list list;

	if (maildir_list(rd->mb->inbox.path, rd->a, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.n; i++)
		if (take_of_maildir(rd, list.paths[i], list.names[i], err) < 0)
			return -1;
	return 0;
}

static int take_of_mbox(void *ctx, const char *text, size_t len, struct err *err)
{
	BUF_AUTO mail = BUF_INIT(MAILFILE_MAX);
	struct reading *rd = ctx;
	enum inbox_result ignored;
	char name[SHA256_TEXT];
	int got;

	sha256_hex(text, len, name);
	got = meet(rd, name, err);
	if (got != 0)
		return err_or_none(got);
	buf_add(&mail, text, len);
	return take(rd, &mail, name, &ignored, err);
}

static int look_through_mbox(struct reading *rd, struct err *err)
{
	return mbox_each(rd->mb->inbox.path, take_of_mbox, rd, err);
}

/* What is read whole, when its stamp says that it has changed. */
struct local_inbox {
	const char *place, *called;
	int (*stamp)(const char *path, char ret[MAILFILE_STAMP], struct err *err);
	int (*look_through)(struct reading *rd, struct err *err);
};

static int read_local(struct reading *rd, const struct local_inbox *in, struct err *err)
{
	const char *path = rd->mb->inbox.path;
	char stamp[MAILFILE_STAMP];
	int got = load_place(rd, in->place, err) < 0 ? -1 : in->stamp(path, stamp, err);

	if (got <= 0)
		return got < 0 ? -1 : err_set(err, ERR_CONFIG, "there is no %s %s", in->called, path);
	if (strcmp(stamp, rd->place.stamp) != 0 && (in->look_through(rd, err) < 0 || refresh_marks(rd, err) < 0))
		return -1;
	rd->place.stamp = arena_strdup(rd->a, stamp);
	return place_done(rd, err);
}

/* What became something is done; anything else is kept, because nobody else has it. */
static int dispose(const struct reading *rd, const char *path, const char *name, enum inbox_result how, struct err *err)
{
	const char *kept, *folder;

	if (how != INBOX_OTHER && how != INBOX_UNMATCHED) {
		return unlink(path) < 0 ? err_errno(err, ERR_IO, "%s", path) : 0;
	}
	folder = arena_printf(rd->a, "%.*skept", (int)(strrchr(path, '/') - path) + 1, path);
	kept = arena_printf(rd->a, "%s/%s", folder, name);
	(void)mkdir(folder, 0700); /* where it is not, and cannot be made, nothing can be moved */
	if (rename(path, kept) < 0)
		return err_errno(err, ERR_IO, "%s", kept);
	return 0;
}

static int take_of_drop(struct reading *rd, const char *path, const char *name, struct err *err)
{
	BUF_AUTO mail = BUF_INIT(MAILFILE_MAX + 16384);
	enum inbox_result how;
	int got = mailfile_read(path, &mail, err);

	if (got <= 0) /* the folder of what is kept is no mail */
		return got;
	return take(rd, &mail, name, &how, err) < 0 ? -1 : dispose(rd, path, name, how, err);
}

/* Files are DB.drop/TEAM/MAILBOX/NAME. */
static int read_drop(struct reading *rd, const struct team *team, struct err *err)
{
	const char *folder = arena_printf(rd->a, "%s" DROP_SUFFIX "/%s/%s", db_path(rd->e->db), team->name,
	                                  rd->in.mailbox->name);
	struct mailfile_list list;

	if (load_place(rd, "drop", err) < 0 || mailfile_list(folder, rd->a, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.n; i++)
		if (take_of_drop(rd, list.paths[i], list.names[i], err) < 0)
			return -1;
	if (list.n > 0 && refresh_marks(rd, err) < 0)
		return -1;
	return place_done(rd, err);
}

static int read_folder(struct reading *rd, struct imap *m, const char *folder, struct err *err)
{
	int64_t validity, *uids = NULL, since = 0;
	int n, got;

	if (load_place(rd, folder, err) < 0 || imap_examine(m, folder, &validity, err) < 0)
		return err_prefix(err, "folder '%s'", folder);
	if (validity != rd->place.validity) {
		rd->place.validity = validity;
		rd->place.last_uid = 0;
	}
	if (rd->place.last_uid == 0)
		since = (rd->place.read_at ? rd->place.read_at : rd->e->now) - LOOK_BACK_S;
	n = got = imap_search(m, rd->place.last_uid, since, &uids, err);
	for (int i = 0; i < n && got >= 0; i++) {
		BUF_AUTO mail = BUF_INIT(MAILFILE_MAX);
		enum inbox_result ignored;

		got = imap_fetch(m, uids[i], MAILFILE_MAX, &mail, err);
		rd->place.last_uid = got < 0 ? rd->place.last_uid : uids[i];
		if (got > 0)
			got = take(rd, &mail, NULL, &ignored, err);
	}
	free(uids);
	return got < 0 ? -1 : place_done(rd, err);
}

static int open_imap(struct reading *rd, struct imap **ret, struct err *err)
{
	const struct mailbox_login *l = &rd->mb->inbox.imap;
	struct imap_config config = { .url = l->url, .user = l->user, .ca_file = l->ca_file, .tls = !l->tls_none };
	BUF_AUTO secret = BUF_INIT(4096);
	int got = secret_read(l, &secret, err);

	if (got >= 0) {
		if (l->token_command)
			config.token = secret.s;
		else
			config.password = secret.s;
		got = imap_open(&config, ret, err);
	}
	secret_wipe(&secret);
	return got;
}

static int read_imap(struct reading *rd, struct err *err)
{
	struct imap *m = NULL;
	int got = load_place(rd, "INBOX", err);

	if (got == 0)
		got = open_imap(rd, &m, err);
	if (got == 0)
		got = read_folder(rd, m, "INBOX", err);
	if (got == 0 && rd->mb->inbox.sent)
		got = read_folder(rd, m, rd->mb->inbox.sent, err);
	imap_close(m);
	return got;
}

static int read_place(struct reading *rd, const struct team *team, struct err *err)
{
	static const struct local_inbox maildir = { "maildir", "Maildir", maildir_stamp, look_through_maildir };
	static const struct local_inbox mbox = { "mbox", "file", mbox_stamp, look_through_mbox };

	switch (rd->mb->inbox.kind) {
	case INBOX_IMAP:
		return read_imap(rd, err);
	case INBOX_MAILDIR:
		return read_local(rd, &maildir, err);
	case INBOX_MBOX:
		return read_local(rd, &mbox, err);
	case INBOX_DROP:
		return read_drop(rd, team, err);
	case INBOX_NONE:
		return 0;
	}
	BUG("inbox kind %d", (int)rd->mb->inbox.kind);
}

/* What is wrong stays visible until it works again. */
static void note_failure(struct reading *rd, const struct err *why)
{
	struct err ignored = ERR_INIT;

	rd->count->again = rd->place.place && rd->place.failing_since != 0;
	if (!rd->place.place)
		return;
	if (rd->place.failing_since == 0)
		rd->place.failing_since = rd->e->now;
	rd->place.problem = why->text;
	(void)!save_place(rd, &ignored);
}

int inbox_read(struct engine *e, const struct world *w, const struct mailbox *mb, const struct token_key *key,
               struct inbox_count *count, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct reading rd = { .e = e, .in = { world_team(w)->id, mb, key }, .a = &a, .count = count };
	const char *problem = NULL;

	count->again = false;
	rd.mb = rd.in.mailbox = premises_of_mailbox(e, world_team(w), mb, &a, &problem);
	if (!rd.mb)
		return err_set(err, ERR_CONFIG, "%s", problem);
	if (read_place(&rd, world_team(w), err) == 0)
		return 0;
	if (err->kind != ERR_BUSY && err->kind != ERR_BUG)
		note_failure(&rd, err);
	return -1;
}
