#ifndef PW_ENGINE_INBOX_H
#define PW_ENGINE_INBOX_H

#include <stdint.h>

struct buf;

/*
 * Appends how a mail is read, as one line of JSON: file, kind, recipients with reason, hard, status and action, and of
 * replies reply_text and return_date (YYYY-MM-DD). Needs no database. Linked with GMime: only for pipe-inbox.
 */
void inbox_explain(const char *file, const struct buf *bytes, int64_t now, struct buf *out);

#endif
