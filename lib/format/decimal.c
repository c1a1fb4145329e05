#include "format/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SCALE 38

static const double exact_powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
	                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
	                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

#define EXACT_POWER_MAX 22
#define EXACT_DIGITS    (INT64_C(1) << 53)

/* digits * 10^exponent, correctly rounded; text without a point means the same in every locale. */
static double scaled(const char *digits, size_t n, bool negative, long exponent)
{
	char text[80];
	double d;

	if (n > 40) {
		exponent += (long)(n - 40);
		n = 40;
	}
	snprintf(text, sizeof text, "%.*se%ld", (int)n, digits, exponent);
	d = strtod(text, NULL);
	return negative ? -d : d;
}

/* The decimal digits of d without trailing zeros, as few as read back as d; value = 0.DDD * 10^*point. */
static size_t shortest(double d, char digits[20], int *point)
{
	char text[40];
	size_t n;

	for (int precision = fpclassify(d) == FP_NORMAL ? 14 : 0; precision <= 16; precision++) {
		snprintf(text, sizeof text, "%.*e", precision, d);
		if (strtod(text, NULL) == d)
			break;
	}
	n = 0;
	for (const char *p = text; *p != 'e'; p++)
		if (*p >= '0' && *p <= '9')
			digits[n++] = *p;
	*point = (int)strtol(strchr(text, 'e') + 1, NULL, 10) + 1;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	return n;
}

static bool times_ten(decimal_digits *digits, int times)
{
	for (; times > 0; times--)
		if (__builtin_mul_overflow(*digits, 10, digits))
			return false;
	return true;
}

bool decimal_from_double(double d, struct decimal *ret)
{
	char digits[20];
	decimal_digits value = 0;
	size_t n;
	int point;

	if (!isfinite(d))
		return false;
	n = shortest(fabs(d), digits, &point);
	for (size_t i = 0; i < n; i++)
		value = value * 10 + (digits[i] - '0');
	if (d < 0)
		value = -value;
	ret->scale = (int)n - point;
	ret->digits = value;
	if (ret->scale > MAX_SCALE || ret->scale < -20)
		return false;
	if (ret->scale < 0) {
		if (!times_ten(&ret->digits, -ret->scale))
			return false;
		ret->scale = 0;
	}
	return true;
}

static size_t digits_text(decimal_digits digits, char ret[40])
{
	char reversed[40];
	size_t n = 0;

	do {
		int digit = (int)(digits % 10);

		reversed[n++] = (char)('0' + (digit < 0 ? -digit : digit));
		digits /= 10;
	} while (digits);
	for (size_t i = 0; i < n; i++)
		ret[i] = reversed[n - 1 - i];
	return n;
}

double decimal_to_double(const struct decimal *a)
{
	char text[40];

	if (a->digits < EXACT_DIGITS && a->digits > -EXACT_DIGITS && a->scale <= EXACT_POWER_MAX)
		return (double)a->digits / exact_powers[a->scale];
	return scaled(text, digits_text(a->digits, text), a->digits < 0, -(long)a->scale);
}

/* Brings both to the greater scale. */
static bool align(const struct decimal *a, const struct decimal *b, decimal_digits *x, decimal_digits *y)
{
	*x = a->digits;
	*y = b->digits;
	return times_ten(x, b->scale - a->scale) && times_ten(y, a->scale - b->scale);
}

static int greater_scale(const struct decimal *a, const struct decimal *b)
{
	return a->scale > b->scale ? a->scale : b->scale;
}

bool decimal_add(const struct decimal *a, const struct decimal *b, struct decimal *ret)
{
	decimal_digits x, y, sum;

	if (!align(a, b, &x, &y) || __builtin_add_overflow(x, y, &sum))
		return false;
	*ret = (struct decimal){ sum, greater_scale(a, b) };
	return true;
}

bool decimal_multiply(const struct decimal *a, const struct decimal *b, struct decimal *ret)
{
	decimal_digits product;

	if (a->scale + b->scale > MAX_SCALE || __builtin_mul_overflow(a->digits, b->digits, &product))
		return false;
	*ret = (struct decimal){ product, a->scale + b->scale };
	return true;
}

bool decimal_divide(const struct decimal *a, const struct decimal *b, struct decimal *ret)
{
	decimal_digits x, y, more;
	int scale = 0;

	if (!align(a, b, &x, &y))
		return false;
	while (scale < MAX_SCALE && !__builtin_mul_overflow(x, 10, &more)) {
		x = more;
		scale++;
	}
	if (x != 0 && (x < 0 ? -(x / y) : x / y) < EXACT_DIGITS && x % y != 0 && scale < 20)
		return false;
	*ret = (struct decimal){ x / y, scale };
	return true;
}

bool decimal_modulo(const struct decimal *a, const struct decimal *b, struct decimal *ret)
{
	decimal_digits x, y, rest;

	if (!align(a, b, &x, &y))
		return false;
	rest = x % y;
	if (rest != 0 && (rest < 0) != (y < 0))
		rest += y;
	*ret = (struct decimal){ rest, greater_scale(a, b) };
	return true;
}

int decimal_compare(const struct decimal *a, const struct decimal *b)
{
	decimal_digits x, y;

	if (!align(a, b, &x, &y)) {
		double p = decimal_to_double(a), q = decimal_to_double(b);

		return (p > q) - (p < q);
	}
	return (x > y) - (x < y);
}

