/*
 * Seeded bug: a subject goes out as it is, not encoded.
 *
 * program: pipe-worker
 * wrap: header_text
 */
#include "base/buf.h"
#include "format/mime_private.h"

int __wrap_header_text(struct buf *out, const char *name, const char *value, struct err *err);

int __wrap_header_text(struct buf *out, const char *name, const char *value, struct err *err)
{
	(void)err;
	buf_addf(out, "%s: %s\r\n", name, value);
	return 0;
}
