#include "store/page_private.h"

#include "store/gather_private.h"

#include <endian.h>
#include <inttypes.h>
#include <string.h>

#define MIN_PAGE 512
#define MAX_PAGE 65536

/* The header of the file, in page 1 (sqlite.org/fileformat.html, 1.3). */
#define WRITE_VERSION 18 /* who knows a smaller one may only read */
#define RESERVED      20
#define WRITTEN_BY    96 /* the SQLite that wrote page 1 last; nobody acts on it */

#define WRITE_WAL    2
#define WRITE_SEALED 3
#define OURS         "pipe"

/*
 * What we keep of a file stands behind what the layer below keeps of it. The file is that layer's, but for two functions
 * in its table, so that all others are called as ever. The table is of version 2: nothing is mapped into memory.
 */
struct sealed {
	sqlite3_io_methods methods;
	const sqlite3_io_methods *below;
	bool room;
};

static sqlite3_vfs *below;
static sqlite3_vfs layer;
static int64_t bad_page;

/* Either, in the same place. */
union extra {
	struct sealed sealed;
	struct gather gather;
};

static union extra *extra_of(sqlite3_file *f)
{
	return (union extra *)(void *)((char *)f + (size_t)layer.szOsFile - sizeof(union extra));
}

static struct sealed *sealed_of(sqlite3_file *f)
{
	return &extra_of(f)->sealed;
}

/* And not the header alone, which may be half of one when the power went: then the log has page 1. */
static bool is_page(int n, sqlite3_int64 at)
{
	return n >= MIN_PAGE && n <= MAX_PAGE && (n & (n - 1)) == 0 && at % n == 0;
}

static int refuse_page(int64_t number)
{
	bad_page = number;
	return SQLITE_IOERR_DATA;
}

/* A copy of the file that another program made has a page 1 of that program's, with the seal that was on ours. */
static bool must_be_sealed(const struct sealed *s, const unsigned char *page, int64_t number, uint64_t seal)
{
	if (number == 1)
		return memcmp(page + WRITTEN_BY, OURS, strlen(OURS)) == 0;
	return s->room && seal != 0;
}

static void take_header(struct sealed *s, unsigned char *page)
{
	s->room = page[RESERVED] == PAGE_SEAL;
	if (page[WRITE_VERSION] == WRITE_SEALED)
		page[WRITE_VERSION] = WRITE_WAL;
}

static int take_page(struct sealed *s, unsigned char *page, size_t n, int64_t number)
{
	uint64_t seal;

	memcpy(&seal, page + n, sizeof seal);
	seal = le64toh(seal);
	if (must_be_sealed(s, page, number, seal) && seal != page_sum(page, n, number))
		return refuse_page(number);
	if (number == 1)
		take_header(s, page);
	if (s->room)
		memset(page + n, 0, sizeof seal);
	return SQLITE_OK;
}

/* SQLite takes what is missing of a page at the end of the file for zeros. What is shorter than page 1 it refuses itself. */
static bool is_cut(sqlite3_file *f, sqlite3_int64 at)
{
	sqlite3_int64 size;

	return at > 0 && f->pMethods->xFileSize(f, &size) == SQLITE_OK && size > at;
}

static int page_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
	struct sealed *s = sealed_of(f);
	int rc = s->below->xRead(f, to, n, at);

	if (!is_page(n, at))
		return rc;
	if (rc == SQLITE_IOERR_SHORT_READ && is_cut(f, at))
		return refuse_page(at / n + 1);
	return rc == SQLITE_OK ? take_page(s, to, (size_t)n - PAGE_SEAL, at / n + 1) : rc;
}

static void mark_header(unsigned char *page)
{
	if (page[WRITE_VERSION] == WRITE_WAL)
		page[WRITE_VERSION] = WRITE_SEALED;
	memcpy(page + WRITTEN_BY, OURS, strlen(OURS));
}

/* A copy is sealed, since SQLite keeps what it gives us and has to find it as it was. */
static int page_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	static unsigned char page[MAX_PAGE];
	struct sealed *s = sealed_of(f);
	size_t len = (size_t)n - PAGE_SEAL;
	uint64_t seal;

	if (is_page(n, at) && at == 0)
		s->room = ((const unsigned char *)from)[RESERVED] == PAGE_SEAL;
	if (!s->room || !is_page(n, at))
		return s->below->xWrite(f, from, n, at);
	memcpy(page, from, len);
	if (at == 0)
		mark_header(page);
	seal = htole64(page_sum(page, len, at / n + 1));
	memcpy(page + len, &seal, sizeof seal);
	return s->below->xWrite(f, page, n, at);
}

/* SQLite is about to tell other programs how far the log goes. */
static void page_barrier(sqlite3_file *f)
{
	gather_flush_all();
	sealed_of(f)->below->xShmBarrier(f);
}

static int layer_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *ret_flags)
{
	int rc = below->xOpen(below, path, f, flags, ret_flags);
	struct sealed *s = sealed_of(f);

	(void)vfs;
	if (rc == SQLITE_OK && (flags & SQLITE_OPEN_WAL))
		gather_begin(&extra_of(f)->gather, f);
	if (rc != SQLITE_OK || !(flags & SQLITE_OPEN_MAIN_DB))
		return rc;
	*s = (struct sealed){ .methods = *f->pMethods, .below = f->pMethods, .room = true };
	s->methods.iVersion = 2;
	s->methods.xRead = page_read;
	s->methods.xWrite = page_write;
	s->methods.xShmBarrier = page_barrier;
	f->pMethods = &s->methods;
	return SQLITE_OK;
}

const char *page_vfs(void)
{
	static const int align = sizeof(void *) - 1;

	if (below)
		return layer.zName;
	below = sqlite3_vfs_find(NULL);
	if (!below)
		return NULL;
	layer = *below;
	layer.pNext = NULL;
	layer.zName = "pipewright";
	layer.szOsFile = ((below->szOsFile + align) & ~align) + (int)sizeof(union extra);
	layer.xOpen = layer_open;
	sqlite3_vfs_register(&layer, 0); /* fails only when sqlite3_vfs_find() does */
	return layer.zName;
}

bool page_has_room(sqlite3 *handle)
{
	sqlite3_file *f;

	return sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &f) == SQLITE_OK && sealed_of(f)->room;
}

void page_make_room(sqlite3 *handle)
{
	int n = PAGE_SEAL;

	sqlite3_file_control(handle, "main", SQLITE_FCNTL_RESERVE_BYTES, &n);
}

int64_t page_bad(void)
{
	return bad_page;
}

void page_forget_bad(void)
{
	bad_page = 0;
}

int page_fail(const char *path, struct err *err)
{
	return err_set(err, ERR_CONFIG, "%s is damaged: page %" PRId64 " is not as it was written; bring a backup back: pipectl restore",
	               path, bad_page);
}