static decimal_digits power_of_ten(int n)
{
	decimal_digits p = 1;

	times_ten(&p, n);
	return p;
}

struct decimal decimal_round(const struct decimal *a, int places)
{
	decimal_digits unit, rest, up;
	int drop = a->scale - places;

	if (drop <= 0)
		return *a;
	if (drop > MAX_SCALE)
		return (struct decimal){ 0, 0 };
	unit = power_of_ten(drop);
	rest = a->digits % unit;
	up = rest < 0 ? -rest : rest;
	up = up >= unit - up ? (rest < 0 ? -1 : 1) : 0;
	if (places >= 0)
		return (struct decimal){ a->digits / unit + up, places };
	return (struct decimal){ (a->digits / unit + up) * power_of_ten(-places), 0 };
}

struct decimal decimal_floor(const struct decimal *a)
{
	decimal_digits unit = power_of_ten(a->scale);

	return (struct decimal){ a->digits / unit - (a->digits % unit < 0), 0 };
}

struct decimal decimal_ceil(const struct decimal *a)
{
	decimal_digits unit = power_of_ten(a->scale);

	return (struct decimal){ a->digits / unit + (a->digits % unit > 0), 0 };
}

bool decimal_to_int(const struct decimal *a, int64_t *ret)
{
	if (a->digits > INT64_MAX || a->digits < INT64_MIN)
		return false;
	*ret = (int64_t)a->digits;
	return true;
}

static size_t digit_run(const char *s, size_t len, size_t from)
{
	size_t n = from;

	while (n < len && s[n] >= '0' && s[n] <= '9')
		n++;
	return n - from;
}

static bool whole_parse(const char *s, size_t n, bool negative, int64_t *ret)
{
	int64_t v = 0;

	for (size_t i = 0; i < n; i++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, s[i] - '0', &v))
			return false;
	if (!negative && v == INT64_MIN)
		return false;
	*ret = negative ? v : -v;
	return true;
}

/* Reads "e-12" at s; exponents beyond +-99999 count as that. False when it is malformed. */
static bool exponent_parse(const char *s, size_t len, long *ret)
{
	size_t i = 1, n;
	bool negative = false;
	long e = 0;

	if (i < len && (s[i] == '+' || s[i] == '-'))
		negative = s[i++] == '-';
	n = digit_run(s, len, i);
	if (n == 0 || i + n != len)
		return false;
	for (; i < len && e < 99999; i++)
		e = e * 10 + (s[i] - '0');
	*ret = negative ? -e : e;
	return true;
}

bool number_parse(const char *s, size_t len, bool *ret_whole, int64_t *ret_int, double *ret)
{
	bool negative = len > 0 && s[0] == '-';
	size_t start = negative, whole = digit_run(s, len, start), fraction = 0, end = start + whole, n = 0;
	char digits[41];
	long exponent = 0;

	if (whole == 0)
		return false;
	if (end == len && whole_parse(s + start, whole, negative, ret_int)) {
		*ret_whole = true;
		*ret = (double)*ret_int;
		return true;
	}
	*ret_whole = false;
	if (end < len && s[end] == '.') {
		fraction = digit_run(s, len, end + 1);
		if (fraction == 0)
			return false;
		end += 1 + fraction;
	}
	if (end < len && ((s[end] != 'e' && s[end] != 'E') || !exponent_parse(s + end, len - end, &exponent)))
		return false;
	for (size_t i = 0; i < whole + fraction; i++) {
		char c = s[start + i + (i >= whole)];

		if (n < 40 && (n > 0 || c != '0'))
			digits[n++] = c;
		else if (n > 0)
			exponent++;
	}
	*ret = scaled(n ? digits : "0", n ? n : 1, negative, exponent - (long)fraction);
	return true;
}

/* 0.DDD * 10^point in plain notation. */
static size_t format_plain(const char *digits, size_t n, int point, char *ret)
{
	char *p = ret;

	if (point <= 0) {
		p += snprintf(p, 8, "0.%.*s", -point, "0000");
		memcpy(p, digits, n);
		return (size_t)(p - ret) + n;
	}
	for (int i = 0; i < point; i++)
		*p++ = (size_t)i < n ? digits[i] : '0';
	*p++ = '.';
	if ((size_t)point >= n)
		*p++ = '0';
	for (size_t i = (size_t)point; i < n; i++)
		*p++ = digits[i];
	return (size_t)(p - ret);
}

size_t number_format(double d, char ret[NUMBER_TEXT])
{
	char digits[20], *p = ret;
	size_t n;
	int point;

	if (isnan(d))
		return (size_t)snprintf(ret, NUMBER_TEXT, "NaN");
	if (isinf(d))
		return (size_t)snprintf(ret, NUMBER_TEXT, "%sInfinity", d < 0 ? "-" : "");
	if (signbit(d))
		*p++ = '-';
	n = shortest(fabs(d), digits, &point);
	if (point > -4 && point <= 16) {
		p += format_plain(digits, n, point, p);
		*p = '\0';
	} else {
		p += snprintf(p, NUMBER_TEXT - 1, "%c.%.*se%+03d", digits[0], n > 1 ? (int)n - 1 : 1,
		              n > 1 ? digits + 1 : "0", point - 1);
	}
	return (size_t)(p - ret);
}
