#include "format/liquid_filters.h"

#include <math.h>
#include <string.h>

static struct number whole_number(int64_t i)
{
	return (struct number){ .whole = true, .integer = i };
}

static struct number real_number(double d)
{
	struct number n = { .real = d };

	n.exact = decimal_from_double(d, &n.decimal);
	return n;
}

static size_t digits_at(const char *s, size_t len, size_t i)
{
	size_t n = 0;

	while (i + n < len && s[i + n] >= '0' && s[i + n] <= '9')
		n++;
	return n;
}

/* "-12.5" is a decimal, of "12 pieces" counts the 12, anything else is 0. */
static struct number text_number(const char *s, size_t len)
{
	size_t sign, digits, fraction;
	bool whole;
	int64_t i = 0;
	double d;

	if (len > NUMBER_LENGTH)
		len = NUMBER_LENGTH;
	for (; len > 0 && liquid_is_space(*s); s++)
		len--;
	while (len > 0 && liquid_is_space(s[len - 1]))
		len--;
	sign = len > 0 && (*s == '-' || *s == '+');
	digits = digits_at(s, len, sign);
	fraction = digits && sign + digits < len && s[sign + digits] == '.' ? digits_at(s, len, sign + digits + 1) : 0;
	if (digits == 0)
		return whole_number(0);
	if (*s == '+') {
		s++;
		len--;
		sign = 0;
	}
	if (fraction > 0 && sign + digits + 1 + fraction == len && number_parse(s, len, &whole, &i, &d))
		return real_number(d);
	number_parse(s, sign + digits, &whole, &i, &d);
	return whole ? whole_number(i) : real_number(d);
}

struct number liquid_number(const struct value *v)
{
	if (v->kind == VALUE_INT)
		return whole_number(v->integer);
	if (v->kind == VALUE_DOUBLE)
		return real_number(v->real);
	if (v->kind == VALUE_STRING)
		return text_number(v->text, v->len);
	return whole_number(0);
}

struct value liquid_number_value(const struct number *n)
{
	if (n->whole)
		return value_int(n->integer);
	return value_double(n->exact ? decimal_to_double(&n->decimal) : n->real);
}

/* The number as a decimal; false when it has none. */
static bool as_decimal(const struct number *n, struct decimal *ret)
{
	*ret = n->whole ? (struct decimal){ n->integer, 0 } : n->decimal;
	return n->whole || n->exact;
}

static double as_real(const struct number *n)
{
	return n->whole ? (double)n->integer : n->exact ? decimal_to_double(&n->decimal) : n->real;
}

enum operation { ADD, SUBTRACT, MULTIPLY, DIVIDE, MODULO };

static int64_t floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* False on overflow. b is not zero when dividing. */
static bool whole_operation(enum operation op, int64_t a, int64_t b, int64_t *ret)
{
	switch (op) {
	case ADD:
		return !__builtin_add_overflow(a, b, ret);
	case SUBTRACT:
		return !__builtin_sub_overflow(a, b, ret);
	case MULTIPLY:
		return !__builtin_mul_overflow(a, b, ret);
	case DIVIDE:
		if (b == -1)
			return !__builtin_sub_overflow(0, a, ret);
		*ret = floor_divide(a, b);
		return true;
	case MODULO:
		*ret = b == -1 ? 0 : a - b * floor_divide(a, b);
		return true;
	}
	return false;
}

static bool decimal_operation(enum operation op, const struct decimal *a, const struct decimal *b,
                              struct decimal *ret)
{
	const struct decimal minus_b = { -b->digits, b->scale };

	switch (op) {
	case ADD:
		return decimal_add(a, b, ret);
	case SUBTRACT:
		return decimal_add(a, &minus_b, ret);
	case MULTIPLY:
		return decimal_multiply(a, b, ret);
	case DIVIDE:
		return decimal_divide(a, b, ret);
	case MODULO:
		return decimal_modulo(a, b, ret);
	}
	return false;
}

static double real_operation(enum operation op, double a, double b)
{
	switch (op) {
	case ADD:
		return a + b;
	case SUBTRACT:
		return a - b;
	case MULTIPLY:
		return a * b;
	case DIVIDE:
		return a / b;
	case MODULO:
		return a - b * floor(a / b);
	}
	return 0;
}

static bool is_zero(const struct number *n)
{
	return n->whole ? n->integer == 0 : n->exact ? n->decimal.digits == 0 : n->real == 0;
}

