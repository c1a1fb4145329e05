#ifndef PW_MAIL_REASON_H
#define PW_MAIL_REASON_H

#include "mail/classify.h"

/*
 * Finds the most telling status code (RFC 3463) in a text: the last one that says more than "5.0.0", else any.
 * Returns false when there is none; numbers of hosts are no codes.
 */
bool reason_find_status(const char *text, size_t len, char ret[16]);

/* The SMTP reply code (400 to 599) with which a server's words begin, or 0. */
int reason_reply_code(const char *text);

/*
 * Says why, from what a server said (made by words_of()) and the status code, "" when there is none.
 * MAIL_REASON_UNDEFINED: nothing is known from that.
 */
struct vocabulary;
enum mail_reason reason_of_words(struct arena *a, const struct vocabulary *v, const char *words);
enum mail_reason reason_of_vague_words(const char *words); /* what is also said when something else is the matter */
enum mail_reason reason_of_status(const char *status);

/* A status that names its reason exactly, whatever words stand beside it; else MAIL_REASON_UNDEFINED. */
enum mail_reason reason_of_exact_status(const char *status);

/* What a reply code says by itself (RFC 5321 section 4.2.2), for those few that say one thing. */
enum mail_reason reason_of_reply(int code);

/* Whether the recipient will never take mail; a temporary status (4.x) of a host is not for ever. */
bool reason_is_hard(enum mail_reason reason, const char *status);

#endif
