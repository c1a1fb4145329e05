#ifndef PW_FORMAT_CSV_H
#define PW_FORMAT_CSV_H

#include "base/attr.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct csv;

/*
 * Tables as text (RFC 4180): cells apart by a delimiter, rows by CRLF, LF or CR, cells in double quotes when
 * they contain one of these. Blanks around an unquoted cell do not belong to it; blank lines are no rows.
 */
enum {
	CSV_CELL_MAX = 64 * 1024,  /* bytes in a cell */
	CSV_COLUMNS_MAX = 1000,    /* cells in a row */
	CSV_ROW_MAX = 1024 * 1024, /* bytes in a row, and in a line */
};

struct csv_options {
	char delimiter;       /* ',', ';' or '\t'; 0: whichever is most frequent in the first line */
	const char *encoding; /* as encoding_open() has it; NULL: UTF-8, or UTF-16 where its mark stands */
	bool keep_prefix;     /* leave the ' in front of formulas (see csv_write_cell) where it is */
};

struct csv_cell {
	const char *s; /* NUL-terminated */
	size_t len;
};

struct csv_row {
	const struct csv_cell *cells;
	size_t n;
	size_t number;       /* 1 is the first row of the file, which has the names of the columns */
	size_t line;         /* the physical line where it begins, from 1 */
	const char *raw;     /* the row as it stands in the file, in UTF-8, its line end included; "" when over */
	size_t raw_len;      /* CSV_ROW_MAX. This goes into a file of rejects */
	const char *problem; /* NULL, or why the row cannot be used (then its cells must not be) */
};

/*
 * Reads from a file descriptor, which stays the caller's, or from a text in memory, which must outlive the
 * reader. Close with csv_close(), which takes NULL.
 * Returns 0, or -1 with ERR_USAGE: unknown encoding.
 */
int csv_open(int fd, const struct csv_options *options, struct csv **ret, struct err *err) PW_CHECK;
int csv_open_text(const char *s, size_t len, const struct csv_options *options, struct csv **ret,
                  struct err *err) PW_CHECK;
void csv_close(struct csv *csv);

/*
 * Reads the next row; it is valid until the next call. The rows after the first must have as many cells as
 * the first; empty ones in excess are cut off. A row that has too many or too few, a quote that does not
 * end or stands in the middle of a cell, bytes that are not of the encoding, a NUL, or is too large is
 * returned with `problem` set, and reading goes on with the next.
 * Returns 1 (a row), 0 (the end) or -1 with ERR_IO (reading failed) or ERR_INVALID (a line over
 * CSV_ROW_MAX: this is no table).
 */
int csv_next(struct csv *csv, struct csv_row *ret, struct err *err) PW_CHECK;

/*
 * Appends a cell, with the comma before it unless column is 0, in quotes where needed. Unless raw, a cell
 * that a spreadsheet would take for a formula (its first byte is = + - @ TAB CR, or these behind ' marks)
 * gets a ' in front; csv_next takes it off again, so that what was written is read back exactly.
 */
void csv_write_cell(struct buf *out, size_t column, const char *s, size_t len, bool raw);

/* Ends the row, with LF. */
void csv_write_end(struct buf *out);

#endif
