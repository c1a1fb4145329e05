#ifndef PW_TRANSPORT_MAILFILE_H
#define PW_TRANSPORT_MAILFILE_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"

#include <stddef.h>

/*
 * Mail that lies in files: a Maildir, an mbox (mbox.h), a folder with a file for each mail. Nothing is changed: no mail is moved,
 * marked or removed.
 */
struct buf;

/* More of a mail is not read (lib/mail reads less). */
enum { MAILFILE_MAX = 4 << 20, MAILFILE_STAMP = 128 };

struct mailfile_list {
	const char **paths; /* whole paths */
	const char **names; /* what stays the same of a mail: the file's name without flags */
	size_t n, cap;
};

/*
 * What changes when mail arrives: of both folders of a Maildir, or of a file. 1; 0 when it is not there; -1 (ERR_IO,
 * ERR_DENIED).
 */
int maildir_stamp(const char *path, char ret[MAILFILE_STAMP], struct err *err) PW_CHECK;
int mbox_stamp(const char *path, char ret[MAILFILE_STAMP], struct err *err) PW_CHECK;

/* The mails of a Maildir (new and cur) in the order of their names, in the arena. */
int maildir_list(const char *path, struct arena *a, struct mailfile_list *ret, struct err *err) PW_CHECK;

/* The files of one folder whose names do not begin with a dot, the same. No folder: none. */
int mailfile_list(const char *path, struct arena *a, struct mailfile_list *ret, struct err *err) PW_CHECK;

/* Reads a mail, up to MAILFILE_MAX bytes: 1, 0 it has gone or is no plain file, -1. */
int mailfile_read(const char *path, struct buf *out, struct err *err) PW_CHECK;

#endif
