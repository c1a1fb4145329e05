/* Delays, calendars, dates: one text a line. What is read is written so that it reads as the same; no instant is lost. */
#include "fuzz.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/zone.h"
#include "model/calendar.h"
#include "model/delay.h"
#include "model/until.h"
#include "model/when.h"

#include <string.h>

#define NOW INT64_C(1782716400)

static const struct zone *zone(void)
{
	static struct zone *kept;
	struct err err = ERR_INIT;

	if (!kept)
		HOLD(zone_open("Australia/Lord_Howe", &kept, &err) == 0);
	return kept;
}

static void try_delay(const char *text, const struct calendar *open)
{
	BUF_AUTO out = BUF_INIT(4096), back = BUF_INIT(4096);
	struct delay delay, again;
	struct err err = ERR_INIT;
	int64_t then;

	if (delay_parse(text, &delay, &err) < 0)
		return;
	delay_format(&delay, &out);
	HOLD(delay_parse(out.s, &again, &err) == 0);
	delay_format(&again, &back);
	HOLD(strcmp(out.s, back.s) == 0);
	if (delay_add(&delay, NOW, zone(), open, &then, &err) == 0)
		HOLD(then >= NOW);
}

static void try_retention(const char *text)
{
	struct delay delay;
	struct err err = ERR_INIT;

	if (retention_parse(text, &delay, &err) == 0)
		HOLD(retention_limit(&delay, NOW) <= NOW);
}

static void try_when(const char *text, const struct calendar *open)
{
	BUF_AUTO out = BUF_INIT(64);
	struct err err = ERR_INIT;
	int64_t at, again;

	if (when_parse(text, zone(), open, NOW, &at, &err) < 0)
		return;
	when_format_rfc3339(at, zone(), &out);
	HOLD(when_parse_rfc3339(out.s, &again, &err) == 0 && again == at);
}

static void try_until(const char *text, const char *value, const struct calendar *open)
{
	struct until_facts facts = { .now = NOW, .run_started = NOW - 86400, .zone = zone(), .business = open, .value = value };
	BUF_AUTO out = BUF_INIT(256);
	struct wait_until until;
	struct date_rule rule;
	struct err err = ERR_INIT;
	int64_t at;

	if (wait_until_parse(text, &until, &err) == 0) {
		wait_until_format(&until, &out);
		HOLD(wait_until_parse(out.s, &until, &err) == 0);
		if (wait_until_instant(&until, &facts, &at, &err) == 1)
			HOLD(at >= NOW);
	}
	if (!value || date_rule_parse("renewal", text, "09:30", &rule, &err) < 0)
		return;
	rule.yearly = true;
	if (date_rule_instant(&rule, &facts, &at, &err) == 0)
		HOLD(at >= NOW);
}

/* `mon-fri`, `09:00-17:00` and `2026-12-24..2026-12-26` add to the calendar that later lines are computed with. */
static void try_calendar(const char *text, struct calendar *cal, unsigned *days)
{
	struct closed_days closed;
	struct open_hours hours;
	struct err err = ERR_INIT;
	int64_t at, again;

	if (calendar_parse_days(text, days, &err) == 0)
		return;
	if (calendar_parse_closed(text, &closed, &err) == 0)
		calendar_close(cal, closed);
	if (calendar_parse_hours(text, &hours, &err) == 0 && calendar_open(cal, *days, hours, &err) == 0 &&
	    calendar_next_open(cal, zone(), NOW, &at, &err) == 0)
		HOLD(at >= NOW && calendar_next_open(cal, zone(), at, &again, &err) == 0 && again == at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char text[1024], *rest = text, *line, *before = NULL;
	unsigned days = 1u << MONDAY;
	struct calendar cal;
	ARENA_AUTO a = { 0 };

	if (len >= sizeof text)
		return 0;
	memcpy(text, data, len);
	text[len] = '\0';
	calendar_init(&cal, &a);
	while ((line = strsep(&rest, "\n")) != NULL) {
		try_calendar(line, &cal, &days);
		try_delay(line, &cal);
		try_retention(line);
		try_when(line, &cal);
		try_until(line, before, &cal);
		before = line;
	}
	return 0;
}
