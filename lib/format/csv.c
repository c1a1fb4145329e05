#include "format/csv.h"

#include "base/buf.h"
#include "base/late.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "format/encoding.h"

#include <csv.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_SIZE = 64 * 1024 };

struct csv {
	int fd;
	char *chunk; /* READ_SIZE bytes, as they come from fd; NULL: `in` has the whole text */
	bool end;    /* nothing more to read */
	struct csv_options options;
	struct encoding *encoding;

	struct buf in;    /* decoded: the row being read and what comes behind it */
	size_t row_start; /* in `in`: where the row begins */
	size_t at;        /* in `in`: up to where it has been parsed */
	size_t line;      /* lines before `at` */
	size_t columns;   /* of the first row; 0: not read yet */
	size_t number;

	struct csv_parser parser;
	bool row_done;          /* set by the parser's callback */
	struct buf text;        /* the cells of the row, each with a NUL behind it */
	struct csv_cell *cells; /* while the row is read, s is NULL and the cells are one behind the other */
	size_t n, cap;
	char problem[160]; /* "" when there is none */
};

static void set_problem(struct csv *csv, const char *fmt, ...) PW_FORMAT(2, 3);

/* The first problem of a row is the one that is told. */
static void set_problem(struct csv *csv, const char *fmt, ...)
{
	va_list ap;

	if (csv->problem[0])
		return;
	va_start(ap, fmt);
	vsnprintf(csv->problem, sizeof csv->problem, fmt, ap);
	va_end(ap);
}

static void take_cell(void *s, size_t len, void *data)
{
	struct csv *csv = data;

	if (csv->n == CSV_COLUMNS_MAX)
		set_problem(csv, "more than %d cells", CSV_COLUMNS_MAX);
	if (len > CSV_CELL_MAX)
		set_problem(csv, "a cell of more than %d bytes", CSV_CELL_MAX);
	if (csv->problem[0])
		return;
	GROW(&csv->cells, &csv->cap, csv->n);
	csv->cells[csv->n++] = (struct csv_cell){ NULL, len };
	buf_add(&csv->text, s, len);
	buf_addc(&csv->text, '\0');
}

static void take_row_end(int c, void *data)
{
	struct csv *csv = data;

	(void)c;
	csv->row_done = true;
}

static void *grow_cell(void *p, size_t size)
{
	return xrealloc(p, size, 1);
}

static void reset_parser(struct csv *csv)
{
	LATE(LIBCSV, csv_free)(&csv->parser);
	BUG_ON(LATE(LIBCSV, csv_init)(&csv->parser, CSV_STRICT | CSV_STRICT_FINI) != 0);
	LATE(LIBCSV, csv_set_realloc_func)(&csv->parser, grow_cell);
	LATE(LIBCSV, csv_set_blk_size)(&csv->parser, 4096);
	LATE(LIBCSV, csv_set_delim)(&csv->parser, (unsigned char)csv->options.delimiter);
}

static int open_source(int fd, const struct csv_options *options, struct csv **ret, struct err *err)
{
	struct encoding *encoding = NULL;
	struct csv *csv;

	if (options->encoding && encoding_open(options->encoding, &encoding, err) < 0)
		return -1;
	csv = xcalloc(1, sizeof *csv);
	csv->fd = fd;
	csv->options = *options;
	csv->encoding = encoding;
	buf_init(&csv->in, SIZE_MAX / 4);
	buf_init(&csv->text, SIZE_MAX / 4);
	reset_parser(csv);
	*ret = csv;
	return 0;
}

int csv_open(int fd, const struct csv_options *options, struct csv **ret, struct err *err)
{
	if (open_source(fd, options, ret, err) < 0)
		return -1;
	(*ret)->chunk = xmalloc(READ_SIZE);
	return 0;
}

void csv_close(struct csv *csv)
{
	if (!csv)
		return;
	LATE(LIBCSV, csv_free)(&csv->parser);
	encoding_close(csv->encoding);
	buf_release(&csv->in);
	buf_release(&csv->text);
	free(csv->cells);
	free(csv->chunk);
	free(csv);
}

/* Input */

/* Drops what has been read of earlier rows, so that memory is bounded by the row. */
static void drop_earlier_rows(struct csv *csv)
{
	if (csv->row_start == 0)
		return;
	memmove(csv->in.s, csv->in.s + csv->row_start, csv->in.len - csv->row_start);
	buf_truncate(&csv->in, csv->in.len - csv->row_start);
	csv->at -= csv->row_start;
	csv->row_start = 0;
}

static int add_input(struct csv *csv, const char *s, size_t len, struct err *err)
{
	bool first = csv->line == 0 && csv->in.len == 0;

	if (first && !csv->encoding && len >= 2 &&
	    (memcmp(s, "\xff\xfe", 2) == 0 || memcmp(s, "\xfe\xff", 2) == 0) &&
	    encoding_open("utf-16", &csv->encoding, err) < 0)
		return -1;
	if (csv->encoding)
		encoding_decode(csv->encoding, s, len, &csv->in);
	else
		buf_add(&csv->in, s, len);
	return 0;
}

