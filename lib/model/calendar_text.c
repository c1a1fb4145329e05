#include "model/calendar.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/near.h"
#include "model/civil_text.h"

#include <stdio.h>
#include <string.h>

#define BLANKS " \t"

static int bad_day(const char *text, const char *word, size_t len, struct err *err)
{
	char name[16];
	const char *near;

	snprintf(name, sizeof name, "%.*s", len < sizeof name ? (int)len : 0, word);
	near = near_match(name, weekday_names, 7);
	if (near && *name)
		return err_set(err, ERR_INVALID, "'%s': no weekday '%s'; did you mean '%s'?", text, name, near);
	return err_set(err, ERR_INVALID, "'%s' are no weekdays: write them like mon, mon-fri or sat,sun", text);
}

/* One weekday, with blanks around it. */
static int read_day(const char *text, const char **p, enum weekday *ret, struct err *err)
{
	size_t len;

	*p += strspn(*p, BLANKS);
	len = strcspn(*p, BLANKS ",-");
	if (!weekday_parse(*p, len, ret))
		return bad_day(text, *p, len, err);
	*p += len;
	*p += strspn(*p, BLANKS);
	return 0;
}

int calendar_parse_days(const char *text, unsigned *ret, struct err *err)
{
	const char *p = text;
	unsigned days = 0;

	for (;;) {
		enum weekday first, last;

		if (read_day(text, &p, &first, err) < 0)
			return -1;
		last = first;
		if (*p == '-') {
			p++;
			if (read_day(text, &p, &last, err) < 0)
				return -1;
		}
		for (int d = (int)first;; d = (d + 1) % 7) {
			days |= 1u << d;
			if (d == (int)last)
				break;
		}
		if (*p != ',')
			break;
		p++;
	}
	if (*p)
		return bad_day(text, "", 0, err);
	*ret = days;
	return 0;
}

static bool scan_minutes(const char **p, int *ret)
{
	struct civil c;

	*p += strspn(*p, BLANKS);
	if (!civil_scan_clock(p, &c) || c.minute > 59)
		return false;
	*p += strspn(*p, BLANKS);
	*ret = c.hour * 60 + c.minute;
	return *ret <= 24 * 60;
}

int calendar_parse_hours(const char *text, struct open_hours *ret, struct err *err)
{
	struct open_hours hours;
	const char *p = text;

	if (!scan_minutes(&p, &hours.from) || *p++ != '-' || !scan_minutes(&p, &hours.to) || *p)
		return err_set(err, ERR_INVALID, "'%s' are no hours: write them like 09:00-17:00", text);
	if (hours.from == hours.to)
		return err_set(err, ERR_INVALID, "'%s' is empty; the whole day is 00:00-24:00", text);
	if (hours.to == 0)
		return err_set(err, ERR_INVALID, "'%s': the end of the day is 24:00", text);
	if (hours.from > hours.to)
		return err_set(
		    err, ERR_INVALID,
		    "'%s' goes over midnight: write %02d:%02d-24:00 and, for the next day, 00:00-%02d:%02d", text,
		    hours.from / 60, hours.from % 60, hours.to / 60, hours.to % 60);
	*ret = hours;
	return 0;
}

/* One date of a range that ends at `end`. */
static int parse_day(const char *text, const char *end, int64_t *ret, struct err *err)
{
	char date[16];
	struct civil c;

	while (end > text && strchr(BLANKS, end[-1]))
		end--;
	text += strspn(text, BLANKS);
	if (end < text || (size_t)(end - text) >= sizeof date)
		return err_set(err, ERR_INVALID, "'%s' is no date: write 2026-12-24 or 2026-12-24..2026-12-26", text);
	snprintf(date, sizeof date, "%.*s", (int)(end - text), text);
	if (civil_parse_date(date, &c, err) < 0)
		return -1;
	*ret = civil_day_number(&c);
	return 0;
}

int calendar_parse_closed(const char *text, struct closed_days *ret, struct err *err)
{
	const char *dots = strstr(text, ".."), *end = text + strlen(text);
	struct closed_days days;

	if (parse_day(text, dots ? dots : end, &days.first, err) < 0)
		return -1;
	days.last = days.first;
	if (dots && parse_day(dots + 2, end, &days.last, err) < 0)
		return -1;
	if (days.last < days.first)
		return err_set(err, ERR_INVALID, "'%s' ends before it begins", text);
	*ret = days;
	return 0;
}

static void add_run(int first, int length, struct buf *out)
{
	int last = (first + length - 1) % 7;

	if (out->len)
		buf_addc(out, ',');
	buf_adds(out, weekday_names[first]);
	if (length > 1)
		buf_addf(out, "%c%s", length == 2 ? ',' : '-', weekday_names[last]);
}

void calendar_format_days(unsigned days, struct buf *out)
{
	BUF_AUTO text = BUF_INIT(40);

	if (days == 0x7fu)
		buf_adds(&text, "mon-sun");
	else
		for (int d = MONDAY; d <= SUNDAY; d++) {
			int length = 0;

			if (days & 1u << (d + 6) % 7) /* begun on the day before, maybe on Sunday */
				continue;
			while (days & 1u << (d + length) % 7)
				length++;
			if (length)
				add_run(d, length, &text);
		}
	buf_adds(out, text.s);
}

void calendar_format_hours(struct open_hours h, struct buf *out)
{
	buf_addf(out, "%02d:%02d-%02d:%02d", h.from / 60, h.from % 60, h.to / 60, h.to % 60);
}

static void add_date(int64_t number, struct buf *out)
{
	struct civil c = { 0 };

	if (civil_set_day(&c, number))
		buf_addf(out, "%04d-%02d-%02d", c.year, c.month, c.day);
}

void calendar_format_closed(struct closed_days days, struct buf *out)
{
	add_date(days.first, out);
	if (days.last > days.first) {
		buf_adds(out, "..");
		add_date(days.last, out);
	}
}
