/*
 * sql DATABASE TEXT: runs SQL as another program cannot: with seals on the pages that it writes. Rows are printed as the
 * shell of SQLite does it.
 */
#include "store/page_private.h"

#include <stdio.h>

static int print_row(void *ctx, int n, char **values, char **names)
{
	(void)ctx;
	(void)names;
	for (int i = 0; i < n; i++)
		printf("%s%s", i ? "|" : "", values[i] ? values[i] : "");
	return putchar('\n') == EOF;
}

int main(int argc, char **argv)
{
	sqlite3 *db = NULL;
	int rc;

	if (argc != 3) {
		fputs("usage: sql DATABASE TEXT\n", stderr);
		return 64;
	}
	rc = sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, page_vfs());
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, argv[2], print_row, NULL, NULL);
	if (rc != SQLITE_OK)
		fprintf(stderr, "sql: %s\n", sqlite3_errmsg(db));
	sqlite3_close(db);
	return rc != SQLITE_OK || fflush(stdout) != 0;
}