static void finish_input(struct csv *csv)
{
	csv->end = true;
	if (csv->encoding)
		encoding_finish(csv->encoding, &csv->in);
}

int csv_open_text(const char *s, size_t len, const struct csv_options *options, struct csv **ret,
                  struct err *err)
{
	if (open_source(-1, options, ret, err) < 0)
		return -1;
	if (add_input(*ret, s, len, err) < 0) {
		csv_close(*ret);
		return -1;
	}
	finish_input(*ret);
	return 0;
}

/* Reads more behind what is there. */
static int read_more(struct csv *csv, struct err *err)
{
	ssize_t n;

	drop_earlier_rows(csv);
	do {
		n = read(csv->fd, csv->chunk, READ_SIZE);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(err, ERR_IO, "cannot read");
	if (n == 0)
		finish_input(csv);
	else if (add_input(csv, csv->chunk, (size_t)n, err) < 0)
		return -1;
	return 0;
}

/* The length of the line at `at` with its end, if it is there as a whole; else 0. */
static size_t whole_line(const struct csv *csv)
{
	const char *s = csv->in.s + csv->at;
	size_t left = csv->in.len - csv->at;
	const char *lf = memchr(s, '\n', left);
	size_t len = lf ? (size_t)(lf - s) + 1 : left;
	const char *cr = memchr(s, '\r', len);

	if (cr && cr + 1 != lf && (cr + 1 < s + left || csv->end))
		return (size_t)(cr - s) + 1;
	return lf || csv->end ? len : 0;
}

/* Finds the next line: 1 with *ret_len set, 0 at the end, -1. */
static int next_line(struct csv *csv, size_t *ret_len, struct err *err)
{
	while ((*ret_len = whole_line(csv)) == 0 && !csv->end) {
		if (csv->in.len - csv->at > CSV_ROW_MAX)
			return err_set(err, ERR_INVALID, "line %zu is longer than %d bytes: this is no table",
			               csv->line + 1, CSV_ROW_MAX);
		if (read_more(csv, err) < 0)
			return -1;
	}
	return *ret_len > 0;
}

/* The first line */

/*
 * Counts what may be the delimiter up to the first line end, neither within quotes. False when there is no
 * line end yet.
 */
static bool count_delimiters(const char *s, size_t len, size_t count[3])
{
	bool quoted = false;

	memset(count, 0, 3 * sizeof *count);
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '"')
			quoted = !quoted;
		else if (!quoted && (s[i] == '\n' || s[i] == '\r'))
			return true;
		for (size_t k = 0; k < 3 && !quoted; k++)
			count[k] += s[i] == ",;\t"[k];
	}
	return false;
}

static int find_delimiter(struct csv *csv, struct err *err)
{
	size_t count[3], best = 0;

	while (!count_delimiters(csv->in.s + csv->at, csv->in.len - csv->at, count)) {
		if (csv->end || csv->in.len - csv->at > CSV_ROW_MAX)
			break;
		if (read_more(csv, err) < 0)
			return -1;
	}
	for (size_t k = 1; k < 3; k++) {
		if (count[k] > count[best])
			best = k;
	}
	csv->options.delimiter = ",;\t"[best];
	return 0;
}

/* Skips a byte order mark and Excel's "sep=;" line, and settles the delimiter. */
static int begin(struct csv *csv, struct err *err)
{
	size_t len;
	int got = next_line(csv, &len, err);
	const char *s;

	if (got <= 0)
		return got;
	if (csv->in.len >= 3 && memcmp(csv->in.s, "\xef\xbb\xbf", 3) == 0) {
		csv->at = csv->row_start = 3;
		len -= 3;
	}
	s = csv->in.s + csv->at;
	if (len >= 6 && memcmp(s, "sep=", 4) == 0 && (s[5] == '\r' || s[5] == '\n')) {
		if (!csv->options.delimiter)
			csv->options.delimiter = s[4];
		csv->at += len;
		csv->row_start = csv->at;
		csv->line++;
	}
	if (!csv->options.delimiter && find_delimiter(csv, err) < 0)
		return -1;
	reset_parser(csv);
	return 1;
}

/* Rows */

/* libcsv sees no row in such a line. */
static bool is_blank(const char *s, size_t len, char delimiter)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] == delimiter || !s[i] || !strchr(" \t\r\n", s[i]))
			return false;
	}
	return true;
}

static void begin_row(struct csv *csv)
{
	csv->row_start = csv->at;
	csv->row_done = false;
	csv->n = 0;
	csv->problem[0] = '\0';
	buf_clear(&csv->text);
}

static void parse_line(struct csv *csv, size_t len)
{
	const char *s = csv->in.s + csv->at;

	csv->at += len;
	csv->line++;
	if (LATE(LIBCSV, csv_parse)(&csv->parser, s, len, take_cell, take_row_end, csv) != len) {
		set_problem(csv, "a quote in the middle of a cell (line %zu); put the cell in quotes and double it",
		            csv->line);
		reset_parser(csv);
		csv->row_done = true;
	}
}

