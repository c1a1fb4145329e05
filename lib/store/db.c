#include "store/db.h"

#include "base/buf.h"
#include "base/mem.h"
#include "store/db_private.h"
#include "store/log_private.h"
#include "store/page_private.h"
#include "store/schema_private.h"
#include "store/stmt_private.h"
#include "store/word_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define BUSY_MS 5000
#define POLL_MS 5
#define SHORT_WAL 2000 /* pages */

/* Somebody's sqlite3 took it away, say; who is only in the group cannot make it. */
static bool lacks_log(const struct db *db)
{
	BUF_AUTO log = BUF_INIT(8192);

	buf_addf(&log, "%s-wal", db->path);
	return db->keeps_log && access(log.s, F_OK) < 0 && errno == ENOENT;
}

static bool is_writable(const char *path)
{
	return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0 || errno == ENOENT;
}

/*
 * Which file stands in the way, with errno: the database, what is beside it while it is in use, and has the rights that
 * the database had then, or their folder. False: none of them.
 */
static bool find_unwritable(const struct db *db, struct buf *b)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	const char *slash = strrchr(db->path, '/');

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		buf_clear(b);
		buf_addf(b, "%s%s", db->path, ends[i]);
		if (!is_writable(b->s))
			return true;
	}
	buf_clear(b);
	buf_addf(b, "%.*s", slash ? (int)(slash - db->path) + 1 : 1, slash ? db->path : ".");
	return !is_writable(b->s);
}

static int may_not_write(const struct db *db, const char *why, struct err *err)
{
	BUF_AUTO name = BUF_INIT(8192);

	if (find_unwritable(db, &name))
		return err_errno(err, ERR_DENIED, "%s may not be written", name.s);
	return err_set(err, ERR_DENIED, "%s may not be written: %s", db->path, why);
}

static bool has_no_room(const struct db *db, int code)
{
	/* The file beside the log that programs share has its room taken at once. */
	return code == SQLITE_IOERR_SHMSIZE || sqlite3_system_errno(db->handle) == ENOSPC;
}

int db_fail_with(struct db *db, int code, const char *why, const char *doing, struct err *err)
{
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL: /* after ten seconds of looking for a moment to begin */
		return err_set(err, ERR_BUSY, "%s is in use by another program; try again", db->path);
	case SQLITE_READONLY:
		if (lacks_log(db))
			return err_set(err, ERR_BUSY, "%s-wal is missing, and only the owner's next tick can make it again", db->path);
		return may_not_write(db, why, err);
	case SQLITE_AUTH:
	case SQLITE_PERM:
		return err_set(err, ERR_DENIED, "%s may not be written: %s", db->path, why);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return err_set(err, ERR_CONFIG, "%s is damaged or not a pipewright database: %s", db->path, why);
	case SQLITE_CANTOPEN:
		return err_set(err, ERR_NOINPUT, "%s cannot be opened: %s", db->path, why);
	case SQLITE_FULL:
		return err_set(err, ERR_IO, "%s: the disk is full", db->path);
	case SQLITE_IOERR:
		if (code == SQLITE_IOERR_DATA)
			return page_fail(db->path, err);
		if (has_no_room(db, code))
			return err_set(err, ERR_IO, "%s: the disk is full", db->path);
		return err_set(err, ERR_IO, "%s: %s (%d)", db->path, why, code);
	case SQLITE_NOMEM:
		return err_set(err, ERR_BUSY, "out of memory");
	default:
		return err_set(err, ERR_BUG, "%s: %s (%d)", doing, why, code);
	}
}

int db_fail(struct db *db, const char *doing, struct err *err)
{
	return db_fail_with(db, sqlite3_extended_errcode(db->handle), sqlite3_errmsg(db->handle), doing, err);
}

int db_fail_undone(struct db *db, struct err *err)
{
	return db_fail_with(db, db->undone, sqlite3_errstr(db->undone), "a transaction that was rolled back", err);
}

