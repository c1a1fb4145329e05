#ifndef PW_BASE_BUF_H
#define PW_BASE_BUF_H

#include "base/attr.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * The one string builder. Always NUL-terminated, its length kept, with a ceiling: beyond `limit` bytes
 * nothing is added and `over` is set, to be asked once at the end instead of after each append.
 * The bytes may contain NUL.
 */
struct buf {
	char *s;       /* never NULL: "" when empty */
	size_t len;
	size_t cap;
	size_t limit;
	bool over;
};

extern char buf_empty[1];

#define BUF_INIT(limit_bytes) { buf_empty, 0, 0, (limit_bytes), false }
#define BUF_AUTO PW_CLEANUP(buf_release) struct buf

void buf_init(struct buf *b, size_t limit);
void buf_release(struct buf *b);              /* frees; empty and usable again with the same limit */
void buf_clear(struct buf *b);                /* empty, keeps the memory, forgets `over` */
void buf_truncate(struct buf *b, size_t len); /* len <= b->len */

void buf_reserve(struct buf *b, size_t more); /* memory for so many more bytes at once; nothing when they are too many */

void buf_add(struct buf *b, const void *data, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) PW_FORMAT(2, 3);
void buf_addv(struct buf *b, const char *fmt, va_list ap) PW_FORMAT(2, 0);

/* Gives the text away: the caller frees it; the buffer is empty again. */
char *buf_take(struct buf *b) PW_CHECK;

#endif
