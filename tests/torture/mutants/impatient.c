/*
 * Seeded bug: nobody waits for a lock of the database.
 *
 * program: contactctl
 * wrap: sqlite3_busy_handler
 */
#include <sqlite3.h>

int __wrap_sqlite3_busy_handler(sqlite3 *db, int (*wait)(void *ctx, int times), void *ctx);

int __wrap_sqlite3_busy_handler(sqlite3 *db, int (*wait)(void *ctx, int times), void *ctx)
{
	(void)db;
	(void)wait;
	(void)ctx;
	return SQLITE_OK;
}
