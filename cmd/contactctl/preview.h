#ifndef PW_CONTACTCTL_PREVIEW_H
#define PW_CONTACTCTL_PREVIEW_H

#include "selection.h"

/*
 * Prints every step that each person who was named would go through, with its date (S2.16), and with -v the mails
 * as they would be; nothing is written. Returns 0, 1 when somebody would be refused, or -1.
 */
int preview(struct session *s, const struct pipeline *p, struct selection *sel, struct err *err) PW_CHECK;

#endif
