#include "author/tables.h"

#include "base/buf.h"

#include <string.h>

#define CANONICAL_MAX 100

static int open_hours(struct reader *rd, struct calendar *cal, unsigned days, struct yaml *node)
{
	static const struct key row = { .name = "open" };
	const char *text = scalar_text(rd, &row, node, false);
	BUF_AUTO canonical = BUF_INIT(CANONICAL_MAX);
	struct err err = ERR_INIT;
	struct open_hours hours;

	if (!text)
		return -1;
	if (calendar_parse_hours(text, &hours, &err) < 0 || calendar_open(cal, days, hours, &err) < 0)
		return reader_error(rd, node, "%s", err.text);
	calendar_format_hours(hours, &canonical);
	reader_rewrite(node, arena_strdup(rd->arena, canonical.s));
	return 0;
}

static int read_day(struct reader *rd, struct calendar *cal, struct yaml_pair *pair)
{
	size_t n = pair->value->type == YAML_LIST ? pair->value->n : 1;
	BUF_AUTO canonical = BUF_INIT(CANONICAL_MAX);
	struct err err = ERR_INIT;
	unsigned days;
	int r = 0;

	if (calendar_parse_days(pair->key->text, &days, &err) < 0)
		return reader_error(rd, pair->key, "%s", err.text);
	calendar_format_days(days, &canonical);
	reader_rewrite(pair->key, arena_strdup(rd->arena, canonical.s));
	if (n == 0)
		return reader_error(rd, pair->value, "an empty list of hours; leave the day out");
	for (size_t i = 0; i < n; i++)
		if (open_hours(rd, cal, days, pair->value->type == YAML_LIST ? pair->value->items[i] : pair->value) < 0)
			r = -1;
	return r;
}

static int read_open(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct calendar_document *c = into;
	int r = 0;

	if (node->type != YAML_MAP)
		return reader_expected(rd, key, node, "a map such as {mon-fri: 09:00-17:00}");
	if (node->n == 0)
		return reader_error(rd, node, "'open' is empty: it would never be open");
	for (size_t i = 0; i < node->n; i++)
		if (read_day(rd, &c->calendar, &node->pairs[i]) < 0)
			r = -1;
	return r;
}
static const struct type type_open = { "{DAYS: HOURS or [HOURS, ..], ..}", TAKES_KEYED | TAKES_TEXT | TAKES_LIST, read_open };

static int read_closed(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct calendar_document *c = into;
	struct names list = { 0 };
	struct err err = ERR_INIT;
	struct closed_days days;
	BUF_AUTO canonical = BUF_INIT(CANONICAL_MAX);
	int r = read_names(rd, key, node, &list);

	for (size_t i = 0; r == 0 && i < list.n; i++) {
		struct yaml *item = node->type == YAML_LIST ? node->items[i] : node;

		if (calendar_parse_closed(list.v[i], &days, &err) < 0) {
			reader_error(rd, item, "%s", err.text);
			continue;
		}
		calendar_close(&c->calendar, days);
		buf_clear(&canonical);
		calendar_format_closed(days, &canonical);
		reader_rewrite(item, arena_strdup(rd->arena, canonical.s));
	}
	return err.kind == ERR_NONE ? r : -1;
}
static const struct type type_closed = { "DATE, DATE..DATE or a list", TAKES_TEXT | TAKES_LIST, read_closed };

static int read_calendar_zone(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	if (node->type == YAML_SCALAR && strcmp(node->text, "contact") == 0)
		return 0;
	return type_zone.read(rd, key, node, into);
}
static const struct type type_calendar_zone = { "contact or ZONE", TAKES_TEXT, read_calendar_zone };

static const struct key rows[] = {
	HEADER_ROWS,
	TEAM_ROW,
	{ "open", &type_open, .flags = KEY_REQUIRED, .about = "the hours of each weekday: {mon-thu: 09:00-17:00}" },
	{ "zone", &type_calendar_zone, .offset = offsetof(struct calendar_document, zone),
	  .about = "contact (default): the contact's, else the team's; or a zone's name" },
	{ "closed", &type_closed, .about = "dates on which it is not open" },
};
const struct table calendar_table = TABLE("Calendar", "a Calendar", rows, "sending hours and business days");

int calendar_read(struct reader *rd, struct yaml *node)
{
	struct calendar_document *c = ARENA_NEW(rd->arena, struct calendar_document);

	c->name = rd->doc->name;
	calendar_init(&c->calendar, rd->arena);
	rd->doc->calendar = c;
	return read_map(rd, &calendar_table, node, c, NULL);
}
