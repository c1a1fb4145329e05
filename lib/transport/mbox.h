#ifndef PW_TRANSPORT_MBOX_H
#define PW_TRANSPORT_MBOX_H

#include "base/attr.h"
#include "base/err.h"

#include <stddef.h>

/*
 * Calls back for each mail of an mbox (RFC 4155), without its "From " line and the blank line behind it. -1 from the
 * callback ends it. Of a mail up to MAILFILE_MAX bytes are read, however long its lines are. No file: no mail.
 *
 * A mail begins behind a blank line, or the beginning of the file, with "From ", a sender and a date as asctime() or
 * RFC 5322 write it, with or without seconds and a zone: other lines that begin so belong to the mail, except where
 * the first one of the file has no date either. The writers differ in how they keep a mail's own lines apart:
 *
 *	mboxo, mboxrd      ">From " loses one ">"
 *	mboxcl, mboxcl2    the body is as long as Content-Length says, and is taken as it is. That field counts only when a
 *	                   mail or the end of the file follows there: others have passed on what a sender wrote
 */
int mbox_each(const char *path, int (*each)(void *ctx, const char *mail, size_t len, struct err *err), void *ctx,
              struct err *err) PW_CHECK;

#endif
