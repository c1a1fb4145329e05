#include "base/buf.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char buf_empty[1] = "";

void buf_init(struct buf *b, size_t limit)
{
	*b = (struct buf)BUF_INIT(limit);
}

void buf_release(struct buf *b)
{
	if (b->cap)
		free(b->s);
	buf_init(b, b->limit);
}

void buf_clear(struct buf *b)
{
	if (b->cap)
		b->s[0] = '\0';
	b->len = 0;
	b->over = false;
}

void buf_truncate(struct buf *b, size_t len)
{
	if (len < b->len) {
		b->len = len;
		b->s[len] = '\0';
	}
}

static void grow(struct buf *b, size_t want)
{
	b->s = xrealloc(b->cap ? b->s : NULL, want, 1);
	b->cap = want;
}

static bool reserve(struct buf *b, size_t more)
{
	size_t want;

	if (b->over || more > b->limit - b->len) {
		b->over = true;
		return false;
	}
	want = b->len + more + 1;
	if (want <= b->cap)
		return true;
	if (want < b->cap * 2)
		want = b->cap * 2;
	grow(b, want < 64 ? 64 : want);
	return true;
}

void buf_reserve(struct buf *b, size_t more)
{
	if (more > b->limit - b->len || b->len + more + 1 <= b->cap)
		return;
	grow(b, b->len + more + 1);
	b->s[b->len] = '\0';
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	if (len == 0 || !reserve(b, len))
		return;
	memcpy(b->s + b->len, data, len);
	b->len += len;
	b->s[b->len] = '\0';
}

void buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_addc(struct buf *b, char c)
{
	if (b->over || b->len >= b->limit || b->len + 1 >= b->cap) {
		buf_add(b, &c, 1);
		return;
	}
	b->s[b->len++] = c;
	b->s[b->len] = '\0';
}

void buf_addv(struct buf *b, const char *fmt, va_list ap)
{
	size_t room = b->cap - b->len;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(room ? b->s + b->len : NULL, room, fmt, ap);
	if (n > 0 && reserve(b, (size_t)n)) {
		if ((size_t)n >= room)
			vsnprintf(b->s + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	} else if (room) {
		b->s[b->len] = '\0';
	}
	va_end(again);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_addv(b, fmt, ap);
	va_end(ap);
}

char *buf_take(struct buf *b)
{
	char *s = b->cap ? b->s : xstrdup("");

	buf_init(b, b->limit);
	return s;
}
