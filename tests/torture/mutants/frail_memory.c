/*
 * Seeded bug: nobody looks whether there was memory.
 *
 * program: pipe-worker contactctl
 * wrap: xmalloc xcalloc xrealloc
 */
#include "base/mem.h"

#include <stdlib.h>

void *__wrap_xmalloc(size_t size);
void *__wrap_xcalloc(size_t n, size_t size);
void *__wrap_xrealloc(void *p, size_t n, size_t size);

void *__wrap_xmalloc(size_t size)
{
	return malloc(size ? size : 1);
}

void *__wrap_xcalloc(size_t n, size_t size)
{
	return calloc(n ? n : 1, size ? size : 1);
}

void *__wrap_xrealloc(void *p, size_t n, size_t size)
{
	return realloc(p, n * size > 0 ? n * size : 1);
}
