#ifndef PW_BASE_FOLD_H
#define PW_BASE_FOLD_H

#include <stddef.h>

struct buf;

/* Appends a valid UTF-8 text in Unicode normal form C: one spelling for what looks the same. */
void fold_nfc(struct buf *b, const char *s, size_t len);

/*
 * Appends a valid UTF-8 text in lower case (character by character, whatever the locale) and normal form C:
 * a key to compare by. Folding a key again changes nothing.
 */
void fold_key(struct buf *b, const char *s, size_t len);

#endif
