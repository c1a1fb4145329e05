#ifndef PW_TRANSPORT_IMAP_H
#define PW_TRANSPORT_IMAP_H

#include "base/attr.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/*
 * Reads mail from an IMAP4rev1 server (RFC 3501). libcurl makes the connection, TLS and login; the conversation is ours,
 * because libcurl's own loses literals and marks mail as seen. Folders are opened by EXAMINE and texts fetched by
 * BODY.PEEK: nothing changes on the server. Each answer of the server must come within 60 seconds.
 */
struct imap;

struct imap_config {
	const char *url;      /* imap://HOST[:PORT] or imaps://HOST[:PORT] */
	const char *user, *password;
	const char *token;    /* OAuth2, instead of a password; NULL */
	const char *ca_file;  /* NULL: the system's */
	bool tls;             /* imap:// must become encrypted by STARTTLS */
};

/*
 * Connects and logs in. -1: ERR_CONFIG (refused login, no TLS, bad URL), ERR_UNREACH (anything that may work later).
 * Close with imap_close(), which takes NULL and waits for nothing.
 */
int imap_open(const struct imap_config *config, struct imap **ret, struct err *err) PW_CHECK;
void imap_close(struct imap *m);

/* Opens a folder without changing anything. -1: ERR_MISSING (there is none), ERR_UNREACH. */
int imap_examine(struct imap *m, const char *folder, int64_t *ret_validity, struct err *err) PW_CHECK;

/*
 * The UIDs of mails above `after` that came in on or after a day (UTC seconds; 0: any), in rising order; the caller frees
 * *ret. Returns how many, or -1 (ERR_UNREACH).
 */
int imap_search(struct imap *m, int64_t after, int64_t since, int64_t **ret, struct err *err) PW_CHECK;

/*
 * Fetches a mail, at most max bytes of it. 1; 0: it has gone; -1 (ERR_UNREACH).
 */
int imap_fetch(struct imap *m, int64_t uid, size_t max, struct buf *out, struct err *err) PW_CHECK;

#endif
