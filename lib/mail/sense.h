#ifndef PW_MAIL_SENSE_H
#define PW_MAIL_SENSE_H

#include "mail/classify.h"
#include "mail/vocabulary.h"

/*
 * Says why a mail was not delivered from how the words of a text made by words_of() stand together: who or what it is
 * about (the recipient, a domain, the sender, the mail), and what is said of it (there is none, it is full). That reads
 * phrases that nobody has listed, in ten languages. MAIL_REASON_UNDEFINED: nothing of that kind is said.
 */
enum mail_reason sense_reason(struct arena *a, const struct vocabulary *v, const char *words);

/* Whether words made by words_of() say, in any of these languages, that a mail was not delivered. */
bool sense_undelivered(struct arena *a, const struct vocabulary *v, const char *words);

#endif
