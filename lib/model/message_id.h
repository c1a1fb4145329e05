#ifndef PW_MODEL_MESSAGE_ID_H
#define PW_MODEL_MESSAGE_ID_H

#include <stddef.h>
#include <stdint.h>

struct arena;

/*
 * The Message-ID of a mail of ours: NUMBER.LETTERS@DOMAIN, without <>. The number is that of its row, so that a mail is
 * found again without an index of the texts; the letters are a secret that nobody can guess.
 *
 * secret         random bytes
 * from_address   the sender's, whose domain it takes
 */
#define MESSAGE_ID_SECRET ((size_t)10)
const char *message_id_make(struct arena *a, int64_t number, const unsigned char secret[MESSAGE_ID_SECRET],
                            const char *from_address);

/* The number in front; 0 when it is none of ours. Whether there is such a mail, its whole text says. */
int64_t message_id_number(const char *message_id);

#endif
