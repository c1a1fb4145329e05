#include "cli/outcomes.h"

#include "cli/context.h"
#include "cli/notice.h"

#include <stdio.h>

static const struct cli_column columns[] = {
	{ "kind", CLI_TEXT }, { "name", CLI_TEXT }, { "result", CLI_TEXT }, { "text", CLI_TEXT }, { 0 }
};

void outcomes_begin(struct outcomes *o, struct cli *cli)
{
	o->cli = cli;
	cli_table_begin(&o->table, cli, columns);
}

static void add(struct outcomes *o, const char *kind, const char *between, const char *name, const char *result,
                const char *text)
{
	if (!o->cli->json) {
		cli_say(o->cli, "%s%s%s %s%s%s%s", kind, between, name, result, text ? " (" : "", text ? text : "", text ? ")" : "");
		return;
	}
	cli_text(&o->table, kind);
	cli_text(&o->table, name);
	cli_text(&o->table, result);
	cli_text(&o->table, text);
	cli_row_end(&o->table);
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

void outcomes_end(struct outcomes *o)
{
	cli_table_end(&o->table);
}
