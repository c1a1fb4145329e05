#ifndef PW_ENGINE_VERP_H
#define PW_ENGINE_VERP_H

#include "base/arena.h"
#include "base/token.h"
#include "model/mailbox.h"

#include <stdint.h>

/*
 * The return address of a message of a mailbox with `verp`: "anna+b17-TOKEN@example.com", or with a domain
 * "b17-TOKEN@bounces.example.com". The token signs team and message, so that what comes back to it is about that mail.
 * An address whose local part would have more than 64 bytes stays as it is. In the arena, or mail_from itself.
 */
const char *verp_sender(const struct token_key *key, const struct mailbox *mb, int64_t team, int64_t message,
                        const char *mail_from, struct arena *a);

/* The message of the team that one of these addresses (blanks between them) names with a good token, or 0. */
int64_t verp_message(const struct token_key *key, int64_t team, const char *addresses);

#endif
