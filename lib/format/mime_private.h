#ifndef PW_FORMAT_MIME_PRIVATE_H
#define PW_FORMAT_MIME_PRIVATE_H

#include "format/mime.h"

/*
 * Header fields, one call each: "Name: value" CRLF, folded. The only place where a value becomes part of a
 * header, so the only place that keeps line breaks out. -1 with ERR_INVALID when the value is refused.
 */
int header_text(struct buf *out, const char *name, const char *value, struct err *err) PW_CHECK;
int header_mailbox(struct buf *out, const char *name, const struct mime_mailbox *value,
                   struct err *err) PW_CHECK;
int header_date(struct buf *out, int64_t date, int zone_offset_minutes, struct err *err) PW_CHECK;
int header_message_id(struct buf *out, const char *id, struct err *err) PW_CHECK;
int header_references(struct buf *out, const char *name, const char *const *ids, size_t n,
                      struct err *err) PW_CHECK;
int header_unsubscribe(struct buf *out, const struct mime_message *m, struct err *err) PW_CHECK;

/* Content-Type and Content-Disposition of an attachment (RFC 2183, file name by RFC 2231). */
int header_attachment(struct buf *out, const struct mime_attachment *a, struct err *err) PW_CHECK;

/* Which encoding of a text is shorter, and the text in it: CRLF between lines, none added at the end. */
bool body_wants_base64(const char *s, size_t len);
void body_add_quoted_printable(struct buf *out, const char *s, size_t len);
void body_add_base64_text(struct buf *out, const char *s, size_t len);
void body_add_base64(struct buf *out, const void *data, size_t len);

/* One line of base64, padded and without line breaks. */
void base64_add(struct buf *out, const void *data, size_t len);

#endif