/* At the end of the input within a row: its last line has no end, or a quote is open. */
static void parse_end(struct csv *csv, size_t first_line)
{
	if (LATE(LIBCSV, csv_fini)(&csv->parser, take_cell, take_row_end, csv) != 0)
		set_problem(csv, "a quote that begins in line %zu or below does not end", first_line);
	csv->row_done = true;
}

/* Gives up on the text of a row without end: only where it ends is still of interest. */
static void shorten_row(struct csv *csv)
{
	set_problem(csv, "a row of more than %d bytes: is a quote missing?", CSV_ROW_MAX);
	reset_parser(csv);
	LATE(LIBCSV, csv_parse)(&csv->parser, "\"", 1, take_cell, take_row_end, csv);
	csv->row_start = csv->at;
}

/* Parses lines until a row is complete. 1, 0 at the end, or -1. */
static int parse_row(struct csv *csv, size_t *ret_line, struct err *err)
{
	bool in_row = false;
	size_t len;
	int got;

	begin_row(csv);
	while (!csv->row_done) {
		got = next_line(csv, &len, err);
		if (got < 0)
			return -1;
		if (got == 0 && !in_row)
			return 0;
		if (got == 0) {
			parse_end(csv, *ret_line);
		} else if (!in_row && is_blank(csv->in.s + csv->at, len, csv->options.delimiter)) {
			csv->at += len;
			csv->line++;
			csv->row_start = csv->at;
		} else {
			*ret_line = in_row ? *ret_line : csv->line + 1;
			in_row = true;
			parse_line(csv, len);
			if (!csv->row_done && csv->at - csv->row_start > CSV_ROW_MAX)
				shorten_row(csv);
		}
	}
	return 1;
}

static void check_bytes(struct csv *csv, const char *s, size_t len)
{
	if (memchr(s, '\0', len))
		set_problem(csv, "a NUL byte in it");
	if (utf8_valid(s, len))
		return;
	if (csv->encoding)
		set_problem(csv, "bytes that mean nothing in the encoding of the file");
	else
		set_problem(csv, "not UTF-8; is the file in windows-1252?");
}

static void check_count(struct csv *csv)
{
	if (csv->columns == 0)
		csv->columns = csv->n;
	while (csv->n > csv->columns && csv->cells[csv->n - 1].len == 0)
		csv->n--;
	if (csv->n != csv->columns)
		set_problem(csv, "%zu cell%s, where the first row has %zu", csv->n, csv->n == 1 ? "" : "s",
		            csv->columns);
}

static bool begins_formula(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len && s[i] == '\'')
		i++;
	return i < len && s[i] && strchr("=+-@\t\r", s[i]);
}

/* Now that the text of the row stays where it is, lets the cells point into it. */
static void place_cells(struct csv *csv)
{
	const char *s = csv->text.s;

	for (size_t i = 0; i < csv->n; i++) {
		struct csv_cell *cell = &csv->cells[i];

		cell->s = s;
		s += cell->len + 1;
		if (!csv->options.keep_prefix && cell->s[0] == '\'' && begins_formula(cell->s, cell->len)) {
			cell->s++;
			cell->len--;
		}
	}
}

int csv_next(struct csv *csv, struct csv_row *ret, struct err *err)
{
	size_t line = 0;
	int got = csv->number == 0 && csv->line == 0 ? begin(csv, err) : 1;

	if (got > 0)
		got = parse_row(csv, &line, err);
	if (got <= 0)
		return got;
	*ret = (struct csv_row){ .number = ++csv->number, .line = line };
	ret->raw = csv->in.s + csv->row_start;
	ret->raw_len = csv->at - csv->row_start;
	check_bytes(csv, ret->raw, ret->raw_len);
	check_count(csv);
	place_cells(csv);
	ret->cells = csv->cells;
	ret->n = csv->n;
	ret->problem = csv->problem[0] ? csv->problem : NULL;
	return 1;
}

/* Writing */

static bool needs_quotes(const char *s, size_t len)
{
	if (len > 0 && (s[0] == ' ' || s[0] == '\t' || s[len - 1] == ' ' || s[len - 1] == '\t'))
		return true;
	for (size_t i = 0; i < len; i++) {
		if (s[i] == ',' || s[i] == '"' || s[i] == '\r' || s[i] == '\n')
			return true;
	}
	return false;
}

void csv_write_cell(struct buf *out, size_t column, const char *s, size_t len, bool raw)
{
	bool prefix = !raw && begins_formula(s, len);
	/* Without the quotes a row of one empty cell would be a blank line. */
	bool quotes = needs_quotes(s, len) || (len == 0 && column == 0);

	if (column > 0)
		buf_addc(out, ',');
	if (quotes)
		buf_addc(out, '"');
	if (prefix)
		buf_addc(out, '\'');
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '"')
			buf_addc(out, '"');
		buf_addc(out, s[i]);
	}
	if (quotes)
		buf_addc(out, '"');
}

void csv_write_end(struct buf *out)
{
	buf_addc(out, '\n');
}
