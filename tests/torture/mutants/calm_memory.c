/*
 * Seeded bug: without memory the program ends as if all was done.
 *
 * program: contactctl
 * wrap: xmalloc xcalloc xrealloc
 */
#include "base/mem.h"

#include <stdlib.h>

void *__wrap_xmalloc(size_t size);
void *__wrap_xcalloc(size_t n, size_t size);
void *__wrap_xrealloc(void *p, size_t n, size_t size);

static void *there_or_done(void *p)
{
	if (!p)
		_Exit(0);
	return p;
}

void *__wrap_xmalloc(size_t size)
{
	return there_or_done(malloc(size ? size : 1));
}

void *__wrap_xcalloc(size_t n, size_t size)
{
	return there_or_done(calloc(n ? n : 1, size ? size : 1));
}

void *__wrap_xrealloc(void *p, size_t n, size_t size)
{
	return there_or_done(realloc(p, n * size > 0 ? n * size : 1));
}
