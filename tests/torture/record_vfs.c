/*
 * A SQLite VFS that does what the default one does and appends to $PW_RECORD what was written, truncated, synced,
 * created and deleted, in order over all processes (one write(2) with O_APPEND each). Linked into programs that
 * power.c runs; without the variable it does nothing. Memory shared between processes (-shm) is no disk: not logged.
 *
 * A record is a line "OP NAME NUMBER LENGTH\n", followed by LENGTH bytes for W:
 *   O made anew · W at an offset · T cut to a size · S synced · D deleted (1: and the folder synced)
 *
 * $PW_RECORD_SYNC: the seeded bug "synchronous=NORMAL": the pragma that lib/store sets is followed by this one.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct file {
	sqlite3_file base;
	char name[64];
	sqlite3_file *real;
};

static sqlite3_vfs *below;
static int log_fd = -1;

static struct file *of(sqlite3_file *f)
{
	return (struct file *)(void *)f;
}

static sqlite3_file *real(sqlite3_file *f)
{
	return of(f)->real;
}

static void record(char op, const char *name, sqlite3_int64 number, const void *bytes, size_t len)
{
	char line[160];
	int n = snprintf(line, sizeof line, "%c %s %lld %zu\n", op, name, (long long)number, len);
	struct iovec parts[2] = { { line, (size_t)n }, { (void *)(uintptr_t)bytes, len } };

	if (writev(log_fd, parts, len ? 2 : 1) != (ssize_t)len + n)
		abort();
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int file_close(sqlite3_file *f)
{
	int rc = real(f)->pMethods->xClose(real(f));

	free(of(f)->real);
	return rc;
}

static int file_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
	return real(f)->pMethods->xRead(real(f), to, n, at);
}

static int file_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	record('W', of(f)->name, at, from, (size_t)n);
	return real(f)->pMethods->xWrite(real(f), from, n, at);
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	record('T', of(f)->name, size, NULL, 0);
	return real(f)->pMethods->xTruncate(real(f), size);
}

static int file_sync(sqlite3_file *f, int flags)
{
	int rc = real(f)->pMethods->xSync(real(f), flags);

	if (rc == SQLITE_OK)
		record('S', of(f)->name, 0, NULL, 0);
	return rc;
}

static int file_size(sqlite3_file *f, sqlite3_int64 *ret)
{
	return real(f)->pMethods->xFileSize(real(f), ret);
}

static int file_lock(sqlite3_file *f, int level)
{
	return real(f)->pMethods->xLock(real(f), level);
}

static int file_unlock(sqlite3_file *f, int level)
{
	return real(f)->pMethods->xUnlock(real(f), level);
}

static int file_reserved(sqlite3_file *f, int *ret)
{
	return real(f)->pMethods->xCheckReservedLock(real(f), ret);
}

static int file_control(sqlite3_file *f, int op, void *arg)
{
	return real(f)->pMethods->xFileControl(real(f), op, arg);
}

static int file_sector(sqlite3_file *f)
{
	return real(f)->pMethods->xSectorSize(real(f));
}

static int file_traits(sqlite3_file *f)
{
	return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

static int file_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
	return real(f)->pMethods->xShmMap(real(f), page, size, extend, ret);
}

static int file_shm_lock(sqlite3_file *f, int from, int n, int flags)
{
	return real(f)->pMethods->xShmLock(real(f), from, n, flags);
}

static void file_shm_barrier(sqlite3_file *f)
{
	real(f)->pMethods->xShmBarrier(real(f));
}

static int file_shm_unmap(sqlite3_file *f, int delete)
{
	return real(f)->pMethods->xShmUnmap(real(f), delete);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_reserved,
	.xFileControl = file_control,
	.xSectorSize = file_sector,
	.xDeviceCharacteristics = file_traits,
	.xShmMap = file_shm_map,
	.xShmLock = file_shm_lock,
	.xShmBarrier = file_shm_barrier,
	.xShmUnmap = file_shm_unmap,
};

/* Made by this call, or just before it: the database is made empty, with its rights, before SQLite opens it. */
static bool is_made_now(const char *path, int flags)
{
	struct stat st;

	return path && (stat(path, &st) < 0 || (flags & SQLITE_OPEN_MAIN_DB && st.st_size == 0));
}

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *ret_flags)
{
	struct file *file = of(f);
	bool is_new = is_made_now(path, flags);
	int rc;

	(void)vfs;
	*file = (struct file){ .real = calloc(1, (size_t)below->szOsFile) };
	snprintf(file->name, sizeof file->name, "%s", path ? name_of(path) : "temporary");
	rc = below->xOpen(below, path, file->real, flags, ret_flags);
	if (rc != SQLITE_OK) {
		free(file->real);
		return rc;
	}
	file->base.pMethods = &methods;
	if (is_new)
		record('O', file->name, 0, NULL, 0);
	return rc;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
	int rc = below->xDelete(below, path, sync_folder);

	(void)vfs;
	if (rc == SQLITE_OK)
		record('D', name_of(path), sync_folder, NULL, 0);
	return rc;
}

/* Before main(): lib/store opens with the default VFS. */
__attribute__((constructor)) static void begin(void)
{
	static sqlite3_vfs vfs;
	const char *path = getenv("PW_RECORD");

	if (!path)
		return;
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	log_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	below = sqlite3_vfs_find(NULL);
	if (log_fd < 0 || !below)
		abort();
	vfs = *below;
	vfs.zName = "record";
	vfs.szOsFile = sizeof(struct file);
	vfs.xOpen = vfs_open;
	vfs.xDelete = vfs_delete;
	vfs.pNext = NULL;
	sqlite3_vfs_register(&vfs, 1);
}

int __real_sqlite3_exec(sqlite3 *db, const char *sql, int (*each)(void *, int, char **, char **), void *ctx, char **why);
int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, int (*each)(void *, int, char **, char **), void *ctx, char **why);

int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, int (*each)(void *, int, char **, char **), void *ctx, char **why)
{
	int rc = __real_sqlite3_exec(db, sql, each, ctx, why);
	const char *instead = getenv("PW_RECORD_SYNC");
	char pragma[64];

	if (rc != SQLITE_OK || !instead || !strstr(sql, "PRAGMA synchronous=FULL"))
		return rc;
	snprintf(pragma, sizeof pragma, "PRAGMA synchronous=%s", instead);
	return __real_sqlite3_exec(db, pragma, NULL, NULL, NULL);
}
