#ifndef PW_BASE_ARENA_H
#define PW_BASE_ARENA_H

#include "base/attr.h"

#include <stdarg.h>
#include <stddef.h>

/*
 * Memory that lives and dies together: a document, a message, a tick. Nothing in it is freed piece by
 * piece. `struct arena a = { 0 };` is an empty one.
 */
struct arena_block;
struct arena {
	struct arena_block *head;
};

void *arena_alloc(struct arena *a, size_t size);              /* zeroed, aligned for any type */
void *arena_array(struct arena *a, size_t n, size_t size);    /* n * size is checked */
char *arena_strdup(struct arena *a, const char *s);           /* NULL gives NULL */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) PW_FORMAT(2, 3);
char *arena_join(struct arena *a, const char *s, const char *t, const char *u); /* one after the other; quicker */

/* Frees everything; the arena is empty and usable again. */
void arena_release(struct arena *a);

/* Forgets everything but keeps one block for the next use: for loops that render many times. */
void arena_clear(struct arena *a);

#define ARENA_AUTO PW_CLEANUP(arena_release) struct arena

/* Makes room for element n of a growing array in the arena: `ARENA_GROW(a, &list, &cap, n)` before list[n] = x. */
#define ARENA_GROW(a, list, cap, n) (*(list) = arena_grow((a), *(list), (cap), (n), sizeof **(list)))
void *arena_grow(struct arena *a, void *list, size_t *cap, size_t n, size_t size);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))

#endif
