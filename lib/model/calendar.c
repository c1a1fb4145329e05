#include "model/calendar.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/zone.h"
#include "model/civil_text.h"

#include <string.h>

#define DAY_MINUTES 1440
#define SEARCH_DAYS 3660 /* ten years and a few days */

static const struct open_hours whole_day = { 0, DAY_MINUTES };

#define OPEN { &whole_day, 1 }

static const struct calendar weekdays = {
	.week = { [MONDAY] = OPEN, [TUESDAY] = OPEN, [WEDNESDAY] = OPEN, [THURSDAY] = OPEN, [FRIDAY] = OPEN },
};

static const struct calendar always = {
	.week = { OPEN, OPEN, OPEN, OPEN, OPEN, OPEN, OPEN },
};

const struct calendar *calendar_weekdays(void)
{
	return &weekdays;
}

const struct calendar *calendar_always(void)
{
	return &always;
}

void calendar_init(struct calendar *cal, struct arena *arena)
{
	*cal = (struct calendar){ .arena = arena };
}

/* Where new hours belong among those of a day; -1 when they overlap. */
static int place(const struct open_day *day, struct open_hours hours, size_t *ret)
{
	size_t at = 0;

	while (at < day->n && day->v[at].from < hours.from)
		at++;
	if (at > 0 && day->v[at - 1].to > hours.from)
		return -1;
	if (at < day->n && day->v[at].from < hours.to)
		return -1;
	*ret = at;
	return 0;
}

static void insert(struct calendar *cal, struct open_day *day, size_t at, struct open_hours hours)
{
	struct open_hours *v = arena_array(cal->arena, day->n + 1, sizeof *v);

	for (size_t i = 0; i < day->n; i++)
		v[i < at ? i : i + 1] = day->v[i];
	v[at] = hours;
	day->v = v;
	day->n++;
}

int calendar_open(struct calendar *cal, unsigned days, struct open_hours hours, struct err *err)
{
	static const char *const names[] = { "Monday", "Tuesday", "Wednesday", "Thursday",
		"Friday", "Saturday", "Sunday" };
	size_t at[7];

	for (int d = MONDAY; d <= SUNDAY; d++)
		if (days & 1u << d && place(&cal->week[d], hours, &at[d]) < 0)
			return err_set(err, ERR_INVALID, "%02d:%02d-%02d:%02d overlaps other hours of %s",
			               hours.from / 60, hours.from % 60, hours.to / 60, hours.to % 60, names[d]);
	for (int d = MONDAY; d <= SUNDAY; d++)
		if (days & 1u << d)
			insert(cal, &cal->week[d], at[d], hours);
	return 0;
}

void calendar_close(struct calendar *cal, struct closed_days days)
{
	if (cal->n_closed == cal->cap_closed) {
		struct closed_days *old = cal->closed;

		cal->cap_closed = cal->cap_closed ? cal->cap_closed * 2 : 8;
		cal->closed = arena_array(cal->arena, cal->cap_closed, sizeof *cal->closed);
		if (cal->n_closed)
			memcpy(cal->closed, old, cal->n_closed * sizeof *old);
	}
	cal->closed[cal->n_closed++] = days;
}

static bool is_open_day(const struct calendar *cal, int64_t number)
{
	if (cal->week[civil_weekday(number)].n == 0)
		return false;
	for (size_t i = 0; i < cal->n_closed; i++)
		if (number >= cal->closed[i].first && number <= cal->closed[i].last)
			return false;
	return true;
}

int calendar_shift(const struct calendar *cal, int n, struct civil *date, struct err *err)
{
	int64_t day = civil_day_number(date), step = n < 0 ? -1 : 1;
	int closed = 0;

	while (n != 0) {
		day += step;
		if (is_open_day(cal, day)) {
			n -= (int)step;
			closed = 0;
		} else if (++closed > SEARCH_DAYS) {
			return err_set(err, ERR_INVALID, "the calendar has no open day for 10 years");
		}
	}
	if (!civil_set_day(date, day))
		return civil_out_of_range(err);
	return 0;
}

const struct zone *calendar_zone(const struct calendar *cal, const struct zone *contact)
{
	return cal->zone ? cal->zone : contact;
}

/* Seconds from a local time until it opens that day if the clock is not changed; 0: open; -1: not again. */
static int opens_in(const struct calendar *cal, const struct civil *c)
{
	int64_t number = civil_day_number(c);
	const struct open_day *day = &cal->week[civil_weekday(number)];
	int minute = c->hour * 60 + c->minute;

	if (!is_open_day(cal, number))
		return -1;
	for (size_t i = 0; i < day->n; i++) {
		if (minute < day->v[i].from)
			return (day->v[i].from - minute) * 60 - c->second;
		if (minute < day->v[i].to)
			return 0;
	}
	return -1;
}

/*
 * Goes from one point to the next where it may open: the next hours of the day, the next day, or a change of
 * the clock, behind which the local time is another than counted.
 */
int calendar_next_open(const struct calendar *cal, const struct zone *contact, int64_t instant, int64_t *ret,
                       struct err *err)
{
	const struct zone *zone = calendar_zone(cal, contact);
	int64_t at = instant, next;
	struct civil c;

	while (at <= instant + SEARCH_DAYS * DAY_SECONDS && at <= INSTANT_MAX) {
		int wait;

		zone_to_civil(zone, at, &c);
		wait = opens_in(cal, &c);
		if (wait == 0) {
			*ret = at;
			return 0;
		}
		next = at + (wait > 0 ? wait : DAY_SECONDS - c.hour * 3600 - c.minute * 60 - c.second);
		if (zone_next_change(zone, at, next, &at))
			continue;
		at = next;
	}
	return err_set(err, ERR_INVALID, "the calendar does not open within 10 years");
}
