#include "format/liquid_date.h"

#include "base/attr.h"
#include "base/zone.h"
#include "format/liquid_filters.h"

#include <string.h>
#include <strings.h>

/* The moment as the zone (NULL: UTC) shows it. False beyond the years 1 to 9999. */
static bool moment_at(int64_t instant, const struct zone *zone, struct moment *ret)
{
	if (instant < -INT64_C(62135596800) || instant > INT64_C(253402300799))
		return false;
	*ret = (struct moment){ .instant = instant };
	ret->offset = zone_offset(zone ? zone : zone_utc(), instant, &ret->zone);
	civil_from_seconds(instant + ret->offset, &ret->civil);
	return civil_valid(&ret->civil);
}

/* A text being read; what was found in it. */
struct reader {
	const char *s;
	size_t len, i;
	bool year_set, month_set, day_set, time_set, offset_set;
	struct civil c;
	int32_t offset, nanosecond;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char peek(const struct reader *t, size_t ahead)
{
	return t->i + ahead < t->len ? t->s[t->i + ahead] : '\0';
}

/* Reads up to nine digits; *ret_n is how many. Returns -1 when there are none or more. */
static int read_number(struct reader *t, size_t *ret_n)
{
	int v = 0;

	for (*ret_n = 0; is_digit(peek(t, 0)); ++*ret_n, t->i++) {
		if (*ret_n >= 9)
			return -1;
		v = v * 10 + (peek(t, 0) - '0');
	}
	return *ret_n ? v : -1;
}

static void skip_spaces(struct reader *t)
{
	while (liquid_is_space(peek(t, 0)))
		t->i++;
}

static size_t word_length(const struct reader *t)
{
	size_t n = 0;

	while (is_letter(peek(t, n)))
		n++;
	return n;
}

static bool word_is(const struct reader *t, size_t n, const char *word)
{
	return strlen(word) == n && strncasecmp(t->s + t->i, word, n) == 0;
}

static void set_year(struct reader *t, int year, size_t digits)
{
	if (digits <= 2)
		year += year < 69 ? 2000 : 1900;
	t->c.year = year;
	t->year_set = true;
}

static void set_month(struct reader *t, int month)
{
	t->c.month = month;
	t->month_set = true;
}

static void set_day(struct reader *t, int day)
{
	t->c.day = day;
	t->day_set = true;
}

/* 2016-3-14, 14.3.2016, 14/3: the longer of the outer numbers is the year. */
static bool read_date(struct reader *t, int first, size_t first_n)
{
	char sign = peek(t, 0);
	size_t month_n, last_n;
	int month, last;

	t->i++;
	month = read_number(t, &month_n);
	if (month < 0 || month_n > 2 || t->month_set)
		return false;
	set_month(t, month);
	if (peek(t, 0) != sign || !is_digit(peek(t, 1))) {
		if (first_n > 2)
			set_year(t, first, first_n);
		else
			set_day(t, first);
		return true;
	}
	t->i++;
	last = read_number(t, &last_n);
	if (last < 0 || (first_n > 2 && last_n > 2))
		return false;
	if (last_n > 2 || sign == '.') {
		set_year(t, last, last_n);
		set_day(t, first);
	} else {
		set_year(t, first, first_n);
		set_day(t, last);
	}
	return true;
}

/* am or pm behind a time, if there is one. */
static bool read_half(struct reader *t)
{
	char c;

	skip_spaces(t);
	c = (char)(peek(t, 0) | 0x20);
	if ((c != 'a' && c != 'p') || (peek(t, 1) | 0x20) != 'm' || is_letter(peek(t, 2)))
		return true;
	t->i += 2;
	if (t->c.hour < 1 || t->c.hour > 12)
		return false;
	t->c.hour = t->c.hour % 12 + (c == 'p' ? 12 : 0);
	return true;
}

static void read_fraction(struct reader *t)
{
	int32_t unit = 100000000;

	if ((peek(t, 0) != '.' && peek(t, 0) != ',') || !is_digit(peek(t, 1)))
		return;
	for (t->i++; is_digit(peek(t, 0)); t->i++, unit /= 10)
		t->nanosecond += (peek(t, 0) - '0') * unit;
}

/* The rest of 10:30, 10:30:15.25, 4:30 pm. */
static bool read_time(struct reader *t, int hour)
{
	size_t n;

	if (t->time_set)
		return false;
	t->time_set = true;
	t->c.hour = hour;
	if (peek(t, 0) == ':') {
		t->i++;
		t->c.minute = read_number(t, &n);
		if (t->c.minute < 0 || n > 2)
			return false;
	}
	if (peek(t, 0) == ':') {
		t->i++;
		t->c.second = read_number(t, &n);
		if (t->c.second < 0 || n > 2)
			return false;
		read_fraction(t);
	}
	return read_half(t);
}

/* 20160314T103000, 20160314T1030 */
static bool read_compact(struct reader *t, int date)
{
	size_t n;
	int clock;

	set_year(t, date / 10000, 4);
	set_month(t, date / 100 % 100);
	set_day(t, date % 100);
	t->i++;
	clock = read_number(t, &n);
	if (clock < 0 || (n != 4 && n != 6))
		return false;
	if (n == 4)
		clock *= 100;
	t->c.hour = clock / 10000;
	t->c.minute = clock / 100 % 100;
	t->c.second = clock % 100;
	t->time_set = true;
	read_fraction(t);
	return true;
}

/* A number without a sign to its sides: the day or the year, whichever is missing. */
static bool place_number(struct reader *t, int v, size_t n)
{
	if (n > 2 || (t->day_set && t->month_set)) {
		if (t->year_set || n > 4)
			return false;
		set_year(t, v, n);
	} else {
		if (t->day_set)
			return false;
		set_day(t, v);
	}
	return true;
}

static bool follows_half(const struct reader *t)
{
	struct reader ahead = *t;

	skip_spaces(&ahead);
	return word_length(&ahead) == 2 && (word_is(&ahead, 2, "am") || word_is(&ahead, 2, "pm"));
}

static bool read_digits(struct reader *t)
{
	size_t n;
	int v = read_number(t, &n);
	char c = peek(t, 0);

	if (v < 0)
		return false;
	if (c == ':' && n <= 2)
		return read_time(t, v);
	if (n <= 2 && follows_half(t))
		return read_time(t, v);
	if ((c == '-' || c == '/' || c == '.') && is_digit(peek(t, 1)))
		return n <= 4 && read_date(t, v, n);
	if (n == 8 && (c == 't' || c == 'T'))
		return read_compact(t, v);
	if ((c == '-' || c == '/') && is_letter(peek(t, 1)))
		t->i++;
	return place_number(t, v, n);
}

/* +02:00, -0500, +2 */
static bool read_offset(struct reader *t)
{
	int sign = peek(t, 0) == '-' ? -1 : 1, hours, minutes = 0;
	size_t n;

	t->i++;
	hours = read_number(t, &n);
	if (hours < 0 || n > 4)
		return false;
	if (n > 2) {
		minutes = hours % 100;
		hours /= 100;
	} else if (peek(t, 0) == ':') {
		t->i++;
		minutes = read_number(t, &n);
	}
	if (hours > 23 || minutes < 0 || minutes > 59)
		return false;
	t->offset = sign * (hours * 3600 + minutes * 60);
	t->offset_set = true;
	return true;
}

static bool read_zone_name(struct reader *t, size_t n)
{
	static const struct {
		const char *name;
		int minutes;
	} zones[] = { { "z", 0 },      { "utc", 0 },     { "gmt", 0 },    { "est", -300 }, { "edt", -240 }, { "cst", -360 },
		          { "cdt", -300 }, { "mst", -420 },  { "mdt", -360 }, { "pst", -480 }, { "pdt", -420 }, { "wet", 0 },
		          { "west", 60 },  { "bst", 60 },    { "cet", 60 },   { "cest", 120 }, { "eet", 120 },  { "eest", 180 },
		          { "msk", 180 },  { "jst", 540 } };

	for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
		if (!word_is(t, n, zones[i].name))
			continue;
		t->i += n;
		t->offset = zones[i].minutes * 60;
		t->offset_set = true;
		if (t->offset == 0 && (peek(t, 0) == '+' || peek(t, 0) == '-') && is_digit(peek(t, 1)))
			return read_offset(t);
		return true;
	}
	return false;
}

