#ifndef PW_TRANSPORT_CONTENT_H
#define PW_TRANSPORT_CONTENT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The last gate before a message leaves: what passes cannot be read as two messages by any server (RFC 5321
 * 2.3.8, 4.5.3.1.6): every line ends with CR LF, there is no other CR or LF, no NUL, no line over 998
 * bytes, and the last line is ended. All transports ask it themselves.
 *
 * Returns NULL when the content may go, else what is wrong with it (a static text).
 * ret_eightbit (may be NULL): whether there are bytes over 127.
 */
const char *mail_content_check(const char *content, size_t len, bool *ret_eightbit);

/*
 * The same for an envelope address, sender or recipient: LOCAL@DOMAIN without controls, blanks, NUL, angle
 * brackets, quotes' tricks or a second '@' outside quotes; local part at most 64, all at most 254 bytes.
 * Bytes over 127 must be UTF-8; ret_utf8 (may be NULL) tells whether there are some.
 *
 * Returns NULL when the address may go, else what is wrong with it (a static text).
 */
const char *mail_address_check(const char *address, bool *ret_utf8);

/*
 * Writes content (checked) to a file with LF line ends, as sendmail and Maildir want it.
 * Returns 0, or -1 with errno set.
 */
int mail_content_write_lf(int fd, const char *content, size_t len);

#endif
