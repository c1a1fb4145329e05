#include "cli/outcomes.h"

#include "cli/context.h"
#include "cli/notice.h"
#include "store/db.h"

#include <stdio.h>

struct outcome_line {
	const char *kind, *between, *name, *result, *text;
};

static const struct cli_column columns[] = {
	{ "kind", CLI_TEXT }, { "name", CLI_TEXT }, { "result", CLI_TEXT }, { "text", CLI_TEXT }, { 0 }
};

void outcomes_begin(struct outcomes *o, struct cli *cli)
{
	*o = (struct outcomes){ .cli = cli };
	cli_table_begin(&o->table, cli, columns);
}

static void add(struct outcomes *o, const char *kind, const char *between, const char *name, const char *result,
                const char *text)
{
	struct arena *a = &o->cli->arena;

	ARENA_GROW(a, &o->lines, &o->cap, o->n);
	o->lines[o->n++] = (struct outcome_line){ kind, between, arena_strdup(a, name), result,
		                                      text ? arena_strdup(a, text) : NULL };
}

static void say(struct outcomes *o, const struct outcome_line *l)
{
	if (!o->cli->json) {
		cli_say(o->cli, "%s%s%s %s%s%s%s", l->kind, l->between, l->name, l->result, l->text ? " (" : "",
		        l->text ? l->text : "", l->text ? ")" : "");
		return;
	}
	cli_text(&o->table, l->kind);
	cli_text(&o->table, l->name);
	cli_text(&o->table, l->result);
	cli_text(&o->table, l->text);
	cli_row_end(&o->table);
}

void outcomes_say(struct outcomes *o)
{
	for (size_t i = 0; i < o->n; i++)
		say(o, &o->lines[i]);
	o->n = 0;
}

int outcomes_commit(struct outcomes *o, struct txn *txn, bool dry_run, struct err *err)
{
	if (!dry_run && txn_commit(txn, err) < 0)
		return -1;
	outcomes_say(o);
	return 0;
}

void outcome(struct outcomes *o, const char *kind, const char *name, const char *result, const char *text)
{
	add(o, kind, "/", name, result, text);
}

void outcome_file(struct outcomes *o, const char *kind, const char *path, const char *result, const char *text)
{
	add(o, kind, " ", path, result, text);
}

void outcome_id(struct outcomes *o, const char *kind, int64_t id, const char *result, const char *text)
{
	char name[24];

	snprintf(name, sizeof name, "%lld", (long long)id);
	outcome(o, kind, name, result, text);
}

int outcomes_end(struct outcomes *o, int got)
{
	if (got >= 0)
		outcomes_say(o);
	cli_table_end(&o->table);
	return got;
}