int db_exec(struct db *db, const char *sql, struct err *err)
{
	if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(db, sql, err);
	return 0;
}

static int ask_pragma(struct db *db, const char *sql, int64_t *ret, struct err *err)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(db->handle, sql, -1, &st, NULL) != SQLITE_OK)
		return db_fail(db, sql, err);
	if (sqlite3_step(st) == SQLITE_ROW)
		*ret = sqlite3_column_int64(st, 0);
	if (sqlite3_finalize(st) != SQLITE_OK)
		return db_fail(db, sql, err);
	return 0;
}

/* WAL needs shared memory: it does not work over a network. */
static int refuse_network(const char *path, struct err *err)
{
	static const long kinds[] = {
		0x6969 /* NFS */,       (long)0xff534d42 /* CIFS */, (long)0xfe534d42 /* SMB2 */,
		0x517b /* SMB */,       0x01021997 /* 9p */,         0x564c /* NCP */,
		0x5346414f /* AFS */,   0x00c36400 /* Ceph */,       0x65735546 /* FUSE */,
	};
	char *folder = xstrdup(path), *slash = strrchr(folder, '/');
	struct statfs fs;
	int got;

	if (slash)
		slash[slash == folder] = '\0';
	got = statfs(slash ? folder : ".", &fs);
	free(folder);
	for (size_t i = 0; got == 0 && i < ARRAY_LEN(kinds); i++)
		if ((long)fs.f_type == kinds[i])
			return err_set(err, ERR_CONFIG, "%s is on a network file system; move it to a local disk", path);
	return 0;
}

/*
 * With the rights that the caller's umask leaves to the group; SQLite itself would leave it none to write. Whether it
 * can be made at all is said by SQLite, too.
 */
static void make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0660);

	if (fd >= 0)
		close(fd);
}

/*
 * A file that a group may write to is shared by accounts that can make no files beside it: its log and the index of
 * the log, which SQLite would delete with the last connection, stay. They are empty by then, so that
 * the next program has nothing to read in them.
 */
static int keep_log(struct db *db, struct err *err)
{
	struct stat st;
	int on = 1;

	if (stat(db->path, &st) < 0 || !(st.st_mode & S_IWGRP))
		return 0;
	db->keeps_log = true;
	if (sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_PERSIST_WAL, &on) != SQLITE_OK)
		return db_fail(db, "opening the database", err);
	return 0;
}

/*
 * Of this process. With one open, nobody may look at the locks of a file that SQLite has locked: closing it would undo
 * the locks (fcntl(2)).
 */
static int n_handles;

static int open_handle(struct db *db, enum db_mode mode, struct err *err)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE;

	memory_settle();
	if (mode == DB_CREATE)
		flags |= SQLITE_OPEN_CREATE;
	else if (eaccess(db->path, F_OK) < 0)
		return errno == ENOENT ? err_set(err, ERR_NOINPUT, "no database at %s; make one with: pipectl init", db->path)
		                       : err_errno(err, ERR_DENIED, "%s", db->path);
	if (eaccess(db->path, R_OK) < 0 && errno == EACCES)
		return err_errno(err, ERR_DENIED, "%s", db->path);
	if (refuse_network(db->path, err) < 0)
		return -1;
	if (mode == DB_CREATE)
		make_file(db->path);
	if (n_handles == 0 && log_check(db->path, err) < 0)
		return -1;
	if (sqlite3_open_v2(db->path, &db->handle, flags, page_vfs()) != SQLITE_OK)
		return db_fail(db, "opening the database", err);
	db->opened = true;
	n_handles++;
	db_set_patience(db, BUSY_MS);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	return keep_log(db, err);
}

