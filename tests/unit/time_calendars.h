#ifndef PW_TEST_TIME_CALENDARS_H
#define PW_TEST_TIME_CALENDARS_H

/* The calendars of tests/golden/time/calendars.tsv, read by the parsers that documents use. */
#include "time_table.h"

#include "base/arena.h"
#include "model/calendar.h"

#define CALENDARS 20

struct calendars {
	struct arena arena;
	struct zones zones;
	struct {
		char name[32];
		struct calendar cal;
	} v[CALENDARS];
	size_t n;
};

/* "mon-thu 09:00-17:00;fri 09:00-12:00" */
static void add_hours(struct calendar *cal, char *text)
{
	for (char *line; (line = strsep(&text, ";"));) {
		char *hours = line, *days = strsep(&hours, " ");
		struct open_hours h = { 0 };
		struct err err = ERR_INIT;
		unsigned set = 0;

		if (calendar_parse_days(days, &set, &err) < 0 || calendar_parse_hours(hours, &h, &err) < 0 ||
		    calendar_open(cal, set, h, &err) < 0)
			fail_msg("%s", err.text);
	}
}

static void add_closed(struct calendar *cal, char *text)
{
	for (char *part; strcmp(text, "-") != 0 && (part = strsep(&text, " "));) {
		struct closed_days days = { 0 };
		struct err err = ERR_INIT;

		if (calendar_parse_closed(part, &days, &err) < 0)
			fail_msg("%s", err.text);
		calendar_close(cal, days);
		if (!text)
			break;
	}
}

static void calendars_load(struct calendars *ret)
{
	struct table t = table_open("calendars.tsv");

	while (table_next(&t)) {
		struct calendar *cal = &ret->v[ret->n].cal;

		assert_in_range(ret->n, 0, CALENDARS - 1);
		snprintf(ret->v[ret->n++].name, sizeof ret->v[0].name, "%s", t.field[0]);
		calendar_init(cal, &ret->arena);
		if (strcmp(t.field[1], "contact") != 0)
			cal->zone = zone_named(&ret->zones, t.field[1]);
		add_hours(cal, t.field[2]);
		add_closed(cal, t.field[3]);
	}
	table_close(&t, 8);
}

static const struct calendar *calendar_named(const struct calendars *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->v[i].name, name) == 0)
			return &all->v[i].cal;
	fail_msg("no calendar %s", name);
	return NULL;
}

static void calendars_release(struct calendars *all)
{
	arena_release(&all->arena);
	zones_release(&all->zones);
}

#define CALENDARS_AUTO PW_CLEANUP(calendars_release) struct calendars

#endif
