#ifndef PW_BASE_FOLD_H
#define PW_BASE_FOLD_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/* Appends a valid UTF-8 text in Unicode normal form C: one spelling for what looks the same. */
void fold_nfc(struct buf *b, const char *s, size_t len);

/*
 * Appends a valid UTF-8 text in lower case (character by character, whatever the locale) and normal form C:
 * a key to compare by. Folding a key again changes nothing.
 */
void fold_key(struct buf *b, const char *s, size_t len);

/* The upper and the lower case of one character, whatever the locale; c itself when it has none. */
uint32_t fold_upper(uint32_t c);
uint32_t fold_lower(uint32_t c);

#endif
