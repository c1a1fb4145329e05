#ifndef PW_STORE_ERASE_STORE_H
#define PW_STORE_ERASE_STORE_H

#include "base/attr.h"
#include "base/err.h"

#include <stdint.h>

struct db;

/*
 * What was written to a contact is forgotten: texts, addresses and answers of its messages. One that a server may
 * have is not touched until it is settled; all others are dropped with their bytes.
 */
int erase_messages(struct db *db, int64_t team, int64_t contact, struct err *err) PW_CHECK;

/* What a contact's events say, and under which keys they came, is forgotten; that they happened is not. */
int erase_events(struct db *db, int64_t team, int64_t contact, struct err *err) PW_CHECK;

#endif
