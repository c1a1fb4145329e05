#include "store/db_private.h"
#include "store/stmt_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define PAGES_AT_ONCE 1000

static int copy_pages(struct db *db, sqlite3 *target, const char *name, struct err *err)
{
	sqlite3_backup *b = sqlite3_backup_init(target, "main", db->handle, "main");
	int rc;

	if (!b)
		return err_set(err, ERR_IO, "%s: %s", name, sqlite3_errmsg(target));
	do {
		rc = sqlite3_backup_step(b, PAGES_AT_ONCE);
	} while (rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED);
	sqlite3_backup_finish(b);
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
	if (sqlite3_open_v2(target, &handle, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		ret = err_set(err, ERR_CREATE, "%s: %s", target, sqlite3_errmsg(handle));
	else
		ret = copy_pages(db, handle, target, err);
	if (sqlite3_close(handle) != SQLITE_OK && ret == 0)
		ret = err_set(err, ERR_IO, "%s cannot be closed", target);
	if (ret < 0)
		unlink(target);
	return ret;
}

int db_verify(struct db *db, struct err *err)
{
	ARENA_AUTO a = { 0 };
	STMT_AUTO st = stmt_prepare(db, "PRAGMA integrity_check(1)");
	const char *found;

	if (stmt_step(&st, err) < 0)
		return -1;
	found = stmt_text(&st, &a);
	if (strcmp(found, "ok") != 0)
		return err_set(err, ERR_IO, "%s is damaged: %s", db->path, found);
	return 0;
}
