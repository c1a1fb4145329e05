#ifndef PW_FORMAT_DECIMAL_H
#define PW_FORMAT_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

__extension__ typedef __int128 decimal_digits;

/*
 * An exact decimal number, digits / 10^scale, with up to 38 digits: templates compute with 10.1 as
 * people write it, not with the nearest binary fraction. Nothing here depends on the locale.
 */
struct decimal {
	decimal_digits digits;
	int scale; /* 0..38 */
};

/* The shortest decimal that reads back as d. False when d is not finite or has too many digits. */
bool decimal_from_double(double d, struct decimal *ret);

/* The double nearest to a. */
double decimal_to_double(const struct decimal *a);

/* False (and *ret unset) when the exact result has too many digits. */
bool decimal_add(const struct decimal *a, const struct decimal *b, struct decimal *ret);
bool decimal_multiply(const struct decimal *a, const struct decimal *b, struct decimal *ret);

/* The quotient to at least 20 digits. b is not zero. */
bool decimal_divide(const struct decimal *a, const struct decimal *b, struct decimal *ret);

/* a - b * floor(a / b): the remainder has the sign of b. b is not zero. */
bool decimal_modulo(const struct decimal *a, const struct decimal *b, struct decimal *ret);

/* -1, 0, 1 */
int decimal_compare(const struct decimal *a, const struct decimal *b);

/* Rounded to `places` digits behind the point (negative: tens, hundreds ...), halves away from zero. */
struct decimal decimal_round(const struct decimal *a, int places);

/* The next whole number below, or above. */
struct decimal decimal_floor(const struct decimal *a);
struct decimal decimal_ceil(const struct decimal *a);

/* The whole number that a with scale 0 is; false when it is beyond int64_t. */
bool decimal_to_int(const struct decimal *a, int64_t *ret);

/*
 * Reads all of "-12.5e3" (RFC 8259 numbers, and leading zeros). *ret_whole tells a number without point
 * and exponent that fits int64_t, which is in *ret_int; *ret is set in any case. Returns false when the
 * text is no number.
 */
bool number_parse(const char *s, size_t len, bool *ret_whole, int64_t *ret_int, double *ret);

/*
 * Writes the shortest text that reads back as d, with a point or an exponent: "1.0", "0.1", "1.0e+16",
 * "1.0e-05", "NaN", "Infinity". Returns its length.
 */
#define NUMBER_TEXT 32
size_t number_format(double d, char ret[NUMBER_TEXT]);

#endif
