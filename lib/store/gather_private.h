#ifndef PW_STORE_GATHER_PRIVATE_H
#define PW_STORE_GATHER_PRIVATE_H

#include <aio.h>
#include <sqlite3.h>
#include <stdbool.h>

/* What SQLite's next sync of the log becomes. */
enum log_sync {
	LOG_SYNC, /* what it says */
	LOG_BEGIN /* it is begun, and goes on while the program does something else */
};

/*
 * SQLite writes its log frame by frame, each in two pieces, and syncs it at the end of a transaction. Here the pieces are
 * gathered, and the file system gets them as one: when the log is synced, read, cut or closed, at the latest before other
 * programs are told of a transaction. What is lost when the program dies before is what the system was free to lose.
 */
struct gather {
	sqlite3_io_methods methods; /* the first, so that the file's table leads here */
	const sqlite3_io_methods *below;
	sqlite3_file *file;
	const char *path;           /* SQLite's, as long as the file is open */
	unsigned char *bytes;       /* NULL: nothing has been gathered yet */
	int n;
	sqlite3_int64 at;           /* where in the file they begin */
	enum log_sync next_sync;
	bool was_synced;            /* by SQLite, which syncs the folder with a file that it made */
	bool under_way;
	struct aiocb sync;
	int fd;                     /* for syncs that are begun; -1: none was */
	struct gather *next;
};

/* Takes a log over that was just opened; *g is its own, in the same memory as the file. */
void gather_begin(struct gather *g, sqlite3_file *f, const char *path);

/* Other programs will be told of what is in the logs. Whether it can be written is known since they were synced. */
void gather_flush_all(void);

/* For the next sync of this handle's log only. A handle that has not read anything yet has none: then it stays as it is. */
void gather_next_sync(sqlite3 *handle, enum log_sync how);

/* Has the sync that was begun come to its end, or is there none? Then *ret_code is SQLite's code for what came of it. */
bool gather_is_synced(sqlite3 *handle, int *ret_code);

/* Waits for it. Returns SQLite's code. */
int gather_await(sqlite3 *handle);

#endif
