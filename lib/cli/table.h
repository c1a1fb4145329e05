#ifndef PW_CLI_TABLE_H
#define PW_CLI_TABLE_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "model/names.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cli;

/*
 * Output of rows, in the form that the reader wants:
 * - on a terminal aligned columns under a header; where it is too narrow, columns without any value and spare ones are
 *   left out, and then the widest texts are cut, but never those of the first column, which say what a row is about;
 * - elsewhere one line a row, tab-separated, no header, nothing cut, times as RFC 3339 UTC, streamed;
 * - with --json one object a line, with the columns' names as members (an interface: members only grow).
 *
 *	static const struct cli_column columns[] = {
 *		{ "email", CLI_TEXT }, { "score", CLI_INT }, { "next_email", CLI_TIME }, { 0 }
 *	};
 *	struct cli_table table;
 *
 *	cli_table_begin(&table, cli, columns);
 *	while (...) {
 *		cli_text(&table, c->email);
 *		cli_int(&table, c->score);
 *		cli_time(&table, c->next_at);
 *		cli_row_end(&table);
 *	}
 *	cli_table_end(&table);
 *
 * Values are given in the order of the columns; the wrong kind, one too many or too few ends the process as a
 * bug. Control and bidirectional characters never reach the reader except escaped.
 */
enum cli_kind {
	CLI_TEXT,
	CLI_STATE, /* text that says how something is: "blocked" and its like are red on a terminal */
	CLI_INT,   /* aligned to the right */
	CLI_BOOL,  /* "yes" and "-"; true and false in JSON */
	CLI_TIME,  /* an instant; on a terminal 2026-07-01 09:30 in the team's zone */
	CLI_NAMES, /* several texts: "a,b"; an array in JSON */
	CLI_JSON,  /* a value that is JSON already, one line */
	CLI_ONLY_JSON = 1 << 4, /* added to a kind: the column is not in tables */
	CLI_SPARE = 1 << 5,     /* added to a kind: left out on a terminal that has no room for it */
};

struct cli_column {
	const char *name; /* of the JSON member; in upper case with blanks the header: next_email, NEXT EMAIL */
	unsigned kind;    /* of enum cli_kind */
};

struct grid_column;

struct cli_table {
	struct cli *cli;
	const struct cli_column *columns;
	size_t n_columns, at; /* at: the column of the next value */
	bool record;
	struct buf line; /* the row that is being written */
	struct buf cell;
	const char **cells; /* of rows that wait until the widths are known; in the arena */
	size_t n_cells, cap_cells;
	struct grid_column *grid; /* the columns that a table shows */
	size_t n_grid;
	bool widths_known;
	struct arena arena;
};

/* columns end with a row without name and must outlive the table. */
void cli_table_begin(struct cli_table *t, struct cli *cli, const struct cli_column *columns);

/*
 * The same for one thing shown at length: on a terminal a line "name:  value" for each column that has a
 * value, elsewhere "name<TAB>value"; one object in JSON. Texts may have several lines.
 */
void cli_record_begin(struct cli_table *t, struct cli *cli, const struct cli_column *columns);

/* NULL: no value ("-" on a terminal, nothing between tabs, null in JSON). */
void cli_text(struct cli_table *t, const char *text);
void cli_int(struct cli_table *t, int64_t value);
void cli_bool(struct cli_table *t, bool value);
void cli_time(struct cli_table *t, int64_t instant);
void cli_time_or_null(struct cli_table *t, int64_t instant); /* 0: no value */
void cli_names(struct cli_table *t, const struct names *list);
void cli_json(struct cli_table *t, const char *json);
void cli_null(struct cli_table *t); /* for any kind */

void cli_row_end(struct cli_table *t);

/* Prints what has been waiting and frees everything. Nothing is printed for a table without rows. */
void cli_table_end(struct cli_table *t);

#endif
