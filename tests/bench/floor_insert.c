/* The least that adding one contact can be: one durable insert into a file like ours. */
#include <sqlite3.h>

int main(int argc, char **argv)
{
	sqlite3 *db;

	if (argc != 2 || sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, 0) != SQLITE_OK)
		return 1;
	sqlite3_busy_timeout(db, 5000);
	if (sqlite3_exec(db,
	                 "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
	                 "CREATE TABLE IF NOT EXISTS contact (id INTEGER PRIMARY KEY, team INT, email TEXT, name TEXT,"
	                 " UNIQUE (team, email));"
	                 "INSERT INTO contact (team, email, name) VALUES (1, hex(randomblob(12)), 'Anna')",
	                 0, 0, 0) != SQLITE_OK)
		return 1;
	return sqlite3_close(db) != SQLITE_OK;
}
