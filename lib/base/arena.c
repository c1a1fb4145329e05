#include "base/arena.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)8192)
#define ALIGNMENT  _Alignof(max_align_t)

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	_Alignas(max_align_t) unsigned char data[];
};

static struct arena_block *block_new(size_t size, struct arena_block *next)
{
	struct arena_block *b = xmalloc(sizeof *b + size);

	b->next = next;
	b->size = size;
	b->used = 0;
	return b;
}

static void *take(struct arena *a, size_t size)
{
	struct arena_block *b = a->head;
	void *p;

	BUG_ON(size > SIZE_MAX / 2);
	size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	if (!b || b->size - b->used < size)
		b = a->head = block_new(size > BLOCK_SIZE ? size : BLOCK_SIZE, b);
	p = b->data + b->used;
	b->used += size;
	return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
	return memset(take(a, size), 0, size);
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		BUG("array of %zu elements", n);
	return arena_alloc(a, total);
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *copy = take(a, n + 1);

	memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_strndup(a, s, strlen(s)) : NULL;
}

char *arena_join(struct arena *a, const char *s, const char *t, const char *u)
{
	size_t n = strlen(s), m = strlen(t), k = strlen(u);
	char *text = take(a, n + m + k + 1);

	memcpy(text, s, n);
	memcpy(text + n, t, m);
	memcpy(text + n + m, u, k + 1);
	return text;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	struct arena_block *b = a->head;
	size_t room = b ? b->size - b->used : 0;
	va_list ap, again;
	char *s;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(room ? (char *)b->data + b->used : NULL, room, fmt, ap);
	va_end(ap);
	BUG_ON(n < 0);
	s = take(a, (size_t)n + 1);
	if ((size_t)n >= room)
		vsnprintf(s, (size_t)n + 1, fmt, again);
	va_end(again);
	return s;
}

void *arena_grow(struct arena *a, void *list, size_t *cap, size_t n, size_t size)
{
	void *grown;

	if (n < *cap)
		return list;
	*cap = *cap ? *cap * 2 : 8;
	grown = arena_array(a, *cap, size);
	if (n > 0)
		memcpy(grown, list, n * size);
	return grown;
}

void arena_release(struct arena *a)
{
	struct arena_block *next;

	for (struct arena_block *b = a->head; b; b = next) {
		next = b->next;
		free(b);
	}
	a->head = NULL;
}

void arena_clear(struct arena *a)
{
	struct arena_block *keep = a->head;

	if (!keep)
		return;
	a->head = keep->next;
	arena_release(a);
	keep->next = NULL;
	keep->used = 0;
	a->head = keep;
}
