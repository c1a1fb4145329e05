#include "store/gather_private.h"

#include "base/pool.h"

#include <stdint.h>
#include <string.h>

#define ROOM   120000 /* some thirty frames; less than what malloc() asks the system for by itself */
#define HEADER 32     /* of the log (sqlite.org/fileformat2.html, 4.1) */

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

	gather_of(f)->is_new = false; /* the power may go before the file is cut */
	return rc == SQLITE_OK ? gather_of(f)->below->xTruncate(f, size) : rc;
}

/*
 * SQLite syncs the header before the first frame, so that what stood in a log before is not taken for frames of this one.
 * In a file that is new nothing stands: header and frames get there with one sync.
 */
static bool is_bare_header(const struct gather *g)
{
	sqlite3_int64 size;

	return g->is_new && g->at == 0 && g->n == HEADER && g->below->xFileSize(g->file, &size) == SQLITE_OK && size == 0;
}

static int gather_sync(sqlite3_file *f, int flags)
{
	int rc;

	if (is_bare_header(gather_of(f)))
		return SQLITE_OK;
	rc = flush(gather_of(f));
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

void gather_begin(struct gather *g, sqlite3_file *f, bool is_new)
{
	*g = (struct gather){ .methods = *f->pMethods, .below = f->pMethods, .file = f, .is_new = is_new, .next = logs };
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
