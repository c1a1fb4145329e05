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

/*
 * Whether a text made by words_of() has, or begins with, one of the phrases, which stand one after the other in a literal,
 * each but the last ended by NUL: words_have(words, "user unknown\0no such user").
 */
#define words_have(words, phrases)  words_have_any((words), (phrases), sizeof(phrases))
#define words_begin(words, phrases) words_begin_any((words), (phrases), sizeof(phrases))
bool words_have_any(const char *words, const char *phrases, size_t size);
bool words_begin_any(const char *words, const char *phrases, size_t size);

/*
 * Finds the next e-mail address in a text from *at on and moves *at behind it.
 * Returns it in the arena, without angle brackets, or NULL. Message ids and parts of links are no addresses.
 */
const char *words_address(struct arena *a, const char *text, size_t len, size_t *at);

/* The first address in a text, "" when there is none: for headers, where one in angle brackets goes first. */
const char *words_header_address(struct arena *a, const char *value);

/* How many bytes of s to keep, at most max, so that no character is cut. */
size_t words_cut(const char *s, size_t max);

#endif
