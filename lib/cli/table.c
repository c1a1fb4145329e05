#include "cli/table.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cli/context.h"
#include "cli/grid.h"
#include "format/json.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_LINE (16u << 20)
#define ROWS_WAIT 1000 /* rows that the widths are taken from */

static char *title_of(struct arena *arena, const char *name)
{
	char *title = arena_strdup(arena, name);

	for (char *c = title; *c; c++)
		*c = *c == '_' ? ' ' : (char)toupper((unsigned char)*c);
	return title;
}

static unsigned kind_of(const struct cli_column *c)
{
	return c->kind & ~(unsigned)(CLI_ONLY_JSON | CLI_SPARE);
}

static void begin(struct cli_table *t, struct cli *cli, const struct cli_column *columns, bool record)
{
	*t = (struct cli_table){ .cli = cli, .columns = columns, .record = record };
	buf_init(&t->line, LONGEST_LINE);
	buf_init(&t->cell, LONGEST_LINE);
	while (columns[t->n_columns].name)
		t->n_columns++;
	t->grid = arena_array(&t->arena, t->n_columns, sizeof *t->grid);
	for (size_t i = 0; i < t->n_columns; i++)
		if (!(columns[i].kind & CLI_ONLY_JSON))
			t->grid[t->n_grid++] = (struct grid_column){
				.title = title_of(&t->arena, columns[i].name),
				.right = kind_of(&columns[i]) == CLI_INT,
				.state = kind_of(&columns[i]) == CLI_STATE,
				.whole = i == 0 || kind_of(&columns[i]) == CLI_TIME || kind_of(&columns[i]) == CLI_INT,
				.spare = columns[i].kind & CLI_SPARE,
			};
}

void cli_table_begin(struct cli_table *t, struct cli *cli, const struct cli_column *columns)
{
	begin(t, cli, columns, false);
}

void cli_record_begin(struct cli_table *t, struct cli *cli, const struct cli_column *columns)
{
	begin(t, cli, columns, true);
}

static bool on_terminal(const struct cli_table *t)
{
	return t->cli->out_terminal && !t->cli->json;
}

static const struct cli_column *next_column(const struct cli_table *t)
{
	if (t->at >= t->n_columns)
		BUG("a value behind the last column '%s'", t->columns[t->n_columns - 1].name);
	return &t->columns[t->at];
}

static void expect(const struct cli_table *t, enum cli_kind kind)
{
	const struct cli_column *c = next_column(t);
	unsigned is = kind_of(c);

	if (is != kind && !(is == CLI_STATE && kind == CLI_TEXT))
		BUG("column '%s' is of another kind", c->name);
}

static void add_member(struct cli_table *t, const char *json)
{
	buf_addf(&t->line, "%s\"%s\":%s", t->at ? "," : "{", t->columns[t->at].name, json);
	t->at++;
}

static void keep_cell(struct cli_table *t, const char *cell)
{
	GROW(&t->cells, &t->cap_cells, t->n_cells);
	t->cells[t->n_cells++] = arena_strdup(&t->arena, cell);
}

/* Not on a terminal nothing stands for nothing: a "-" could be a value. */
static void add_piped(struct cli_table *t, const char *cell)
{
	if (t->record)
		buf_addf(&t->line, "%s\t%s\n", t->columns[t->at].name, cell ? cell : "");
	else
		buf_addf(&t->line, "%s\t", cell ? cell : "");
}

/* cell: what a reader sees; NULL: nothing */
static void add_cell(struct cli_table *t, const char *cell)
{
	if (t->columns[t->at].kind & CLI_ONLY_JSON) {
		t->at++;
		return;
	}
	if (on_terminal(t))
		keep_cell(t, cell);
	else
		add_piped(t, cell);
	t->at++;
}

static const char *safe(struct cli_table *t, const char *text)
{
	buf_clear(&t->cell);
	utf8_safe(&t->cell, text, strlen(text), t->record && on_terminal(t));
	return t->cell.s;
}

void cli_null(struct cli_table *t)
{
	next_column(t);
	if (t->cli->json)
		add_member(t, "null");
	else
		add_cell(t, NULL);
}

void cli_text(struct cli_table *t, const char *text)
{
	expect(t, CLI_TEXT);
	if (!text) {
		cli_null(t);
	} else if (t->cli->json) {
		buf_clear(&t->cell);
		json_text(&t->cell, text, strlen(text));
		add_member(t, t->cell.s);
	} else {
		add_cell(t, safe(t, text));
	}
}

void cli_int(struct cli_table *t, int64_t value)
{
	expect(t, CLI_INT);
	buf_clear(&t->cell);
	buf_addf(&t->cell, "%lld", (long long)value);
	if (t->cli->json)
		add_member(t, t->cell.s);
	else
		add_cell(t, t->cell.s);
}