static int out_of_range(struct liquid_render *r)
{
	return liquid_fail(r, "the result is out of the range of numbers");
}

static int operate(struct liquid_render *r, enum operation op, const struct number *a, const struct number *b,
                   struct number *ret)
{
	struct number result = { .whole = a->whole && b->whole };
	struct decimal x, y;

	if ((op == DIVIDE || op == MODULO) && is_zero(b))
		return liquid_fail(r, "division by zero");
	if (result.whole) {
		if (!whole_operation(op, a->integer, b->integer, &result.integer))
			return out_of_range(r);
	} else if (as_decimal(a, &x) && as_decimal(b, &y) && decimal_operation(op, &x, &y, &result.decimal)) {
		result.exact = true;
	} else {
		result.real = real_operation(op, as_real(a), as_real(b));
		if (!isfinite(result.real))
			return out_of_range(r);
	}
	*ret = result;
	return 0;
}

int liquid_number_add(struct liquid_render *r, const struct number *a, const struct number *b, struct number *ret)
{
	return operate(r, ADD, a, b, ret);
}

static int binary(struct liquid_render *r, enum operation op, const struct value *input, const struct value *args,
                  struct value *ret)
{
	struct number a = liquid_number(input), b = liquid_number(&args[0]), result;

	if (operate(r, op, &a, &b, &result) < 0)
		return -1;
	*ret = liquid_number_value(&result);
	return 0;
}

FILTER(plus)
{
	return binary(r, ADD, input, args, ret);
}

FILTER(minus)
{
	return binary(r, SUBTRACT, input, args, ret);
}

FILTER(times)
{
	return binary(r, MULTIPLY, input, args, ret);
}

FILTER(divided_by)
{
	return binary(r, DIVIDE, input, args, ret);
}

FILTER(modulo)
{
	return binary(r, MODULO, input, args, ret);
}

static int order(const struct number *a, const struct number *b)
{
	struct decimal x, y;
	double p, q;

	if (as_decimal(a, &x) && as_decimal(b, &y))
		return decimal_compare(&x, &y);
	p = as_real(a);
	q = as_real(b);
	return (p > q) - (p < q);
}

FILTER(at_least)
{
	struct number a = liquid_number(input), b = liquid_number(&args[0]);

	*ret = liquid_number_value(order(&b, &a) > 0 ? &b : &a);
	return 0;
}

FILTER(at_most)
{
	struct number a = liquid_number(input), b = liquid_number(&args[0]);

	*ret = liquid_number_value(order(&b, &a) < 0 ? &b : &a);
	return 0;
}

FILTER(abs)
{
	struct number a = liquid_number(input), minus = whole_number(-1);

	if (a.whole ? a.integer < 0 : a.exact ? a.decimal.digits < 0 : a.real < 0)
		if (operate(r, MULTIPLY, &a, &minus, &a) < 0)
			return -1;
	*ret = liquid_number_value(&a);
	return 0;
}

static int whole_result(struct liquid_render *r, const struct decimal *d, struct value *ret)
{
	int64_t i;

	if (!decimal_to_int(d, &i))
		return out_of_range(r);
	*ret = value_int(i);
	return 0;
}

FILTER(ceil)
{
	struct number a = liquid_number(input);
	struct decimal d;

	if (!as_decimal(&a, &d))
		return out_of_range(r);
	d = decimal_ceil(&d);
	return whole_result(r, &d, ret);
}

FILTER(floor)
{
	struct number a = liquid_number(input);
	struct decimal d;

	if (!as_decimal(&a, &d))
		return out_of_range(r);
	d = decimal_floor(&d);
	return whole_result(r, &d, ret);
}

/* How many digits to keep: what has more than any number has is the same as all, or none. */
static int places_of(const struct value *v)
{
	struct number n = liquid_number(v);
	double d = as_real(&n);

	return d > 40 ? 40 : d < -40 ? -40 : (int)d;
}

FILTER(round)
{
	struct number a = liquid_number(input);
	int places = places_of(&args[0]);
	struct decimal d;

	if (a.whole && places >= 0) {
		*ret = value_int(a.integer);
		return 0;
	}
	if (!as_decimal(&a, &d)) {
		*ret = value_double(a.real);
		return places > 0 ? 0 : out_of_range(r);
	}
	d = decimal_round(&d, places);
	if (places <= 0)
		return whole_result(r, &d, ret);
	*ret = value_double(decimal_to_double(&d));
	return 0;
}
