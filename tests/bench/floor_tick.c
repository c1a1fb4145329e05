/* The least that an idle tick can be: open the file with SQLite alone, ask once what is due, exit. */
#include <sqlite3.h>

int main(int argc, char **argv)
{
	sqlite3 *db;
	sqlite3_stmt *st;

	if (argc != 2 || sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, 0) != SQLITE_OK)
		return 1;
	if (sqlite3_prepare_v2(db, "SELECT 1 FROM queue WHERE lane = 1 AND class = 0 AND due <= 1 LIMIT 1", -1, &st, 0) !=
	    SQLITE_OK)
		return 1;
	sqlite3_step(st);
	sqlite3_finalize(st);
	return sqlite3_close(db) != SQLITE_OK;
}
