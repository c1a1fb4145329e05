#ifndef PW_STORE_CONTACT_FIELDS_PRIVATE_H
#define PW_STORE_CONTACT_FIELDS_PRIVATE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/contact.h"

struct db;

/*
 * The values and tags of a contact as its row has them: a line for each value, NUMBER=VALUE with the word of its name,
 * then one for each tag, #TAG. A backslash and a line feed in them are written as \\ and \n.
 */
#define FIELDS_MAX ((size_t)16 << 20)

/* Appends the values and tags of the view. New names of fields become words. */
int contact_fields_write(struct db *db, const struct contact *c, struct buf *b, struct err *err) PW_CHECK;

/* Reads them into the view, sorted. `text` is kept and changed. */
int contact_fields_read(struct db *db, char *text, struct arena *a, struct contact *c, struct err *err) PW_CHECK;

/* Only the table that leads from a tag to its contacts. */
int tag_insert(struct db *db, int64_t team, int64_t contact, const char *tag, struct err *err) PW_CHECK;

/* Takes every tag away, in both places. */
int contact_remove_tags(struct db *db, int64_t team, int64_t contact, struct err *err) PW_CHECK;

#endif
