#include "store/db_private.h"

#include "base/pool.h"

static void *piece_alloc(int size)
{
	return pool_alloc((size_t)size);
}

static void *piece_resize(void *piece, int size)
{
	return pool_resize(piece, (size_t)size);
}

static int piece_room(void *piece)
{
	return piece ? (int)pool_room(piece) : 0;
}

static int piece_round(int size)
{
	return (int)pool_round((size_t)size);
}

static int begin(void *nothing)
{
	(void)nothing;
	return SQLITE_OK;
}

static void end(void *nothing)
{
	(void)nothing;
}

/*
 * No program has threads, and nobody asks for SQLite's statistics: without both, its allocator takes no locks. Debian
 * builds it without the pool of small pieces that it has of its own, and it takes some 60 of them for a mail.
 */
void memory_settle(void)
{
	static const sqlite3_mem_methods pool = { piece_alloc, pool_free, piece_resize, piece_room, piece_round, begin, end, NULL };

	if (sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) != SQLITE_OK)
		return; /* it is at work already */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_MALLOC, &pool);
}
