#include "cli/grid.h"

#include "base/attr.h"
#include "base/buf.h"
#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

#define GAP 2 /* blanks between columns */
#define NARROWEST 8 /* what a column keeps that is cut */

#define BOLD "\033[1m"
#define RED "\033[31m"
#define YELLOW "\033[33m"
#define PLAIN "\033[0m"

static size_t columns_of(const char *text)
{
	return utf8_columns(text, strlen(text));
}

static const char *shown(const char *cell)
{
	return cell ? cell : "-";
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Makes the widest column as narrow as the next, by `excess` at most. Returns what is still too much. */
static size_t narrow_widest(struct grid_column *columns, size_t n, size_t excess)
{
	struct grid_column *widest = NULL;
	size_t next = NARROWEST, width;

	for (size_t i = 0; i < n; i++)
		if (!columns[i].whole && (!widest || columns[i].width > widest->width))
			widest = &columns[i];
	if (!widest || widest->width <= NARROWEST)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (!columns[i].whole && columns[i].width < widest->width)
			next = larger(next, columns[i].width);
	width = widest->width;
	widest->width = width > excess ? larger(next, width - excess) : next;
	return excess - (width - widest->width);
}

static bool is_empty(const char *const *cells, size_t n_columns, size_t n_rows, size_t column)
{
	for (size_t row = 0; row < n_rows; row++)
		if (cells[row * n_columns + column])
			return false;
	return true;
}

/* What all take that are shown, and more than `room` of it. */
static size_t excess_of(const struct grid_column *columns, size_t n, size_t room)
{
	size_t total = 0;

	for (size_t i = 0; i < n; i++)
		if (columns[i].width > 0)
			total += columns[i].width + (total ? GAP : 0);
	return total > room ? total - room : 0;
}

static void leave_out(struct grid_column *columns, size_t n, const char *const *cells, size_t n_rows, size_t room)
{
	for (size_t i = n; i-- > 1 && excess_of(columns, n, room) > 0;)
		if (is_empty(cells, n, n_rows, i))
			columns[i].width = 0;
	for (size_t i = n; i-- > 1 && excess_of(columns, n, room) > 0;)
		if (columns[i].spare)
			columns[i].width = 0;
}

void grid_fit(struct grid_column *columns, size_t n_columns, const char *const *cells, size_t n_rows,
              size_t room)
{
	for (size_t i = 0; i < n_columns; i++) {
		columns[i].width = columns_of(columns[i].title);
		for (size_t row = 0; row < n_rows; row++)
			columns[i].width = larger(columns[i].width, columns_of(shown(cells[row * n_columns + i])));
	}
	leave_out(columns, n_columns, cells, n_rows, room);
	for (size_t excess = excess_of(columns, n_columns, room); excess > 0;)
		excess = narrow_widest(columns, n_columns, excess);
}

/* How many bytes of the text fill at most `width` columns. */
static size_t bytes_of_width(const char *text, size_t width)
{
	size_t len = strlen(text), at = 0;
	uint32_t c;

	while (at < len) {
		size_t n = utf8_decode(text + at, len - at, &c);

		if (n == 0)
			n = 1;
		if (utf8_columns(text, at + n) > width)
			break;
		at += n;
	}
	return at;
}

static const char *color_of(const char *text)
{
	static const char *const red[] = { "blocked", "bounced",  "complained", "error",       "failed",
		                               "lost",    "in-doubt", "overdue",    "quarantined", "refused" };
	static const char *const yellow[] = { "held", "paused", "dropped", "stopped" };

	for (size_t i = 0; i < ARRAY_LEN(red); i++)
		if (strcmp(text, red[i]) == 0)
			return RED;
	for (size_t i = 0; i < ARRAY_LEN(yellow); i++)
		if (strcmp(text, yellow[i]) == 0)
			return YELLOW;
	return NULL;
}

static void add_blanks(struct buf *b, size_t n)
{
	buf_addf(b, "%*s", (int)n, "");
}

static void add_cell(struct buf *b, const struct grid_column *column, const char *text, const char *color,
                     bool last)
{
	size_t width = columns_of(text), bytes = strlen(text);
	bool cut = width > column->width;

	if (cut) {
		bytes = bytes_of_width(text, column->width - 1);
		width = utf8_columns(text, bytes) + 1;
	}
	if (column->right)
		add_blanks(b, column->width - width);
	buf_adds(b, color ? color : "");
	buf_add(b, text, bytes);
	buf_adds(b, cut ? "…" : "");
	buf_adds(b, color ? PLAIN : "");
	if (!last)
		add_blanks(b, GAP + (column->right ? 0 : column->width - width));
}

static size_t last_shown(const struct grid_column *columns, size_t n)
{
	while (n > 1 && columns[n - 1].width == 0)
		n--;
	return n - 1;
}

void grid_add_titles(struct buf *b, const struct grid_column *columns, size_t n, bool color)
{
	size_t last = last_shown(columns, n);

	for (size_t i = 0; i <= last; i++)
		if (columns[i].width > 0)
			add_cell(b, &columns[i], columns[i].title, color ? BOLD : NULL, i == last);
	buf_addc(b, '\n');
}

void grid_add_row(struct buf *b, const struct grid_column *columns, const char *const *cells, size_t n,
                  bool color)
{
	size_t last = last_shown(columns, n);

	for (size_t i = 0; i <= last; i++)
		if (columns[i].width > 0)
			add_cell(b, &columns[i], shown(cells[i]),
			         color && columns[i].state ? color_of(shown(cells[i])) : NULL, i == last);
	buf_addc(b, '\n');
}
