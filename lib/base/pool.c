#include "base/pool.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define STEP      ((size_t)16)
#define SMALL_MAX ((size_t)1024) /* with the head */
#define CHUNK     ((size_t)32768)

/* In front of each piece: how long it is with its head. */
struct head {
	uint64_t whole;
};
_Static_assert(sizeof(struct head) == 8, "pieces are aligned to 8 bytes");

/* A small piece that was given back. */
struct spare {
	struct spare *next; /* of its size */
};

static struct spare *spares[SMALL_MAX / STEP + 1];
static char *chunk, *chunk_end;

static struct head *head_of(const void *piece)
{
	return (struct head *)(uintptr_t)piece - 1;
}

static size_t whole_of(size_t size)
{
	return (size + sizeof(struct head) + STEP - 1) & ~(STEP - 1);
}

/* The sanitizers see what is done to a piece only when it is one of malloc(). */
static bool is_small(size_t whole)
{
#ifdef __SANITIZE_ADDRESS__
	(void)whole;
	return false;
#else
	return whole <= SMALL_MAX;
#endif
}

static void *take_spare(size_t whole)
{
	struct spare *s = spares[whole / STEP];

	if (s)
		spares[whole / STEP] = s->next;
	return s;
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
	void *spare;

	if (whole < size)
		return NULL;
	spare = is_small(whole) ? take_spare(whole) : NULL;
	if (spare)
		return spare;
	h = is_small(whole) ? cut(whole) : malloc(whole);
	if (!h)
		return NULL;
	h->whole = whole;
	return h + 1;
}

void pool_free(void *piece)
{
	struct spare *s = piece;

	if (!piece)
		return;
	if (!is_small(head_of(piece)->whole)) {
		free(head_of(piece));
		return;
	}
	s->next = spares[head_of(piece)->whole / STEP];
	spares[head_of(piece)->whole / STEP] = s;
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
	if (whole >= size && !is_small(whole) && !is_small(head_of(piece)->whole))
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
