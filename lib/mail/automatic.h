#ifndef PW_MAIL_AUTOMATIC_H
#define PW_MAIL_AUTOMATIC_H

#include "base/civil.h"
#include "mail/mail.h"

/* Whether a program sent this mail (RFC 3834, and how servers say so without it). */
bool automatic_is_machine(const struct mail *m);

/* Whether it comes from an address that only programs use: noreply@. */
bool automatic_is_robot(const struct mail *m);

/* Whether it answers for a person: an absence note, an acknowledgement. */
bool automatic_is_reply(const struct mail *m);

/*
 * Finds the day on which somebody says to be back, in English, German, Italian, French or Spanish. A day without a
 * year is the one nearest to `from`; one that is not within the year after `from` is none.
 */
bool automatic_return_date(struct arena *a, const char *text, const struct civil *from, struct civil *ret);

#endif
