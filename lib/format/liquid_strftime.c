#include "base/buf.h"
#include "format/liquid_date.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WIDTH_MAX 100

const char *const moment_months[12] = { "January", "February", "March",     "April",   "May",      "June",
	                                    "July",    "August",   "September", "October", "November", "December" };
const char *const moment_weekdays[7] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };

/* One directive: %[flags][width][colons]letter */
struct directive {
	char padding; /* 0: as the directive likes it; '-' none, '0', ' ' */
	bool upper, swap;
	int width;    /* -1: none given */
	int colons;
	char letter;
};

static bool is_leap(int year)
{
	return civil_days_in_month(year, 2) == 29;
}

static int day_of_year(const struct civil *c)
{
	struct civil first = { .year = c->year, .month = 1, .day = 1 };

	return (int)(civil_day_number(c) - civil_day_number(&first));
}

/* Weeks that begin on this weekday; days before the first one are in week 0. */
static int week_from(const struct civil *c, enum weekday start)
{
	int behind = ((int)c->weekday - (int)start + 7) % 7;

	return (day_of_year(c) + 7 - behind) / 7;
}

static int iso_weeks(int year)
{
	struct civil first = { .year = year, .month = 1, .day = 1 };
	enum weekday w = civil_weekday(civil_day_number(&first));

	return w == THURSDAY || (w == WEDNESDAY && is_leap(year)) ? 53 : 52;
}

/* ISO 8601: a week belongs to the year that has its Thursday. */
static int iso_week(const struct civil *c, int *ret_year)
{
	int week = (day_of_year(c) - (int)c->weekday + 10) / 7;

	*ret_year = c->year;
	if (week < 1) {
		--*ret_year;
		return c->year > 1 ? iso_weeks(c->year - 1) : 52;
	}
	if (week > iso_weeks(c->year)) {
		++*ret_year;
		return 1;
	}
	return week;
}

static void put_number(struct buf *out, const struct directive *d, int64_t v, int width, char padding)
{
	char text[32];
	int n = snprintf(text, sizeof text, "%" PRId64, v < 0 ? -v : v);

	if (d->padding)
		padding = d->padding;
	if (d->width >= 0)
		width = d->width;
	if (padding == '-')
		width = 0;
	width -= n + (v < 0);
	if (v < 0 && padding != ' ')
		buf_addc(out, '-');
	for (; width > 0; width--)
		buf_addc(out, padding);
	if (v < 0 && padding == ' ')
		buf_addc(out, '-');
	buf_add(out, text, (size_t)n);
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static void put_text(struct buf *out, const struct directive *d, const char *s, size_t n)
{
	bool has_lower = false;

	for (size_t i = 0; i < n; i++)
		has_lower = has_lower || is_lower(s[i]);
	for (int i = (int)n; i < d->width; i++)
		buf_addc(out, d->padding == '0' ? '0' : ' ');
	for (size_t i = 0; i < n; i++) {
		if (is_lower(s[i]) && (d->upper || d->swap))
			buf_addc(out, (char)(s[i] - 'a' + 'A'));
		else if (is_upper(s[i]) && d->swap && !has_lower)
			buf_addc(out, (char)(s[i] - 'A' + 'a'));
		else
			buf_addc(out, s[i]);
	}
}

static void put_offset(struct buf *out, const struct directive *d, int32_t offset)
{
	int32_t o = offset < 0 ? -offset : offset;
	char sign = offset < 0 ? '-' : '+', text[32];
	int n;

	if (d->colons >= 2)
		n = snprintf(text, sizeof text, "%c%02d:%02d:%02d", sign, o / 3600, o / 60 % 60, o % 60);
	else
		n = snprintf(text, sizeof text, d->colons ? "%c%02d:%02d" : "%c%02d%02d", sign, o / 3600, o / 60 % 60);
	put_text(out, d, text, (size_t)n);
}

/* %L and %N: so many digits of the fraction. */
static void put_fraction(struct buf *out, const struct directive *d, int32_t nanosecond, int digits)
{
	char text[16];

	if (d->width > 0)
		digits = d->width;
	snprintf(text, sizeof text, "%09d", nanosecond);
	buf_add(out, text, digits < 9 ? (size_t)digits : 9);
	for (; digits > 9; digits--)
		buf_addc(out, '0');
}

static void put_format(struct buf *out, const struct directive *d, const struct moment *m, const char *format)
{
	BUF_AUTO text = BUF_INIT(200);

	moment_format(&text, m, format, strlen(format));
	put_text(out, d, text.s, text.len);
}

/* The directives that stand for several others. */
static const char *compound(char letter)
{
	switch (letter) {
	case 'c':
		return "%a %b %e %H:%M:%S %Y";
	case 'D':
	case 'x':
		return "%m/%d/%y";
	case 'F':
		return "%Y-%m-%d";
	case 'r':
		return "%I:%M:%S %p";
	case 'R':
		return "%H:%M";
	case 'T':
	case 'X':
		return "%H:%M:%S";
	case 'v':
		return "%e-%^b-%Y";
	case '+':
		return "%a %b %e %H:%M:%S %Z %Y";
	default:
		return NULL;
	}
}

static bool put_name(struct buf *out, const struct directive *d, const struct moment *m)
{
	const char *month = moment_months[m->civil.month - 1], *weekday = moment_weekdays[m->civil.weekday];
	const char *half = m->civil.hour < 12 ? "AM" : "PM";

	switch (d->letter) {
	case 'a':
		put_text(out, d, weekday, 3);
		return true;
	case 'A':
		put_text(out, d, weekday, strlen(weekday));
		return true;
	case 'b':
	case 'h':
		put_text(out, d, month, 3);
		return true;
	case 'B':
		put_text(out, d, month, strlen(month));
		return true;
	case 'p':
		put_text(out, d, half, 2);
		return true;
	case 'P':
		put_text(out, d, *half == 'A' ? "am" : "pm", 2);
		return true;
	case 'Z':
		put_text(out, d, m->zone, strlen(m->zone));
		return true;
	case 'n':
		put_text(out, d, "\n", 1);
		return true;
	case 't':
		put_text(out, d, "\t", 1);
		return true;
	case '%':
		put_text(out, d, "%", 1);
		return true;
	default:
		return false;
	}
}

static bool put_count(struct buf *out, const struct directive *d, const struct moment *m)
{
	const struct civil *c = &m->civil;
	int twelve = (c->hour + 11) % 12 + 1, year, week = iso_week(c, &year);
	const struct {
		char letter;
		int64_t value;
		int width;
		char padding;
	} counts[] = {
		{ 'C', c->year / 100, 2, '0' },
		{ 'd', c->day, 2, '0' },
		{ 'e', c->day, 2, ' ' },
		{ 'g', year % 100, 2, '0' },
		{ 'G', year, 4, '0' },
		{ 'H', c->hour, 2, '0' },
		{ 'I', twelve, 2, '0' },
		{ 'j', day_of_year(c) + 1, 3, '0' },
		{ 'k', c->hour, 2, ' ' },
		{ 'l', twelve, 2, ' ' },
		{ 'm', c->month, 2, '0' },
		{ 'M', c->minute, 2, '0' },
		{ 's', m->instant, 0, '0' },
		{ 'S', c->second, 2, '0' },
		{ 'u', (int)c->weekday + 1, 1, '0' },
		{ 'U', week_from(c, SUNDAY), 2, '0' },
		{ 'V', week, 2, '0' },
		{ 'w', ((int)c->weekday + 1) % 7, 1, '0' },
		{ 'W', week_from(c, MONDAY), 2, '0' },
		{ 'y', c->year % 100, 2, '0' },
		{ 'Y', c->year, 4, '0' },
	};

	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		if (counts[i].letter == d->letter) {
			put_number(out, d, counts[i].value, counts[i].width, counts[i].padding);
			return true;
		}
	}
	return false;
}