static bool is_filler(const struct reader *t, size_t n)
{
	static const char *const fillers[] = { "t", "at", "on", "of", "the", "st", "nd", "rd", "th" };

	for (size_t i = 0; i < ARRAY_LEN(fillers); i++)
		if (word_is(t, n, fillers[i]))
			return true;
	return false;
}

/* Whether the word is the name or begins it with at least three letters. */
static bool is_name(const struct reader *t, size_t n, const char *name)
{
	return n >= 3 && n <= strlen(name) && strncasecmp(t->s + t->i, name, n) == 0;
}

static bool read_word(struct reader *t)
{
	size_t n = word_length(t);

	for (int i = 0; i < 12; i++) {
		if (!is_name(t, n, moment_months[i]))
			continue;
		t->i += n + (peek(t, n) == '.' || (peek(t, n) == '-' && is_digit(peek(t, n + 1))));
		if (t->month_set)
			return false;
		set_month(t, i + 1);
		return true;
	}
	for (int i = 0; i < 7; i++) {
		if (!is_name(t, n, moment_weekdays[i]))
			continue;
		t->i += n + (peek(t, n) == '.');
		return true;
	}
	if (!is_filler(t, n))
		return read_zone_name(t, n);
	t->i += n;
	return true;
}

static bool read_part(struct reader *t)
{
	char c = peek(t, 0);
	const char *close;

	if (is_digit(c))
		return read_digits(t);
	if (is_letter(c))
		return read_word(t);
	if ((c == '+' || c == '-') && t->time_set && !t->offset_set && is_digit(peek(t, 1)))
		return read_offset(t);
	if (c == '(') {
		close = memchr(t->s + t->i, ')', t->len - t->i);
		t->i = close ? (size_t)(close - t->s) + 1 : t->len;
		return close != NULL;
	}
	t->i++;
	return c == ',' || liquid_is_space(c);
}

