#ifndef PW_REHEARSE_RENDER_H
#define PW_REHEARSE_RENDER_H

#include "base/attr.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* A template and its data as people try them out: without a database, without a contact. */
struct render_request {
	const char *name;             /* of the template's file, for messages */
	const char *text;
	size_t len;
	const char *data_name, *data; /* a JSON object; data NULL: no data */
	size_t data_len;
	bool html;                    /* outputs are escaped */
	bool strict;                  /* a hole is an error, as when sending */
	int64_t now;
};

/*
 * Appends the rendered template. -1 with ERR_INVALID: the template, the data, or a hole; the text has file, line and
 * column as compilers print them.
 */
int render_text(const struct render_request *r, struct buf *out, struct err *err) PW_CHECK;

#endif
