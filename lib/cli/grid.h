#ifndef PW_CLI_GRID_H
#define PW_CLI_GRID_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/*
 * Cells aligned in columns for a terminal. Texts are as utf8_safe() wrote them; NULL is shown as "-".
 */
struct grid_column {
	const char *title;
	bool right;   /* aligned to the right */
	bool state;   /* coloured by what it says */
	bool whole;   /* never cut: half a time or half a name says nothing */
	bool spare;   /* left out when there is no room */
	size_t width; /* in columns of the terminal; set by grid_fit(); 0: left out */
};

/*
 * Sets the widths: what title and cells need. When all together do not fit into `room` columns, those without any
 * value are left out, then spare ones from the last on, then the widest get less. cells are n_rows * n_columns.
 */
void grid_fit(struct grid_column *columns, size_t n_columns, const char *const *cells, size_t n_rows,
              size_t room);

/* Appends the titles or a row, with a newline. Cells wider than their column end in an ellipsis. */
void grid_add_titles(struct buf *b, const struct grid_column *columns, size_t n, bool color);
void grid_add_row(struct buf *b, const struct grid_column *columns, const char *const *cells, size_t n,
                  bool color);

#endif
