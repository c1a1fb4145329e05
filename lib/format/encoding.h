#ifndef PW_FORMAT_ENCODING_H
#define PW_FORMAT_ENCODING_H

#include "base/attr.h"
#include "base/err.h"

#include <stddef.h>

struct buf;
struct encoding;

/*
 * Opens a decoder to UTF-8. Names, in any case: utf-8, windows-1252 (cp1252), iso-8859-1 (latin1),
 * iso-8859-15 (latin9), utf-16 (byte order by its mark, little-endian without one), utf-16le, utf-16be.
 * Returns 0, or -1 with ERR_USAGE: no such name. Close with encoding_close(), which takes NULL.
 */
int encoding_open(const char *name, struct encoding **ret, struct err *err) PW_CHECK;
void encoding_close(struct encoding *e);

/*
 * Appends the next len bytes in UTF-8. A character that is cut at the end of one call is completed by the
 * next. What the encoding does not have becomes the byte ENCODING_BAD, which is in no UTF-8 text: whoever
 * checks the result finds it. UTF-8 passes unchecked.
 */
enum { ENCODING_BAD = 0xff };
void encoding_decode(struct encoding *e, const char *s, size_t len, struct buf *out);

/* Appends ENCODING_BAD if the input has ended within a character. */
void encoding_finish(struct encoding *e, struct buf *out);

#endif
