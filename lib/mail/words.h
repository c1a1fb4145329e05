#ifndef PW_MAIL_WORDS_H
#define PW_MAIL_WORDS_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * A text made ready to look for phrases in: ASCII in lower case, white space as one blank each, typographic quotes and
 * apostrophes plain, without addresses (only "@" is left of one) and web links, whose words mean nothing here.
 */
const char *words_of(struct arena *a, const char *text, size_t len);

/* Whether a text made by words_of() has one of the phrases, which stand one after the other, each ended by NUL. */
bool words_have(const char *words, const char *phrases);

/* The same, only at its beginning. */
bool words_begin(const char *words, const char *phrases);

/*
 * Finds the next e-mail address in a text from *at on and moves *at behind it.
 * Returns it in the arena, without angle brackets, or NULL. Message ids and parts of links are no addresses.
 */
const char *words_address(struct arena *a, const char *text, size_t len, size_t *at);

/* The first address in a text, "" when there is none: for headers, where one in angle brackets goes first. */
const char *words_header_address(struct arena *a, const char *value);

#endif
