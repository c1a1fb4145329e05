#ifndef PW_MAIL_CLASSIFY_H
#define PW_MAIL_CLASSIFY_H

#include "base/civil.h"
#include "mail/mail.h"

#include <stdbool.h>
#include <stdint.h>

/* What a mail is, in the order in which it is looked at: no bounce counts as a reply. */
#define MAIL_KINDS(X)                                                                            \
	X(COMPLAINT,   "complaint")   /* a feedback report (RFC 5965), or what providers send as one */ \
	X(BOUNCE,      "bounce")      /* not delivered, or not yet */                                \
	X(DELIVERED,   "delivered")   /* a status report (RFC 3464) that nothing went wrong */       \
	X(UNSUBSCRIBE, "unsubscribe") /* the mailto form of List-Unsubscribe (RFC 2369) */           \
	X(AUTO_REPLY,  "auto_reply")  /* a machine answers for a person (RFC 3834) */                \
	X(REPLY,       "reply")       /* names a mail that it answers */                             \
	X(MESSAGE,     "message")     /* anything else */

enum mail_kind {
#define X(name, text) MAIL_##name,
	MAIL_KINDS(X)
#undef X
};

const char *mail_kind_text(enum mail_kind kind);

/*
 * Why a mail was not delivered. `hard` reasons say that the address itself is no good, so that nobody should write to
 * it again; with all others it may be good tomorrow, or for another mail.
 */
#define MAIL_REASONS(X)                                                   \
	X(UNDEFINED,       "undefined",       false)                          \
	X(USERUNKNOWN,     "userunknown",     true)                           \
	X(HOSTUNKNOWN,     "hostunknown",     true)                           \
	X(HASMOVED,        "hasmoved",        true)                           \
	X(NOTACCEPT,       "notaccept",       true)  /* the host takes no mail: null MX, RFC 7505 */ \
	X(MAILBOXFULL,     "mailboxfull",     false)                          \
	X(SUSPEND,         "suspend",         false)                          \
	X(FILTERED,        "filtered",        false)                          \
	X(REJECTED,        "rejected",        false) /* the sender's address */ \
	X(BLOCKED,         "blocked",         false) /* the client's host */  \
	X(BADREPUTATION,   "badreputation",   false)                          \
	X(REQUIREPTR,      "requireptr",      false)                          \
	X(AUTHFAILURE,     "authfailure",     false)                          \
	X(SPEEDING,        "speeding",        false)                          \
	X(TOOMANYCONN,     "toomanyconn",     false)                          \
	X(SPAMDETECTED,    "spamdetected",    false)                          \
	X(VIRUSDETECTED,   "virusdetected",   false)                          \
	X(POLICYVIOLATION, "policyviolation", false)                          \
	X(SECURITYERROR,   "securityerror",   false)                          \
	X(NORELAYING,      "norelaying",      false)                          \
	X(NOTCOMPLIANTRFC, "notcompliantrfc", false)                          \
	X(CONTENTERROR,    "contenterror",    false)                          \
	X(MESGTOOBIG,      "mesgtoobig",      false)                          \
	X(EXCEEDLIMIT,     "exceedlimit",     false)                          \
	X(EXPIRED,         "expired",         false)                          \
	X(NETWORKERROR,    "networkerror",    false)                          \
	X(SYSTEMERROR,     "systemerror",     false)                          \
	X(SYSTEMFULL,      "systemfull",      false)                          \
	X(MAILERERROR,     "mailererror",     false)                          \
	X(SYNTAXERROR,     "syntaxerror",     false)                          \
	X(ONHOLD,          "onhold",          false) /* nothing is said */    \
	X(FEEDBACK,        "feedback",        false) /* of a complaint */     \
	X(DELIVERED,       "delivered",       false)

enum mail_reason {
#define X(name, text, hard) MAIL_REASON_##name,
	MAIL_REASONS(X)
#undef X
};

const char *mail_reason_text(enum mail_reason reason);
bool mail_reason_is_hard(enum mail_reason reason);

/* What a report says about one recipient. Texts are never NULL but where said. */
struct mail_outcome {
	const char *recipient; /* as it was written, without angle brackets */
	const char *original;  /* the address before forwarding (Original-Recipient), or NULL */
	enum mail_reason reason;
	bool hard;
	char status[16];       /* "5.1.1" (RFC 3463), "" when none is said */
	const char *action;    /* of RFC 3464: failed delayed delivered relayed expanded; NULL: of a complaint */
	const char *said;      /* the server's own words, cut; "" when none are known */
};

struct mail_reading {
	enum mail_kind kind;
	struct mail_outcome *outcomes; /* of bounces, complaints and deliveries; may be empty */
	size_t n_outcomes, cap_outcomes;

	const char *from;        /* the address of the From header, "" when there is none */
	const char *subject;     /* "" */
	const char *message_id;  /* without angle brackets; "" */
	const char *answers;     /* ids of In-Reply-To and References without angle brackets, each ended by a blank; "" */
	const char *delivered_to; /* addresses that it came to (To, Delivered-To, ..), each ended by a blank; "" */
	const char *original_id; /* of the mail that a report is about; "" */
	const char *original_to; /* its recipient; "" */
	int64_t written_at;      /* its Date (UTC seconds); when it is read, if it has none */
	bool automatic;          /* a program wrote it, of whatever kind it is */
	bool abuse;              /* of a complaint: a person complained (not RFC 6591, not "not-spam") */

	const char *reply;       /* of replies and automatic ones: what was written, without what it quotes; "" */
	bool returns;            /* an automatic reply says when the person is back: */
	struct civil return_date;
};

/*
 * Says what a mail is.
 *
 * now   when it is read (UTC seconds): what a date without a year is counted from if the mail has no Date
 *
 * Everything in *ret belongs to the mail's arena.
 */
void mail_classify(const struct mail *m, int64_t now, struct mail_reading *ret);

#endif
