#ifndef PW_MAIL_ANSWER_H
#define PW_MAIL_ANSWER_H

#include "mail/mail.h"

/* What was written in this mail, without what it quotes and without the signature; "" when nothing is left. */
const char *answer_text(const struct mail *m);

#endif
