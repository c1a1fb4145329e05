#ifndef PW_TRANSPORT_IMAP_NAME_H
#define PW_TRANSPORT_IMAP_NAME_H

#include <stdbool.h>

struct buf;

/*
 * Appends the name of a folder as IMAP4rev1 wants it, quoted. A name with letters that are not ASCII is written in modified
 * UTF-7 (RFC 3501 section 5.1.3); one without stays as it is, so that "Envoy&AOk-s" works as well as "Envoyés".
 * Returns false for what is no name: control characters, no UTF-8.
 */
bool imap_name(struct buf *out, const char *folder);

/* Appends "text" (RFC 3501 section 9, quoted). Returns false when it has something that is no printable ASCII. */
bool imap_quoted(struct buf *out, const char *text);

#endif