/* Is it ours, and of which version? An empty file that we may fill counts as ours. */
static int identify(struct db *db, enum db_mode mode, int *ret_version, struct err *err)
{
	int64_t application = 0, version = 0, changes = 0; /* of a schema: 0 while a file is empty */

	if (ask_pragma(db, "PRAGMA application_id", &application, err) < 0 ||
	    ask_pragma(db, "PRAGMA user_version", &version, err) < 0 ||
	    ask_pragma(db, "PRAGMA schema_version", &changes, err) < 0)
		return -1;
	if (application != PW_APPLICATION_ID && !(application == 0 && version == 0 && changes == 0 && mode == DB_CREATE))
		return err_set(err, ERR_CONFIG, "%s is not a pipewright database", db->path);
	if (!page_has_room(db->handle))
		return err_set(err, ERR_CONFIG, "%s was made by another program: its pages have no room for their sums", db->path);
	*ret_version = (int)version;
	return 0;
}

static int check_version(struct db *db, enum db_mode mode, int version, struct err *err)
{
	if (version > schema_version)
		return err_set(err, ERR_CONFIG, "%s is of a newer pipewright (schema %d, this program knows %d)", db->path,
		               version, schema_version);
	if (version < schema_version && mode != DB_UPGRADE)
		return err_set(err, ERR_CONFIG, "%s is of an older pipewright (schema %d of %d); run: pipectl upgrade",
		               db->path, version, schema_version);
	return 0;
}

/*
 * Whatever is deleted may be somebody's mail, as the bytes of a claim are: it is overwritten, by all programs, so that an
 * erased person is in no free page either.
 */
static int configure(struct db *db, struct err *err)
{
	if (db->keeps_log && db_exec(db, "PRAGMA journal_size_limit=0", err) < 0)
		return -1;
	return db_exec(db,
	               "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;"
	               "PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384;"
	               "PRAGMA mmap_size=0; PRAGMA wal_autocheckpoint=20000;"
	               "PRAGMA secure_delete=ON",
	               err);
}

/* The sum of a page says more than a look at its cells, which takes longer; a file that another program made has none. */
static int look_at_cells(struct db *db, struct err *err)
{
	return page_has_room(db->handle) ? 0 : db_exec(db, "PRAGMA cell_size_check=ON", err);
}

static struct db *db_new(const char *path)
{
	struct db *db = xcalloc(1, sizeof *db);

	db->path = xstrdup(path);
	db->block_size = 16;
	return db;
}

int db_open(const char *path, enum db_mode mode, struct db **ret, struct err *err)
{
	struct db *db = db_new(path);
	int version = 0;

	if (open_handle(db, mode, err) < 0 || configure(db, err) < 0 || identify(db, mode, &version, err) < 0 ||
	    look_at_cells(db, err) < 0)
		goto fail;
	if (version == 0 && mode == DB_CREATE) {
		page_make_room(db->handle);
		if (db_exec(db, "PRAGMA journal_mode=WAL", err) < 0 || migrate_run(db, 0, err) < 0)
			goto fail;
	} else if (check_version(db, mode, version, err) < 0) {
		goto fail;
	}
	if (mode == DB_READ && db_exec(db, "PRAGMA query_only=ON", err) < 0)
		goto fail;
	*ret = db;
	return 0;
fail:
	db_close(db);
	return -1;
}

int db_open_quick(const char *path, struct db **ret, struct err *err)
{
	struct db *db = db_new(path);
	int version = 0;

	if (open_handle(db, DB_READ, err) < 0 || identify(db, DB_READ, &version, err) < 0 ||
	    check_version(db, DB_READ, version, err) < 0) {
		db_close(db);
		return -1;
	}
	*ret = db;
	return 0;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	stmt_cache_release(db);
	words_release(db);
	if (db->forget_stencils)
		db->forget_stencils(db);
	sqlite3_close(db->handle);
	n_handles -= db->opened;
	free(db->path);
	free(db);
}

const char *db_path(const struct db *db)
{
	return db->path;
}

int db_schema_version(struct db *db, int *ret, struct err *err)
{
	int64_t version = 0;

	if (ask_pragma(db, "PRAGMA user_version", &version, err) < 0)
		return -1;
	*ret = (int)version;
	return 0;
}

