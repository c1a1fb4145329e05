#ifndef PW_TRANSPORT_DELIVERY_H
#define PW_TRANSPORT_DELIVERY_H

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What became of one message. An undeliverable message is no error of the program: every transport
 * answers with this value, and the caller decides what follows.
 *
 *   sent       accepted; the answer is in `text`
 *   retry      not accepted now (4xx), or the server could not be reached: again later, with back-off
 *   recipient  the address does not exist: a bounce, the run ends
 *   refused    this message is refused for good: the run is blocked as undeliverable
 *   auth       the server does not let this mailbox log in: the mailbox rests, nobody's run is blamed
 *   settings   the mailbox's settings or its server's do not fit (TLS, sender, program, folder): likewise
 *   in-doubt   its last byte was offered and no answer came: nobody can know; never repeated silently
 */
#define DELIVERY_OUTCOMES(X)        \
	X(SENT,      "sent")            \
	X(RETRY,     "retry")           \
	X(RECIPIENT, "recipient")       \
	X(REFUSED,   "refused")         \
	X(AUTH,      "auth")            \
	X(SETTINGS,  "settings")        \
	X(IN_DOUBT,  "in-doubt")

enum delivery_outcome {
#define X(name, text) DELIVERY_##name,
	DELIVERY_OUTCOMES(X)
#undef X
};

/* Where it was decided. CHECK: by our own gate before anything was written. RUN: a program or a folder. */
#define DELIVERY_PHASES(X)          \
	X(CHECK,   "check")             \
	X(CONNECT, "connect")           \
	X(GREET,   "greet")             \
	X(TLS,     "tls")               \
	X(LOGIN,   "login")             \
	X(MAIL,    "mail")              \
	X(RCPT,    "rcpt")              \
	X(DATA,    "data")              \
	X(DOT,     "dot")               \
	X(RUN,     "run")

enum delivery_phase {
#define X(name, text) PHASE_##name,
	DELIVERY_PHASES(X)
#undef X
};

#define DELIVERY_STATUS 12   /* "5.123.123" */
#define DELIVERY_TEXT   513  /* 512 bytes are kept */

struct delivery {
	enum delivery_outcome outcome;
	enum delivery_phase phase;
	int code;                     /* SMTP reply code or exit status; 0 when there was none */
	char status[DELIVERY_STATUS]; /* enhanced status code (RFC 3463), "" when there was none */
	char text[DELIVERY_TEXT];     /* the server's words, or ours; printable UTF-8, one line */
};

const char *delivery_outcome_text(enum delivery_outcome outcome);
const char *delivery_phase_text(enum delivery_phase phase);

/* A delivery without a reply code; text longer than what is kept is cut at a character. */
struct delivery delivery_make(enum delivery_outcome outcome, enum delivery_phase phase, const char *fmt, ...)
	PW_FORMAT(3, 4);

/*
 * What an SMTP reply means (code 200-599; status "" when the server gave none):
 *
 *   phase             reply                               outcome
 *   any               4xx                                 retry
 *   any but DOT       530 534 535 538 (RFC 4954)          auth
 *   LOGIN             other 5xx                           auth
 *   GREET TLS         5xx                                 settings
 *   MAIL              552, 5.2.3, 5.3.4 (too big)         refused
 *   MAIL              other 5xx                           settings
 *   RCPT              5xx with 5.1.7 or 5.1.8 (sender)    settings
 *   RCPT              5xx with another 5.1.x              recipient
 *   RCPT              other 5xx                           refused
 *   DATA DOT          5xx                                 refused
 *   DOT               2xx                                 sent
 *
 * A 5xx to RCPT without an enhanced status does not end a run as a bounce: servers that refuse *us* answer
 * 550, too. BUG for a reply that is no answer in that phase (2xx before DOT, 1xx, 3xx).
 */
enum delivery_outcome delivery_classify(enum delivery_phase phase, int code, const char *status);

/*
 * Whether the refusal speaks of policy (refused with 5.7.x) or, of a program, of how it is set up (exit status 64, 71,
 * 72, 77, 78): one may be about the person, three in a row are about the mailbox. The caller counts.
 */
bool delivery_blames_mailbox(const struct delivery *d);

#endif
