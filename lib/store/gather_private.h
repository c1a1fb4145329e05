#ifndef PW_STORE_GATHER_PRIVATE_H
#define PW_STORE_GATHER_PRIVATE_H

#include <sqlite3.h>

/*
 * SQLite writes its log frame by frame, each in two pieces, and syncs it at the end of a transaction. Here the pieces are
 * gathered, and the file system gets them as one: when the log is synced, read, cut or closed, at the latest before other
 * programs are told of a transaction. What is lost when the program dies before is what the system was free to lose.
 */
struct gather {
	sqlite3_io_methods methods; /* the first, so that the file's table leads here */
	const sqlite3_io_methods *below;
	sqlite3_file *file;
	unsigned char *bytes;       /* NULL: nothing has been gathered yet */
	int n;
	sqlite3_int64 at;           /* where in the file they begin */
	struct gather *next;
};

/* Takes a log over that was just opened; *g is its own, in the same memory as the file. */
void gather_begin(struct gather *g, sqlite3_file *f);

/* Other programs will be told of what is in the logs. Whether it can be written is known since they were synced. */
void gather_flush_all(void);

#endif
