#ifndef PW_TEST_TIME_TABLE_H
#define PW_TEST_TIME_TABLE_H

/*
 * The tables of tests/golden/time, row by row; and instants as they are written there. Included by the tests
 * of times only, each of which uses all of it or little.
 */
#include "base/err.h"
#include "base/mem.h"
#include "base/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TABLE_FIELDS 8
#define UNUSED       __attribute__((unused))

struct table {
	FILE *file;
	const char *name;
	char head[256], line[1024];
	char *field[TABLE_FIELDS];
	int n, rows, wrong;
};

static UNUSED struct table table_open(const char *name)
{
	struct table t = { .name = name };
	const char *top = getenv("PW_TOP");
	char path[4096];

	snprintf(path, sizeof path, "%s/tests/golden/time/%s", top ? top : ".", name);
	t.file = fopen(path, "r");
	if (!t.file || !fgets(t.head, sizeof t.head, t.file))
		fail_msg("cannot read %s", path);
	return t;
}

static UNUSED bool table_next(struct table *t)
{
	char *rest = t->line;

	do {
		if (!fgets(t->line, sizeof t->line, t->file))
			return false;
	} while (t->line[0] == '#');
	t->line[strcspn(t->line, "\n")] = '\0';
	for (t->n = 0; rest && t->n < TABLE_FIELDS; t->n++)
		t->field[t->n] = strsep(&rest, "\t");
	t->rows++;
	return true;
}

static UNUSED void table_wrong(struct table *t, const char *got)
{
	if (++t->wrong <= 10) {
		for (int i = 0; i < t->n; i++)
			fprintf(stderr, "%s%s", i ? " | " : "# ", t->field[i]);
		fprintf(stderr, "\n#   but got %s\n", got);
	}
}

/* Fails when rows were wrong, or there were fewer than the table should have. */
static UNUSED void table_close(struct table *t, int at_least)
{
	fclose(t->file);
	if (t->rows < at_least)
		fail_msg("%s has only %d rows", t->name, t->rows);
	if (t->wrong)
		fail_msg("%d of %d rows of %s are wrong", t->wrong, t->rows, t->name);
}

/* "2026-07-01T10:34:56Z", by the C library. */
static UNUSED int64_t instant_of(const char *text)
{
	struct tm tm = { 0 };

	if (sscanf(text, "%d-%d-%dT%d:%d:%dZ", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min,
	           &tm.tm_sec) != 6)
		fail_msg("no instant: %s", text);
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	return (int64_t)timegm(&tm);
}

static UNUSED const char *instant_text(int64_t instant, char ret[32])
{
	time_t t = (time_t)instant;
	struct tm tm;

	strftime(ret, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
	return ret;
}

/* Counts the row as wrong when the instant is not the expected one, or the call before it failed. */
static UNUSED void table_expect(struct table *t, const char *expected, int result, int64_t got,
                                const struct err *err)
{
	char text[32];

	if (result < 0)
		table_wrong(t, err->text);
	else if (got != instant_of(expected))
		table_wrong(t, instant_text(got, text));
}

/* Zones by name, each opened once. */
struct zones {
	struct zone **v;
	size_t n, cap;
};

static UNUSED const struct zone *zone_named(struct zones *zones, const char *name)
{
	struct err err = ERR_INIT;

	for (size_t i = 0; i < zones->n; i++)
		if (strcmp(zone_name(zones->v[i]), name) == 0)
			return zones->v[i];
	GROW(&zones->v, &zones->cap, zones->n);
	if (zone_open(name, &zones->v[zones->n], &err) < 0)
		fail_msg("%s", err.text);
	return zones->v[zones->n++];
}

static UNUSED void zones_release(struct zones *zones)
{
	for (size_t i = 0; i < zones->n; i++)
		zone_free(zones->v[i]);
	free(zones->v);
}

#define ZONES_AUTO PW_CLEANUP(zones_release) struct zones

#endif
