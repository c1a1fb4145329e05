#ifndef PW_MODEL_NUMBER_H
#define PW_MODEL_NUMBER_H

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>

/* Numbers of fields are decimal texts, so that 0.1 stays 0.1: "-12.5", at most 40 digits. */
#define NUMBER_SIZE 48

/*
 * Writes a number without needless zeros and signs: "+007.50" becomes "7.5". Returns false when the text is no
 * such number (a comma, an exponent, blanks, too many digits).
 */
bool number_normalize(const char *text, char ret[NUMBER_SIZE]) PW_CHECK;

/* -1, 0, 1. Both are numbers as number_normalize() writes them. */
int number_compare(const char *a, const char *b);

#endif