static bool put_directive(struct buf *out, const struct directive *d, const struct moment *m)
{
	if (d->letter == 'z')
		put_offset(out, d, m->offset);
	else if (d->letter == 'L')
		put_fraction(out, d, m->nanosecond, 3);
	else if (d->letter == 'N')
		put_fraction(out, d, m->nanosecond, 9);
	else if (compound(d->letter))
		put_format(out, d, m, compound(d->letter));
	else
		return put_name(out, d, m) || put_count(out, d, m);
	return true;
}

static bool read_flag(struct directive *d, char c)
{
	if (c == '-' || c == '0')
		d->padding = c;
	else if (c == '_')
		d->padding = ' ';
	else if (c == '^')
		d->upper = true;
	else if (c == '#')
		d->swap = true;
	else
		return false;
	return true;
}

/* Reads the directive behind the % at s. Returns its length, 0 when the text ends before. */
static size_t read_directive(const char *s, size_t len, struct directive *ret)
{
	size_t i = 1;

	*ret = (struct directive){ .width = -1 };
	while (i < len && read_flag(ret, s[i]))
		i++;
	for (; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
		ret->width = (ret->width < 0 ? 0 : ret->width) * 10 + (s[i] - '0');
		if (ret->width > WIDTH_MAX)
			ret->width = WIDTH_MAX;
	}
	while (i < len && s[i] == ':') {
		ret->colons++;
		i++;
	}
	if (i < len && (s[i] == 'E' || s[i] == 'O'))
		i++;
	if (i >= len)
		return 0;
	ret->letter = s[i];
	return i + 1;
}

void moment_format(struct buf *out, const struct moment *m, const char *format, size_t len)
{
	struct directive d;
	size_t n;

	for (size_t i = 0; i < len && !out->over; i += n) {
		n = 1;
		if (format[i] == '%') {
			n = read_directive(format + i, len - i, &d);
			if (n > 0 && put_directive(out, &d, m))
				continue;
			n = n ? n : len - i;
		}
		buf_add(out, format + i, n);
	}
}
