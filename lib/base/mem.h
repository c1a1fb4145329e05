#ifndef PW_BASE_MEM_H
#define PW_BASE_MEM_H

#include "base/attr.h"

#include <stddef.h>

/*
 * Allocation that never returns NULL: out of memory ends the process with status 71 (EX_OSERR), which
 * every caller survives, because nothing is acknowledged before it is committed.
 * malloc and kin are called nowhere else.
 */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);              /* zeroed; n * size is checked */
void *xrealloc(void *p, size_t n, size_t size);    /* n * size is checked */
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);

/* Ends the process in the same way: for memory that another library asked for. */
PW_NORETURN void mem_exhausted(void);

/*
 * Makes room for one more element in a growing array: `GROW(&list, &cap, n)` before list[n] = x.
 * The array is freed with free().
 */
#define GROW(list, cap, n) (*(list) = mem_grow(*(list), (cap), (n), sizeof **(list)))
void *mem_grow(void *list, size_t *cap, size_t n, size_t size);

#endif
