#include "store/gather_private.h"

#include "base/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define ROOM 120000 /* some thirty frames; less than what malloc() asks the system for by itself */

static struct gather *logs;

static struct gather *gather_of(sqlite3_file *f)
{
	return (struct gather *)(uintptr_t)f->pMethods;
}

/* What could not be written is forgotten: the transaction fails, and the next one begins at the same place. */
static int flush(struct gather *g)
{
	int n = g->n;

	g->n = 0;
	return n > 0 ? g->below->xWrite(g->file, g->bytes, n, g->at) : SQLITE_OK;
}

static int gather_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	struct gather *g = gather_of(f);
	int rc = at == g->at + g->n && n <= ROOM - g->n ? SQLITE_OK : flush(g);

	if (rc != SQLITE_OK)
		return rc;
	if (!g->bytes)
		g->bytes = pool_alloc(ROOM);
	if (!g->bytes || n > ROOM)
		return g->below->xWrite(f, from, n, at);
	if (g->n == 0)
		g->at = at;
	memcpy(g->bytes + g->n, from, (size_t)n);
	g->n += n;
	return SQLITE_OK;
}

static int gather_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
	int rc = flush(gather_of(f));

	return rc == SQLITE_OK ? gather_of(f)->below->xRead(f, to, n, at) : rc;
}

static int gather_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	int rc = flush(gather_of(f));

	return rc == SQLITE_OK ? gather_of(f)->below->xTruncate(f, size) : rc;
}

/* By a descriptor of our own: nobody else has one, and none of SQLite's locks are on the log. */
static bool begin_sync(struct gather *g)
{
	if (g->fd < 0)
		g->fd = open(g->path, O_RDWR | O_CLOEXEC);
	g->sync = (struct aiocb){ .aio_fildes = g->fd, .aio_sigevent = { .sigev_notify = SIGEV_NONE } };
	g->under_way = g->fd >= 0 && aio_fsync(O_DSYNC, &g->sync) == 0;
	return g->under_way;
}

/* What SQLite says of a sync that fails. */
static int end_sync(struct gather *g)
{
	g->under_way = false;
	return aio_return(&g->sync) == 0 ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

static int await(struct gather *g)
{
	const struct aiocb *one = &g->sync;

	if (!g->under_way)
		return SQLITE_OK;
	while (aio_error(&g->sync) == EINPROGRESS)
		(void)aio_suspend(&one, 1, NULL); /* interrupted: it is asked again */
	return end_sync(g);
}

static int gather_sync(sqlite3_file *f, int flags)
{
	struct gather *g = gather_of(f);
	enum log_sync how = g->next_sync;
	int rc = flush(g);

	g->next_sync = LOG_SYNC;
	if (rc == SQLITE_OK)
		rc = await(g);
	if (rc != SQLITE_OK || (how == LOG_BEGIN && g->was_synced && begin_sync(g)))
		return rc;
	rc = g->below->xSync(f, flags);
	g->was_synced |= rc == SQLITE_OK;
	return rc;
}

static int gather_size(sqlite3_file *f, sqlite3_int64 *ret)
{
	int rc = flush(gather_of(f));

	return rc == SQLITE_OK ? gather_of(f)->below->xFileSize(f, ret) : rc;
}

static int gather_close(sqlite3_file *f)
{
	struct gather *g = gather_of(f), **at = &logs;
	const sqlite3_io_methods *below = g->below;
	int written = flush(g), closed;

	while (*at != g)
		at = &(*at)->next;
	*at = g->next;
	pool_free(g->bytes);
	(void)await(g); /* who asked for it has been told already, or wants to know no more */
	if (g->fd >= 0)
		close(g->fd);
	closed = below->xClose(f);
	return written == SQLITE_OK ? closed : written;
}

void gather_begin(struct gather *g, sqlite3_file *f, const char *path)
{
	*g = (struct gather){
		.methods = *f->pMethods, .below = f->pMethods, .file = f, .path = path, .fd = -1, .next = logs,
	};
	g->methods.xClose = gather_close;
	g->methods.xRead = gather_read;
	g->methods.xWrite = gather_write;
	g->methods.xTruncate = gather_truncate;
	g->methods.xSync = gather_sync;
	g->methods.xFileSize = gather_size;
	logs = g;
	f->pMethods = &g->methods;
}

void gather_flush_all(void)
{
	for (struct gather *g = logs; g; g = g->next)
		(void)flush(g);
}

static struct gather *log_of(sqlite3 *handle)
{
	sqlite3_file *f = NULL;

	if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &f) != SQLITE_OK)
		return NULL;
	for (struct gather *g = logs; g; g = g->next)
		if (g->file == f)
			return g;
	return NULL;
}

void gather_next_sync(sqlite3 *handle, enum log_sync how)
{
	struct gather *g = log_of(handle);

	if (g)
		g->next_sync = how;
}

bool gather_is_synced(sqlite3 *handle, int *ret_code)
{
	struct gather *g = log_of(handle);

	*ret_code = SQLITE_OK;
	if (!g || !g->under_way)
		return true;
	if (aio_error(&g->sync) == EINPROGRESS)
		return false;
	*ret_code = end_sync(g);
	return true;
}

int gather_await(sqlite3 *handle)
{
	struct gather *g = log_of(handle);

	return g ? await(g) : SQLITE_OK;
}
