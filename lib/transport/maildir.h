#ifndef PW_TRANSPORT_MAILDIR_H
#define PW_TRANSPORT_MAILDIR_H

#include "base/attr.h"
#include "transport/delivery.h"

#include <stddef.h>

/*
 * Delivers into a Maildir. The file's name follows from the Message-ID, so the same mail delivered again is
 * found there, also in cur/ with flags, and counts as sent: a maildir message is never in doubt, after a crash
 * it is simply delivered again.
 */
struct maildir;

/*
 * Opens PATH; PATH, tmp, new and cur are made (0700) when missing, the folder above PATH must exist. Reads
 * once what cur/ holds: open it anew in each tick.
 *
 * Returns NULL with *ret filled: settings (no permission, nothing above it, not a folder) or retry (disk full,
 * input/output error).
 */
struct maildir *maildir_open(const char *path, struct delivery *ret) PW_CHECK;

/*
 * Writes content (CR LF line ends, checked here; the file has LF) durably: file and folder are synced before
 * this returns. The caller has committed the fence.
 *
 * message_id   with or without its angle brackets
 *
 * Outcomes: sent, also when it was there; retry (ENOSPC, EDQUOT, EIO); settings (EACCES, EROFS, the folder is
 * gone); refused (the content or Message-ID does not pass the check).
 */
struct delivery maildir_deliver(struct maildir *m, const char *message_id, const char *content, size_t len);

void maildir_close(struct maildir *m); /* NULL is fine */

#endif
