#include "model/number.h"

#include <string.h>

#define DIGITS_MAX 40

bool number_normalize(const char *text, char ret[NUMBER_SIZE])
{
	static const char digits[] = "0123456789";
	bool negative = *text == '-';
	const char *whole, *fraction = "";
	size_t n_whole, n_fraction = 0;
	char *out = ret;

	text += *text == '-' || *text == '+';
	n_whole = strspn(text, digits);
	whole = text;
	text += n_whole;
	if (*text == '.') {
		fraction = text + 1;
		n_fraction = strspn(fraction, digits);
		if (n_fraction == 0)
			return false;
		text = fraction + n_fraction;
	}
	if (*text || n_whole + n_fraction == 0 || n_whole + n_fraction > DIGITS_MAX)
		return false;
	for (; n_whole > 0 && *whole == '0'; n_whole--)
		whole++;
	while (n_fraction > 0 && fraction[n_fraction - 1] == '0')
		n_fraction--;
	if (negative && n_whole + n_fraction > 0)
		*out++ = '-';
	if (n_whole == 0)
		*out++ = '0';
	out = mempcpy(out, whole, n_whole);
	if (n_fraction > 0) {
		*out++ = '.';
		out = mempcpy(out, fraction, n_fraction);
	}
	*out = '\0';
	return true;
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static int compare_unsigned(const char *a, const char *b)
{
	size_t na = strcspn(a, "."), nb = strcspn(b, ".");
	int cmp;

	if (na != nb)
		return na < nb ? -1 : 1;
	cmp = strncmp(a, b, na);
	return sign(cmp != 0 ? cmp : strcmp(a + na, b + nb));
}

int number_compare(const char *a, const char *b)
{
	bool minus_a = *a == '-', minus_b = *b == '-';

	if (minus_a != minus_b)
		return minus_a ? -1 : 1;
	return minus_a ? -compare_unsigned(a + 1, b + 1) : compare_unsigned(a, b);
}