int db_schema_wanted(void)
{
	return schema_version;
}

int db_upgrade(struct db *db, struct err *err)
{
	int version;

	if (db_schema_version(db, &version, err) < 0 || migrate_run(db, version, err) < 0)
		return -1;
	return schema_version - version;
}

void db_id_block(struct db *db, int64_t size)
{
	db->block_size = size;
}

int db_cache(struct db *db, int mb, struct err *err)
{
	char pragma[48];

	snprintf(pragma, sizeof pragma, "PRAGMA cache_size=%d", -1024 * mb);
	return db_exec(db, pragma, err);
}

static struct id_block *block_of(struct db *db, const char *counter)
{
	for (size_t i = 0; i < db->n_blocks; i++)
		if (strcmp(db->blocks[i].counter, counter) == 0)
			return &db->blocks[i];
	BUG_ON(db->n_blocks == MAX_COUNTERS);
	db->blocks[db->n_blocks] = (struct id_block){ .counter = counter };
	return &db->blocks[db->n_blocks++];
}

static int take_block(struct db *db, struct id_block *b, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO counter (name, next) VALUES ($1, 1 + $2)"
	                                " ON CONFLICT (name) DO UPDATE SET next = counter.next + $2"
	                                " RETURNING next");

	BUG_ON(!db->in_txn);
	stmt_bind(&st, 1, b->counter);
	stmt_bind(&st, 2, db->block_size);
	if (stmt_step(&st, err) < 0)
		return -1;
	b->end = stmt_int(&st);
	b->next = b->end - db->block_size;
	return stmt_last(&st, err);
}

int db_new_id(struct db *db, const char *counter, int64_t *ret, struct err *err)
{
	struct id_block *b = block_of(db, counter);

	if (b->next == b->end && take_block(db, b, err) < 0)
		return -1;
	*ret = b->next++;
	return 0;
}

void db_forget_ids(struct db *db, const char *counter, int64_t first)
{
	struct id_block *b = block_of(db, counter);

	if (b->next < first)
		b->next = b->end;
}

int db_newest_id(struct db *db, const char *counter, int64_t *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "SELECT next FROM counter WHERE name = $1");
	int got;

	stmt_bind(&st, 1, counter);
	got = stmt_step(&st, err);
	*ret = got > 0 ? stmt_int(&st) - 1 : 0;
	return got > 0 ? stmt_last(&st, err) : got;
}

/*
 * SQLite's own handler looks ever more seldom, up to each 100 ms: between the transactions of an import it would
 * hardly ever find the lock free.
 */
static int wait_for_lock(void *ctx, int times)
{
	const struct db *db = ctx;

	if (times * POLL_MS >= db->patience_ms)
		return 0;
	sqlite3_sleep(POLL_MS);
	return 1;
}

void db_set_patience(struct db *db, int ms)
{
	db->patience_ms = ms;
	sqlite3_busy_handler(db->handle, wait_for_lock, db);
}

void db_give_way(struct db *db)
{
	BUG_ON(db->in_txn);
	sqlite3_sleep(3 * POLL_MS);
}

int db_others(struct db *db, int64_t *ret, struct err *err)
{
	return ask_pragma(db, "PRAGMA data_version", ret, err);
}

void db_keep_wal_short(struct db *db)
{
	sqlite3_wal_autocheckpoint(db->handle, SHORT_WAL);
}

static int checkpoint(struct db *db)
{
	return sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

/* Without patience it waits for nobody, and does as much as it can. */
void db_checkpoint(struct db *db)
{
	int patience = db->patience_ms;

	db_set_patience(db, 0);
	checkpoint(db);
	db_set_patience(db, patience);
}

int db_empty_log(struct db *db, struct err *err)
{
	int code = checkpoint(db);

	if (code == SQLITE_OK)
		return 1;
	return (code & 0xff) == SQLITE_BUSY ? 0 : db_fail(db, "emptying the log", err);
}
