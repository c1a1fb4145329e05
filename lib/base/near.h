#ifndef PW_BASE_NEAR_H
#define PW_BASE_NEAR_H

#include <stddef.h>

/*
 * The name nearest to `word`, for "did you mean": at most a third of its letters (at least one) inserted,
 * deleted, replaced or swapped. NULL when none is near. names[i] may be NULL (skipped).
 */
const char *near_match(const char *word, const char *const *names, size_t n);

/* The distance that near_match uses. Texts over 64 bytes are far from everything. */
size_t near_distance(const char *a, const char *b);

#endif
