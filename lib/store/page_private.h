#ifndef PW_STORE_PAGE_PRIVATE_H
#define PW_STORE_PAGE_PRIVATE_H

#include "base/err.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Each page of the database file ends with a seal: a sum of the page and of its number, in bytes that SQLite leaves
 * alone. It is made when a page is written into the file and looked at when one is read from it, so that what has changed
 * in between is an error (SQLITE_IOERR_DATA) and never a mail. SQLite itself sees zeros in its place, and so does its log,
 * which has sums of its own. The header of the file says that other programs may only look at it. What they copy from the
 * log into the file has no seal, and is taken as it is until it is written again.
 */

#define PAGE_SEAL 8 /* bytes */

/* The seal of page `number`, whose first n bytes (a multiple of 8) are these. Never 0. */
uint64_t page_sum(const unsigned char *page, size_t n, int64_t number);

/*
 * The name of the layer that does it, over whichever file system layer SQLite uses otherwise; all handles of a database
 * are opened with it. NULL: SQLite has no memory. SQLite must have been configured already.
 */
const char *page_vfs(void);

/* Do the pages of this file have room for a seal? Known once something has been read from it. */
bool page_has_room(sqlite3 *handle);

/* Leaves the room in the pages of a file that is still empty. */
void page_make_room(sqlite3 *handle);

/* The page that was found changed since page_forget_bad(); 0: none. */
int64_t page_bad(void);
void page_forget_bad(void);

/* Says of the file what page_bad() says, and what to do. Returns -1. */
int page_fail(const char *path, struct err *err);

#endif