void cli_bool(struct cli_table *t, bool value)
{
	expect(t, CLI_BOOL);
	if (t->cli->json)
		add_member(t, value ? "true" : "false");
	else
		add_cell(t, value ? "yes" : on_terminal(t) ? NULL : "no");
}

void cli_time(struct cli_table *t, int64_t instant)
{
	expect(t, CLI_TIME);
	buf_clear(&t->cell);
	buf_adds(&t->cell, t->cli->json ? "\"" : "");
	cli_add_time(t->cli, instant, &t->cell);
	buf_adds(&t->cell, t->cli->json ? "\"" : "");
	if (t->cli->json)
		add_member(t, t->cell.s);
	else
		add_cell(t, t->cell.s);
}

void cli_time_or_null(struct cli_table *t, int64_t instant)
{
	if (instant)
		cli_time(t, instant);
	else
		cli_null(t);
}

static void add_json_names(struct buf *b, const struct names *list)
{
	buf_addc(b, '[');
	for (size_t i = 0; i < list->n; i++) {
		buf_adds(b, i ? "," : "");
		json_text(b, list->v[i], strlen(list->v[i]));
	}
	buf_addc(b, ']');
}

void cli_names(struct cli_table *t, const struct names *list)
{
	expect(t, CLI_NAMES);
	buf_clear(&t->cell);
	if (t->cli->json) {
		add_json_names(&t->cell, list);
		add_member(t, t->cell.s);
		return;
	}
	for (size_t i = 0; i < list->n; i++) {
		buf_adds(&t->cell, i ? "," : "");
		utf8_safe(&t->cell, list->v[i], strlen(list->v[i]), false);
	}
	add_cell(t, list->n ? t->cell.s : NULL);
}

void cli_json(struct cli_table *t, const char *json)
{
	expect(t, CLI_JSON);
	if (t->cli->json)
		add_member(t, json);
	else
		add_cell(t, safe(t, json));
}

static void put_line(struct cli_table *t)
{
	if (t->line.over)
		BUG("a row is longer than %u bytes", LONGEST_LINE);
	fwrite(t->line.s, 1, t->line.len, t->cli->out);
	buf_clear(&t->line);
}

/* The rows that wait, and the titles before the first. */
static void print_grid(struct cli_table *t)
{
	if (t->n_cells == 0)
		return;
	if (!t->widths_known) {
		grid_fit(t->grid, t->n_grid, t->cells, t->n_cells / t->n_grid, (size_t)t->cli->columns);
		grid_add_titles(&t->line, t->grid, t->n_grid, t->cli->color);
		t->widths_known = true;
	}
	for (size_t at = 0; at < t->n_cells; at += t->n_grid) {
		grid_add_row(&t->line, t->grid, t->cells + at, t->n_grid, t->cli->color);
		put_line(t);
	}
	t->n_cells = 0;
}

/* The lines of a text behind the first start under it. */
static void add_lines(struct buf *b, const char *text, size_t indent)
{
	for (;;) {
		size_t n = strcspn(text, "\n");

		buf_add(b, text, n);
		buf_addc(b, '\n');
		text += n;
		if (!*text || !*++text)
			return;
		buf_addf(b, "%*s", (int)indent, "");
	}
}

static void print_record(struct cli_table *t)
{
	size_t width = 0;

	for (size_t i = 0; i < t->n_grid; i++) {
		size_t n = strlen(t->grid[i].title);

		if (t->cells[i] && n > width)
			width = n;
	}
	for (size_t i = 0; i < t->n_grid; i++) {
		size_t n = strlen(t->grid[i].title);

		if (!t->cells[i])
			continue;
		buf_addf(&t->line, "%s%s:%s%*s", t->cli->color ? "\033[1m" : "", t->grid[i].title,
		         t->cli->color ? "\033[0m" : "", (int)(width - n + 2), "");
		add_lines(&t->line, t->cells[i], width + 3);
	}
	put_line(t);
	t->n_cells = 0;
}

static void end_terminal_row(struct cli_table *t)
{
	if (t->record)
		print_record(t);
	else if (t->widths_known || t->n_cells >= ROWS_WAIT * t->n_grid)
		print_grid(t);
}

void cli_row_end(struct cli_table *t)
{
	if (t->at != t->n_columns)
		BUG("column '%s' has no value", t->columns[t->at].name);
	t->at = 0;
	if (on_terminal(t)) {
		end_terminal_row(t);
		return;
	}
	if (t->cli->json)
		buf_adds(&t->line, "}\n");
	else if (!t->record && t->line.len)
		t->line.s[t->line.len - 1] = '\n';
	put_line(t);
}

void cli_table_end(struct cli_table *t)
{
	print_grid(t);
	free(t->cells);
	buf_release(&t->line);
	buf_release(&t->cell);
	arena_release(&t->arena);
}
