#ifndef PW_FORMAT_HTML_ENTITY_H
#define PW_FORMAT_HTML_ENTITY_H

#include <stddef.h>
#include <stdint.h>

/* No reference is longer, "&" and ";" included: what follows an "&" for longer is text. */
enum { HTML_ENTITY_LONGEST = 12 };

/*
 * Reads the character reference that begins with the "&" at s: a name of HTML 4 or a number, ended by ";".
 * Numbers that name no character give U+FFFD.
 * Returns its length with *ret set to the character, or 0 when there is none and the "&" is text.
 */
size_t html_entity(const char *s, size_t len, uint32_t *ret);

#endif
