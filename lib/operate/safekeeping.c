#include "operate/safekeeping.h"

#include "base/buf.h"
#include "base/clock.h"
#include "engine/guard.h"
#include "engine/hold.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define META_MADE  "backup.at"    /* in a backup: when it was made */
#define META_FINAL "backup.final" /* in a backup: the database that it is of sends no more */

int safekeep_lock(const char *db_path, struct guard *ret, struct err *err)
{
	int got = guard_lock(db_path, ret, err);

	return got == 0 ? err_set(err, ERR_BUSY, "a tick is at work on %s; try again", db_path) : err_or_none(got);
}

static int lock_ticks(const char *db_path, int *ret_fd, struct err *err)
{
	struct guard g;

	if (safekeep_lock(db_path, &g, err) < 0)
		return -1;
	*ret_fd = g.fd;
	return 0;
}

static void unlock_ticks(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* What a copy has to know of itself. It is closed afterwards, and one file again. */
static int mark_copy(const char *path, int64_t now, bool final, struct err *err)
{
	struct db *db;
	char at[24];
	int got = -1;

	snprintf(at, sizeof at, "%" PRId64, now);
	if (db_open(path, DB_WRITE, &db, err) < 0)
		return -1;
	{
		TXN_AUTO txn = TXN_INIT;

		if (txn_begin(&txn, db, err) == 0 && meta_set(db, META_MADE, at, err) == 0 &&
		    (!final || meta_set(db, META_FINAL, "1", err) == 0))
			got = txn_commit(&txn, err);
	}
	db_close(db);
	return got;
}

static int copy_and_mark(struct engine *e, const char *target, struct err *err)
{
	if (db_verify(e->db, err) < 0 || db_backup(e->db, target, err) < 0)
		return -1;
	if (mark_copy(target, e->now, false, err) == 0)
		return 0;
	unlink(target);
	return -1;
}

static int set_final(struct engine *e, struct db *writer, struct err *err)
{
	char when[INSTANT_TEXT];
	BUF_AUTO why = BUF_INIT(8192);

	clock_format_utc(e->now, when);
	buf_addf(&why, "this database was handed over by 'pipectl backup --final' at %s", when);
	return meta_set(writer, HOLD_FINAL, why.s, err);
}

/* Nobody writes between the copy and the mark: another connection holds the write lock meanwhile. */
static int copy_and_hold(struct engine *e, struct db *writer, const char *target, struct err *err)
{
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, writer, err) < 0 || copy_and_mark(e, target, err) < 0)
		return -1;
	if (set_final(e, writer, err) == 0 && txn_commit(&txn, err) == 0)
		return 0;
	unlink(target);
	return -1;
}

static int lift_final(struct db *writer, struct err *err)
{
	TXN_AUTO txn = TXN_INIT;

	return txn_begin(&txn, writer, err) < 0 || meta_delete(writer, HOLD_FINAL, err) < 0 ? -1 : txn_commit(&txn, err);
}

/* The copy is the last one only once the database is held: if this ends in between, neither sends by itself. */
static int hand_over(struct engine *e, struct db *writer, const char *target, struct err *err)
{
	struct err ignored = ERR_INIT;

	if (copy_and_hold(e, writer, target, err) < 0)
		return -1;
	if (mark_copy(target, e->now, true, err) == 0)
		return 0;
	if (lift_final(writer, &ignored) == 0)
		unlink(target);
	return -1;
}

static int refuse_held(struct engine *e, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct hold h;
	int got = hold_find(e->db, true, &a, &h, err);

	if (got > 0)
		return err_set(err, ERR_REFUSED, "%s%s%s", h.why, h.command ? "; first: " : "", h.command ? h.command : "");
	return got;
}

int safekeep_backup(struct engine *e, const char *target, bool final, struct err *err)
{
	struct db *writer;
	int fd = -1, got;

	if (!final)
		return copy_and_mark(e, target, err);
	if (lock_ticks(db_path(e->db), &fd, err) < 0)
		return -1;
	got = refuse_held(e, err);
	if (got == 0)
		got = db_open(db_path(e->db), DB_WRITE, &writer, err);
	if (got == 0) {
		got = hand_over(e, writer, target, err);
		db_close(writer);
	}
	unlock_ticks(fd);
	return got;
}

