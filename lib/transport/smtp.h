#ifndef PW_TRANSPORT_SMTP_H
#define PW_TRANSPORT_SMTP_H

#include "base/attr.h"
#include "transport/delivery.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pollfd;

/*
 * One SMTP connection, driven by somebody else's poll loop: nothing here waits, so one loop can serve many
 * connections to many servers.
 *
 *	struct smtp *c = smtp_open(&config, now_ms);
 *	for (;;) {
 *		n = smtp_fds(c, fds);
 *		poll(fds, n, until smtp_wake_ms(c));
 *		while ((ev = smtp_feed(c, now_ms, &d, &id)) != SMTP_NONE)
 *			switch (ev) {
 *			case SMTP_CONNECTED:  smtp_begin(c, &first, now_ms, &d); break;
 *			case SMTP_FENCE:      fence message `id`; once that is committed:
 *			                      smtp_begin(c, &next, ...), then smtp_content(c, ...); break;
 *			case SMTP_DONE:       record d for message `id`; break;
 *			case SMTP_CLOSED:     smtp_close(c); ...
 *			}
 *	}
 *
 * The contract: every message that smtp_begin took gets exactly one SMTP_DONE, and every connection that ends
 * without smtp_close gets exactly one SMTP_CLOSED, as its last event. A message may get one SMTP_FENCE before
 * its SMTP_DONE: the server waits for its content, and nothing of it has been sent. The caller commits the
 * fence and only then calls smtp_content(). So a message without SMTP_FENCE, and one with SMTP_FENCE but
 * without smtp_content(), cannot have been accepted.
 *
 * Two messages may be on the way: begin the next one before smtp_content() of this one, and, where the
 * server offers PIPELINING, its MAIL, RCPT and DATA leave in the same write as this one's end (RFC 2920 3.1),
 * so that SMTP_DONE of this one and SMTP_FENCE of the next come out of the same round and share a commit.
 * Without PIPELINING the next message just waits here for its turn; the caller need not care.
 *
 * A refused recipient costs a RSET, no connection. A 4xx or 5xx to one message never touches another, but
 * 421 ends the connection: messages not offered come back as DELIVERY_RETRY. When the connection is lost or
 * a deadline passes, a message whose last bytes had been handed over is DELIVERY_IN_DOUBT, else DELIVERY_RETRY.
 */
struct smtp;

struct smtp_config {
	const char *url;      /* smtp://HOST[:PORT] (587 is not the default: 25 is) or smtps://HOST[:PORT] */
	const char *user;     /* NULL: no login */
	const char *password; /* for user; or */
	const char *token;    /* an OAuth 2 bearer token (XOAUTH2, OAUTHBEARER) */
	bool tls;             /* TLS before anything else is said, certificate and name verified */
	const char *ca_file;  /* NULL: the system's */
	const char *helo;     /* our name; NULL: the host's */
	int64_t connect_ms;   /* until logged in; 0: 30 s */
	int64_t transfer_ms;  /* one message, from its MAIL to its answer; 0: 5 minutes */
};

/* What the server said to EHLO, after STARTTLS if there was one. */
struct smtp_caps {
	bool pipelining;
	bool eightbit;   /* 8BITMIME */
	bool utf8;       /* SMTPUTF8 */
	bool size;       /* SIZE */
	int64_t size_max; /* 0: no limit announced */
};

struct smtp_envelope {
	int64_t id;       /* the caller's name for the message; comes back with its events */
	const char *from; /* borrowed during the call */
	const char *rcpt; /* borrowed during the call */
	size_t size;      /* of the content, in bytes */
	bool eightbit;    /* the content has bytes over 127 (mail_content_check tells) */
};

enum smtp_event {
	SMTP_NONE,      /* nothing more now: poll */
	SMTP_CONNECTED, /* connected and logged in; once */
	SMTP_FENCE,     /* message *ret_id: 354 received, the server waits for the content */
	SMTP_DONE,      /* message *ret_id is done: *ret says how */
	SMTP_CLOSED,    /* the connection is gone: *ret says why (outcome retry, auth or settings); smtp_close it */
};

/* What can be on the way at once: one whose content or answer is due, one behind it. */
#define SMTP_AHEAD 2

/* smtp_fds() writes at most so many. */
#define SMTP_FDS_MAX 8

/*
 * Begins to connect: name look-up, TCP, TLS, EHLO and AUTH go on in the background, in smtp_feed(). The proxy
 * variables of the environment are ignored. config is not needed after the call: the secrets are not kept
 * here, libcurl has its own copy until smtp_close().
 *
 * now_ms   monotonic milliseconds, here and below
 *
 * Never NULL: what is wrong with the configuration comes out of smtp_feed() as SMTP_CLOSED, as settings.
 */
struct smtp *smtp_open(const struct smtp_config *config, int64_t now_ms);

/* Writes what to poll for and returns how many (at most SMTP_FDS_MAX). Asks for POLLOUT only when needed. */
size_t smtp_fds(const struct smtp *c, struct pollfd *ret);

/* When to call smtp_feed() although nothing happened: 0 at once, INT64_MAX never. */
int64_t smtp_wake_ms(const struct smtp *c);

/*
 * Reads, writes and advances; gives the next event. Call it again until SMTP_NONE.
 *
 * ret      filled for SMTP_DONE and SMTP_CLOSED
 * ret_id   filled for SMTP_FENCE and SMTP_DONE
 */
enum smtp_event smtp_feed(struct smtp *c, int64_t now_ms, struct delivery *ret, int64_t *ret_id);

/* Whether smtp_begin() may be called: connected, not closed, fewer than SMTP_AHEAD messages on the way. */
bool smtp_can_begin(const struct smtp *c);

/* What the server offers; valid from SMTP_CONNECTED on. */
const struct smtp_caps *smtp_caps(const struct smtp *c);

/*
 * Takes a message; its MAIL, RCPT and DATA go out now, with the content of the one before it, or after that
 * one's answer, whichever is the soonest that the server allows. Addresses are checked once more here.
 *
 * Returns 0, or -1 with *ret filled: the message was not taken (bad address, too big for this server, or
 * needs SMTPUTF8 or 8BITMIME which it has not), no SMTP_DONE will come, and the connection is as it was.
 */
int smtp_begin(struct smtp *c, const struct smtp_envelope *env, int64_t now_ms, struct delivery *ret) PW_CHECK;

/*
 * After SMTP_FENCE: sends the content, dot-stuffed, and the final dot. The caller has committed the fence.
 * Large contents leave in pieces as the connection takes them.
 *
 * content  borrowed until this message's SMTP_DONE or smtp_close()
 *
 * Returns 0, or -1 with *ret filled: the content does not pass mail_content_check() or is 8-bit unannounced;
 * nothing was sent of it, no SMTP_DONE will come for it, and the connection ends with SMTP_CLOSED.
 */
int smtp_content(struct smtp *c, const char *content, size_t len, int64_t now_ms, struct delivery *ret) PW_CHECK;

/*
 * After SMTP_FENCE, instead of smtp_content(): the fence said no. SMTP cannot take back DATA, so the
 * connection ends without a dot: nothing was accepted. No SMTP_DONE comes for this message; one begun behind
 * it comes back as DELIVERY_RETRY, then SMTP_CLOSED.
 */
void smtp_abandon(struct smtp *c);

/*
 * Ends the connection and frees everything; NULL is fine. Never waits: an idle server is told QUIT, its answer
 * is not read. Messages still on the way are the caller's: offered is what had smtp_content().
 */
void smtp_close(struct smtp *c);

#endif
