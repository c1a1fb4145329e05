#ifndef PW_STORE_MESSAGE_BODY_PRIVATE_H
#define PW_STORE_MESSAGE_BODY_PRIVATE_H

#include "store/message_store.h"
#include "store/stmt_private.h"

/* What is kept of a mail's content, in a row of its own (message_body): text, HTML, headers, names of attachments. */

int body_insert(struct db *db, int64_t team, const struct message *m, struct err *err) PW_CHECK;

/* Changes it, or inserts it where there is none any more: an erased contact's mails have none. */
int body_store(struct db *db, int64_t team, const struct message *m, struct err *err) PW_CHECK;

/* The next columns of a row: stencil and content, which are 0 and empty where there is no body. ret has id and team. */
int body_read(struct stmt *st, struct arena *a, struct message *ret, struct err *err) PW_CHECK;

#endif