static int read_facts(struct db *db, struct arena *a, struct backup_facts *ret, struct err *err)
{
	const char *text;
	int got = db_schema_version(db, &ret->schema, err);

	if (got == 0)
		got = meta_get(db, META_MADE, a, &text, err);
	if (got > 0)
		ret->made_at = strtoll(text, NULL, 10);
	if (got >= 0)
		got = meta_get(db, META_FINAL, a, &text, err);
	ret->final = got > 0;
	return err_or_none(got);
}

/* A log beside it says that it is no finished copy: a part of it would be missing. */
static int refuse_log(const char *source, struct err *err)
{
	BUF_AUTO log = BUF_INIT(8192);
	struct stat st;

	buf_addf(&log, "%s-wal", source);
	if (stat(log.s, &st) == 0 && st.st_size > 0)
		return err_set(err, ERR_INVALID, "%s is in use (there is %s): make a backup of it with: pipectl backup", source,
		               log.s);
	return 0;
}

/* What is wrong with the copy is said of the file that was named. */
static int bad_source(const struct restoring *r, struct err *err)
{
	BUF_AUTO text = BUF_INIT(sizeof err->text);
	size_t len = strlen(r->prepared);
	const char *rest = strncmp(err->text, r->prepared, len) == 0 ? err->text + len : NULL;

	buf_addf(&text, "%s%s%s", r->source, rest ? "" : ": ", rest ? rest : err->text);
	return err_set(err, ERR_INVALID, "%s", text.s);
}

int safekeep_prepare(const char *db_path, const char *source, int (*copy)(const char *from, const char *to, struct err *err),
                     struct arena *a, struct restoring *ret, struct err *err)
{
	struct db *db;
	int got;

	*ret = (struct restoring){ .db_path = db_path, .source = source, .lock_fd = -1 };
	if (refuse_log(source, err) < 0 || lock_ticks(db_path, &ret->lock_fd, err) < 0)
		return -1;
	ret->prepared = arena_printf(a, "%s.restore", db_path);
	if (unlink(ret->prepared) < 0 && errno != ENOENT)
		return err_errno(err, ERR_CREATE, "%s", ret->prepared);
	if (copy(source, ret->prepared, err) < 0)
		return -1;
	if (db_open(ret->prepared, DB_UPGRADE, &db, err) < 0)
		return bad_source(ret, err);
	got = db_verify(db, err);
	if (got == 0)
		got = read_facts(db, a, &ret->facts, err);
	else
		bad_source(ret, err);
	db_close(db);
	return got;
}

void safekeep_release(struct restoring *r)
{
	if (r->prepared)
		unlink(r->prepared);
	unlock_ticks(r->lock_fd);
	r->lock_fd = -1;
}

static int set_hold(struct db *db, const struct restoring *r, int64_t now, struct err *err)
{
	char made[INSTANT_TEXT] = "an unknown time", when[INSTANT_TEXT];
	BUF_AUTO why = BUF_INIT(256);

	if (r->facts.final)
		return meta_delete(db, HOLD_RESTORE, err);
	if (r->facts.made_at)
		clock_format_utc(r->facts.made_at, made);
	clock_format_utc(now, when);
	buf_addf(&why, "a backup of %s was restored at %s", made, when);
	return meta_set(db, HOLD_RESTORE, why.s, err);
}

/* The hold is in the copy before it takes the place of the database: no tick ever sees it without. */
static int mark_prepared(const struct restoring *r, int64_t now, struct err *err)
{
	struct db *db;
	int got = -1;

	if (db_open(r->prepared, DB_UPGRADE, &db, err) < 0)
		return -1;
	{
		TXN_AUTO txn = TXN_INIT;

		if (txn_begin(&txn, db, err) == 0 && set_hold(db, r, now, err) == 0 && meta_delete(db, HOLD_CLOCK, err) == 0 &&
		    meta_delete(db, HOLD_FINAL, err) == 0 && meta_delete(db, META_FINAL, err) == 0)
			got = txn_commit(&txn, err);
	}
	db_close(db);
	return got;
}