/* What was not said: today for a time alone, this year for a day of a month, else the first. */
static bool complete(struct reader *t, const struct civil *today)
{
	if (!t->year_set && !t->month_set && !t->day_set) {
		if (!t->time_set)
			return false;
		set_day(t, today->day);
	}
	if (!t->year_set)
		t->c.year = today->year;
	if (!t->month_set)
		t->c.month = t->year_set ? 1 : today->month;
	if (!t->day_set)
		t->c.day = 1;
	return civil_valid(&t->c);
}

static bool finish(struct reader *t, const struct zone *zone, struct moment *ret)
{
	int64_t instant;

	if (t->offset_set && t->offset != 0) {
		*ret = (struct moment){ .civil = t->c, .offset = t->offset, .zone = "" };
		ret->instant = civil_seconds(&t->c) - t->offset;
		ret->civil.weekday = civil_weekday(civil_day_number(&t->c));
	} else {
		instant = t->offset_set || !zone ? civil_seconds(&t->c) : zone_to_instant(zone, &t->c);
		if (!moment_at(instant, zone, ret))
			return false;
	}
	ret->nanosecond = t->nanosecond;
	return true;
}

/* All digits: seconds since 1970. */
static bool read_timestamp(const struct reader *t, int64_t *ret)
{
	bool whole = false;
	double d;

	for (size_t i = 0; i < t->len; i++)
		if (!is_digit(t->s[i]))
			return false;
	return number_parse(t->s, t->len, &whole, ret, &d) && whole;
}

/*
 * Reads a date and time as people and programs write them: "2016-03-14", "2016-03-14T10:00:00Z",
 * "March 14, 2016 4:30 pm", "14 Mar 2016 10:00 +0100", "14.3.2016", "10:30", seconds since 1970, "now",
 * "today". What is not given is taken from now, smaller parts are the first. In 1/2/2016 the day is first.
 * Returns false when the text is none of this, or no date that exists.
 */
static bool moment_parse(const char *s, size_t len, int64_t now, const struct zone *zone, struct moment *ret)
{
	struct reader t = { .s = s, .len = len };
	struct moment today;
	int64_t instant;

	if (len > 200 || !moment_at(now, zone, &today))
		return false;
	if (word_is(&t, len, "now") || word_is(&t, len, "today")) {
		*ret = today;
		return true;
	}
	if (read_timestamp(&t, &instant))
		return moment_at(instant, zone, ret);
	while (t.i < t.len)
		if (!read_part(&t))
			return false;
	return complete(&t, &today.civil) && finish(&t, zone, ret);
}

FILTER(date)
{
	struct value format;
	struct moment m;
	bool found = false;

	if (liquid_text(r, &args[0], &format) < 0)
		return -1;
	*ret = *input;
	if (format.len == 0)
		return 0;
	if (input->kind == VALUE_INT)
		found = moment_at(input->integer, r->options.zone, &m);
	else if (input->kind == VALUE_STRING)
		found = moment_parse(input->text, input->len, r->options.now, r->options.zone, &m);
	if (!found)
		return 0;
	buf_clear(&r->text);
	moment_format(&r->text, &m, format.text, format.len);
	return liquid_keep_built(r, ret);
}
