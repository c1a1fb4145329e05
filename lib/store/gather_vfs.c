#include "store/gather_private.h"

#include "base/pool.h"

#include <stdint.h>
#include <string.h>

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

static int gather_sync(sqlite3_file *f, int flags)
{
	int rc = flush(gather_of(f));

	return rc == SQLITE_OK ? gather_of(f)->below->xSync(f, flags) : rc;
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
	closed = below->xClose(f);
	return written == SQLITE_OK ? closed : written;
}

void gather_begin(struct gather *g, sqlite3_file *f)
{
	*g = (struct gather){ .methods = *f->pMethods, .below = f->pMethods, .file = f, .next = logs };
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