static int move_file(const char *from, const char *to, struct err *err)
{
	return rename(from, to) < 0 ? err_errno(err, ERR_CREATE, "%s", to) : 0;
}

/* A database that cannot be opened any more is moved away with its log, and the copy moved in; all of it, or nothing. */
static int swap_files(struct restoring *r, const struct stat *old, struct arena *a, struct err *err)
{
	const char *log = arena_printf(a, "%s-wal", r->db_path), *kept_log = arena_printf(a, "%s-wal", r->kept);

	if (chmod(r->prepared, old->st_mode & 0777) < 0 || chown(r->prepared, old->st_uid, old->st_gid) < 0)
		return err_errno(err, ERR_CREATE, "%s", r->prepared);
	if (move_file(r->db_path, r->kept, err) < 0)
		return -1;
	unlink(arena_printf(a, "%s-shm", r->db_path));
	if ((access(log, F_OK) < 0 || move_file(log, kept_log, err) == 0) && move_file(r->prepared, r->db_path, err) == 0)
		return 0;
	(void)rename(kept_log, log); /* back, as far as that goes */
	(void)rename(r->kept, r->db_path);
	return -1;
}

/* Through SQLite, so that whoever has the database open sees the old one or the new one, and nothing in between. */
static int replace_content(struct restoring *r, struct err *err)
{
	struct db *db;
	int got = db_open(r->db_path, DB_UPGRADE, &db, err);

	if (got < 0)
		return -1;
	got = db_backup(db, r->kept, err);
	if (got == 0)
		got = db_replace(db, r->prepared, err);
	db_close(db);
	return got;
}

int safekeep_restore(struct restoring *r, int64_t now, struct arena *a, struct err *err)
{
	char when[INSTANT_TEXT];
	struct stat old;

	if (mark_prepared(r, now, err) < 0)
		return -1;
	if (stat(r->db_path, &old) < 0)
		return errno == ENOENT ? move_file(r->prepared, r->db_path, err) : err_errno(err, ERR_DENIED, "%s", r->db_path);
	clock_format_utc(now, when);
	r->kept = arena_printf(a, "%s.%s", r->db_path, when);
	if (replace_content(r, err) == 0)
		return 0;
	if (err->kind != ERR_CONFIG && err->kind != ERR_IO && err->kind != ERR_BUG)
		return -1;
	unlink(r->kept);
	return swap_files(r, &old, a, err);
}

int safekeep_upgrade(const char *db_path, bool dry_run, struct arena *a, struct upgrade *ret, struct err *err)
{
	struct db *db;
	int fd = -1, got;

	*ret = (struct upgrade){ .to = db_schema_wanted(), .backup = arena_printf(a, "%s.bak", db_path) };
	if (db_open(db_path, DB_UPGRADE, &db, err) < 0)
		return -1;
	got = db_schema_version(db, &ret->from, err);
	if (got == 0 && ret->from < ret->to)
		got = dry_run ? 1 : lock_ticks(db_path, &fd, err);
	if (got == 0 && ret->from < ret->to && (db_verify(db, err) < 0 || db_backup(db, ret->backup, err) < 0))
		got = -1;
	if (got == 0 && ret->from < ret->to)
		got = db_upgrade(db, err) < 0 ? -1 : 1;
	unlock_ticks(fd);
	db_close(db);
	return got;
}

int safekeep_accept_clock(struct engine *e, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct guard g;
	const char *ignored;
	int held, got;
	bool jumped;
	TXN_AUTO txn = TXN_INIT;

	if (safekeep_lock(db_path(e->db), &g, err) < 0)
		return -1;
	jumped = guard_jump(&g, e->now) != NULL;
	held = got = txn_begin(&txn, e->db, err) < 0 ? -1 : meta_get(e->db, HOLD_CLOCK, &a, &ignored, err);
	if (got > 0)
		got = meta_delete(e->db, HOLD_CLOCK, err);
	if (got >= 0)
		got = txn_commit(&txn, err);
	if (got == 0 && (held || jumped))
		guard_touch(&g, e->now);
	unlock_ticks(g.fd);
	return got < 0 ? -1 : held || jumped;
}
