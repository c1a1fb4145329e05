#ifndef PW_TRANSPORT_SMTP_CONNECT_H
#define PW_TRANSPORT_SMTP_CONNECT_H

#include "transport/delivery.h"
#include "transport/smtp.h"

#include <stddef.h>
#include <stdint.h>

struct pollfd;

/*
 * The connection below the mail transaction, made by libcurl in the background: name look-up, TCP, TLS,
 * STARTTLS, EHLO, AUTH. Private to smtp.c.
 */
struct smtp_link;

/* Never NULL; what is wrong with the configuration comes out of smtp_link_connect(). */
struct smtp_link *smtp_link_open(const struct smtp_config *config, int64_t now_ms);

/* Frees; never waits, sends nothing. NULL is fine. */
void smtp_link_close(struct smtp_link *l);

/* Goes on connecting. 1: connected, *ret_caps filled; 0: not yet; -1: failed, *ret says why. */
int smtp_link_connect(struct smtp_link *l, int64_t now_ms, struct smtp_caps *ret_caps, struct delivery *ret)
	PW_CHECK;

/* While connecting: what to poll for (at most SMTP_FDS_MAX), and when to look although nothing happened. */
size_t smtp_link_fds(const struct smtp_link *l, struct pollfd *ret);
int64_t smtp_link_wake_ms(const struct smtp_link *l);

/* Once connected: the socket to poll. */
int smtp_link_fd(const struct smtp_link *l);

/* Whether bytes may wait inside the link (TLS) although the socket has none: read until it says 0. */
bool smtp_link_buffers(const struct smtp_link *l);

/*
 * 1: *ret_n bytes were moved (reading: at least one); 0: not now, poll; -1: the connection is gone.
 * After a write that gave 0 the next write must start with the same bytes at the same place (OpenSSL).
 */
int smtp_link_write(struct smtp_link *l, const char *bytes, size_t len, size_t *ret_n) PW_CHECK;
int smtp_link_read(struct smtp_link *l, char *ret_bytes, size_t room, size_t *ret_n) PW_CHECK;

#endif
