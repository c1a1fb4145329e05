#include "store/db_private.h"
#include "store/page_private.h"
#include "store/stmt_private.h"

#include "base/clock.h"
#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define BUSY_MS 5000

/* One of them is db's. In one go: a snapshot that keeps no writer waiting, where a copy piece by piece begins anew at each commit. */
static int copy_pages(const struct db *db, sqlite3 *from, sqlite3 *to, const char *name, struct err *err)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	int64_t deadline = clock_monotonic_ms() + BUSY_MS;
	int rc;

	if (!b)
		return err_set(err, ERR_IO, "%s: %s", name, sqlite3_errmsg(to));
	do {
		rc = sqlite3_backup_step(b, -1);
		if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
			sqlite3_sleep(20);
	} while ((rc == SQLITE_BUSY || rc == SQLITE_LOCKED) && clock_monotonic_ms() < deadline);
	sqlite3_backup_finish(b);
	if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
		return err_set(err, ERR_BUSY, "%s is in use by another program; try again", name);
	if (rc == SQLITE_IOERR_DATA)
		return page_fail(db->path, err);
	if (rc != SQLITE_DONE)
		return err_set(err, ERR_IO, "%s: %s", name, sqlite3_errstr(rc));
	return 0;
}

int db_backup(struct db *db, const char *target, struct err *err)
{
	sqlite3 *handle = NULL;
	int fd = open(target, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	int ret;

	if (fd < 0)
		return errno == EEXIST ? err_set(err, ERR_CREATE, "%s exists already", target)
		                       : err_errno(err, ERR_CREATE, "%s", target);
	close(fd);
	if (sqlite3_open_v2(target, &handle, SQLITE_OPEN_READWRITE, page_vfs()) != SQLITE_OK)
		ret = err_set(err, ERR_CREATE, "%s: %s", target, sqlite3_errmsg(handle));
	else
		ret = copy_pages(db, db->handle, handle, target, err);
	if (sqlite3_close(handle) != SQLITE_OK && ret == 0)
		ret = err_set(err, ERR_IO, "%s cannot be closed", target);
	if (ret == 0)
		ret = folder_sync(target) < 0 ? err_errno(err, ERR_IO, "the folder of %s", target) : 0;
	if (ret < 0)
		unlink(target);
	return ret;
}

int db_replace(struct db *db, const char *source, struct err *err)
{
	sqlite3 *handle = NULL;
	int ret;

	stmt_cache_release(db);
	if (sqlite3_open_v2(source, &handle, SQLITE_OPEN_READWRITE, page_vfs()) != SQLITE_OK)
		ret = err_set(err, ERR_NOINPUT, "%s: %s", source, sqlite3_errmsg(handle));
	else
		ret = copy_pages(db, handle, db->handle, db->path, err);
	sqlite3_close(handle);
	return ret;
}

int db_verify(struct db *db, struct err *err)
{
	ARENA_AUTO a = { 0 };
	STMT_AUTO st = stmt_prepare(db, "PRAGMA integrity_check(1)");
	const char *found;

	page_forget_bad();
	if (stmt_step(&st, err) < 0)
		return -1;
	found = stmt_text(&st, &a);
	if (page_bad())
		return page_fail(db->path, err);
	if (strcmp(found, "ok") != 0)
		return err_set(err, ERR_IO, "%s is damaged: %s", db->path, found);
	return 0;
}
