#include "base/pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define STEP      ((size_t)16)
#define SMALL_MAX ((size_t)1024) /* with the head */
#define CHUNK     ((size_t)32768)

/* The sanitizers see what is done to a piece only when it is one of malloc(). */
#ifdef __SANITIZE_ADDRESS__
#define SMALLEST_LARGE ((size_t)0)
#else
#define SMALLEST_LARGE (SMALL_MAX + 1)
#endif

/* In front of each piece: how long it is with its head. While a small one is free, the next one of its size stands in it. */
struct head {
	uint64_t whole;
};
_Static_assert(sizeof(struct head) == 8, "pieces are aligned to 8 bytes");

static struct head *free_pieces[SMALL_MAX / STEP + 1];
static char *chunk, *chunk_end;

static struct head *head_of(const void *piece)
{
	return (struct head *)(uintptr_t)piece - 1;
}

static size_t whole_of(size_t size)
{
	return (size + sizeof(struct head) + STEP - 1) & ~(STEP - 1);
}

static struct head *cut(size_t whole)
{
	struct head *h;

	if ((size_t)(chunk_end - chunk) < whole) {
		char *fresh = malloc(CHUNK);

		if (!fresh)
			return NULL;
		chunk = fresh;
		chunk_end = fresh + CHUNK;
	}
	h = (struct head *)(void *)chunk;
	chunk += whole;
	return h;
}

void *pool_alloc(size_t size)
{
	size_t whole = whole_of(size);
	struct head *h;

	if (whole < size)
		return NULL;
	if (whole >= SMALLEST_LARGE) {
		h = malloc(whole);
	} else if ((h = free_pieces[whole / STEP]) != NULL) {
		memcpy(&free_pieces[whole / STEP], h + 1, sizeof h);
		return h + 1;
	} else {
		h = cut(whole);
	}
	if (!h)
		return NULL;
	h->whole = whole;
	return h + 1;
}

void pool_free(void *piece)
{
	struct head *h = piece ? head_of(piece) : NULL;

	if (!h)
		return;
	if (h->whole >= SMALLEST_LARGE) {
		free(h);
		return;
	}
	memcpy(piece, &free_pieces[h->whole / STEP], sizeof h);
	free_pieces[h->whole / STEP] = h;
}

static void *resize_large(struct head *h, size_t whole)
{
	h = realloc(h, whole);
	if (!h)
		return NULL;
	h->whole = whole;
	return h + 1;
}

void *pool_resize(void *piece, size_t size)
{
	size_t whole = whole_of(size), room = pool_room(piece);
	void *other;

	if (whole >= size && whole == head_of(piece)->whole)
		return piece;
	if (whole >= size && whole >= SMALLEST_LARGE && head_of(piece)->whole >= SMALLEST_LARGE)
		return resize_large(head_of(piece), whole);
	other = pool_alloc(size);
	if (!other)
		return NULL;
	memcpy(other, piece, room < size ? room : size);
	pool_free(piece);
	return other;
}

size_t pool_round(size_t size)
{
	return whole_of(size) - sizeof(struct head);
}

size_t pool_room(const void *piece)
{
	return (size_t)head_of(piece)->whole - sizeof(struct head);
}
