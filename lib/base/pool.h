#ifndef PW_BASE_POOL_H
#define PW_BASE_POOL_H

#include <stddef.h>

/*
 * Memory for a library that asks for small pieces again and again, as SQLite does for each statement: what it gives back
 * is kept by size and given out again, and stays the process's. For one thread. NULL when there is no memory, for such
 * libraries know what to do then; our own code takes base/mem.h.
 */
void *pool_alloc(size_t size);               /* aligned to 8 bytes, as SQLite needs it, not more */
void *pool_resize(void *piece, size_t size); /* piece: not NULL; it stays as it is when there is no memory */
void pool_free(void *piece);                 /* NULL: nothing */

size_t pool_round(size_t size);              /* what a piece of such a size has room for */
size_t pool_room(const void *piece);

#endif
