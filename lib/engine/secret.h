#ifndef PW_ENGINE_SECRET_H
#define PW_ENGINE_SECRET_H

#include "base/attr.h"
#include "base/err.h"
#include "model/mailbox.h"

struct buf;

/*
 * Reads what a mailbox logs in with: the first line of password_file, or of what password_command or token_command
 * print (run by /bin/sh without a terminal, 30 seconds at most). Nothing of it is logged or stored.
 *
 * out    cleared and filled; wipe it with secret_wipe() as soon as it has been handed on
 *
 * Returns 1, 0 when the mailbox needs no login, -1 with ERR_CONFIG saying what is wrong (never the secret).
 */
int secret_read(const struct mailbox_login *login, struct buf *out, struct err *err) PW_CHECK;

void secret_wipe(struct buf *out);

#endif
