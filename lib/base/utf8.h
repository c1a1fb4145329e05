#ifndef PW_BASE_UTF8_H
#define PW_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/*
 * Decodes one character (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF).
 * Returns its length in bytes, or 0 when the bytes at s are not valid UTF-8 or len is 0.
 */
size_t utf8_decode(const char *s, size_t len, uint32_t *ret);

/* Appends a character. c must be a valid one. */
void utf8_append(struct buf *b, uint32_t c);

bool utf8_valid(const char *s, size_t len);

/* Has it no byte over 127? */
bool utf8_is_ascii(const char *s, size_t len);

/* How many characters a valid text has; invalid bytes count one each. */
size_t utf8_length(const char *s, size_t len);

/* How many columns a terminal shows (combining 0, wide 2); for text that utf8_safe() wrote. */
size_t utf8_columns(const char *s, size_t len);

/* C0, C1, DEL, line and paragraph separators, bidirectional controls, BOM, tags: nothing that is shown. */
bool utf8_is_control(uint32_t c);

/*
 * Appends s so that it can go to a terminal or log: controls and invalid bytes become \xNN or \u{NNNN},
 * a backslash stays. keep_newline: '\n' and '\t' pass.
 */
void utf8_safe(struct buf *b, const char *s, size_t len, bool keep_newline);

#endif
