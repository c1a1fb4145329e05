#include "format/csv.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/random.h"
#include "format/encoding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What a table reads as: a row a line, "line:[cell][cell]" or "line:!problem". */
static void dump(struct csv *csv, struct buf *out)
{
	struct err err = ERR_INIT;
	struct csv_row row;
	int got;

	while ((got = csv_next(csv, &row, &err)) > 0) {
		buf_addf(out, "%zu:", row.line);
		if (row.problem)
			buf_addf(out, "!%s", row.problem);
		for (size_t i = 0; i < row.n && !row.problem; i++) {
			assert_int_equal(row.cells[i].s[row.cells[i].len], '\0');
			buf_addc(out, '[');
			buf_add(out, row.cells[i].s, row.cells[i].len);
			buf_addc(out, ']');
		}
		buf_addc(out, '\n');
	}
	if (got < 0)
		buf_addf(out, "error: %s\n", err.text);
}

/* Feeds through a pipe, a few bytes at a time where it matters. */
static void dump_fd(const char *s, size_t len, const struct csv_options *options, struct buf *out)
{
	struct err err = ERR_INIT;
	struct csv *csv;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(csv_open(fds[0], options, &csv, &err), 0);
	assert_int_equal(write(fds[1], s, len), (ssize_t)len);
	close(fds[1]);
	dump(csv, out);
	csv_close(csv);
	close(fds[0]);
}

static void dump_text(const char *s, size_t len, const struct csv_options *options, struct buf *out)
{
	struct err err = ERR_INIT;
	struct csv *csv;

	assert_int_equal(csv_open_text(s, len, options, &csv, &err), 0);
	dump(csv, out);
	csv_close(csv);
}

static void check(const char *s, size_t len, const struct csv_options *options, const char *want)
{
	BUF_AUTO text = BUF_INIT(1 << 20);
	BUF_AUTO fd = BUF_INIT(1 << 20);

	dump_text(s, len, options, &text);
	assert_string_equal(text.s, want);
	dump_fd(s, len, options, &fd);
	assert_string_equal(fd.s, want);
}

static const struct {
	const char *text, *want;
} tables[] = {
	{ "", "" },
	{ "\n\r\n  \n", "" },
	{ "a", "1:[a]\n" },
	{ "a,b", "1:[a][b]\n" },
	{ "a,b\n1,2\n", "1:[a][b]\n2:[1][2]\n" },
	{ "a,b\r\n1,2\r\n", "1:[a][b]\n2:[1][2]\n" },
	{ "a,b\r1,2\r3,4", "1:[a][b]\n2:[1][2]\n3:[3][4]\n" },
	{ "a,b\n\n1,2\n \t \n\r\n3,4", "1:[a][b]\n3:[1][2]\n6:[3][4]\n" },
	{ "a,b\n1,\n,2\n,\n", "1:[a][b]\n2:[1][]\n3:[][2]\n4:[][]\n" },
	{ "a\n\"\"\n", "1:[a]\n2:[]\n" },
	/* blanks: outside quotes they go, inside they stay */
	{ " a , b\t\n 1 2 , \" 3 \" \n", "1:[a][b]\n2:[1 2][ 3 ]\n" },
	/* quotes */
	{ "a,b\n\"1,x\",\"y\"\"z\"\n", "1:[a][b]\n2:[1,x][y\"z]\n" },
	{ "a,b\n\"\"\"\",\"\"\n", "1:[a][b]\n2:[\"][]\n" },
	{ "a,b\n\"1\n2\r\n\n3\",x\n4,5\n", "1:[a][b]\n2:[1\n2\r\n\n3][x]\n6:[4][5]\n" },
	{ "a,b\n\"1\r2\",x\n", "1:[a][b]\n2:[1\r2][x]\n" },
	{ "a,b\n\"1\n2\",x", "1:[a][b]\n2:[1\n2][x]\n" },
	{ "a,b\n1\"2,3\n4,5\n", "1:[a][b]\n2:!a quote in the middle of a cell (line 2); put the cell in quotes "
	                        "and double it\n3:[4][5]\n" },
	{ "a,b\n\"1\"2,3\n4,5\n", "1:[a][b]\n2:!a quote in the middle of a cell (line 2); put the cell in quotes "
	                          "and double it\n3:[4][5]\n" },
	{ "a,b\n\"1\n2\" x\n4,5\n", "1:[a][b]\n2:!a quote in the middle of a cell (line 3); put the cell in "
	                            "quotes and double it\n4:[4][5]\n" },
	{ "a,b\n1,2\n\"3,4\n5,6\n",
	  "1:[a][b]\n2:[1][2]\n3:!a quote that begins in line 3 or below does not end\n" },
	{ "a,\"b", "1:!a quote that begins in line 1 or below does not end\n" },
	/* too many and too few */
	{ "a,b,c\n1,2\n1,2,3,4\n1,2,3\n1,2,3,,\n1\n",
	  "1:[a][b][c]\n2:!2 cells, where the first row has 3\n3:!4 cells, where the first row has 3\n"
	  "4:[1][2][3]\n5:[1][2][3]\n6:!1 cell, where the first row has 3\n" },
	/* delimiters are found in the first line, outside quotes */
	{ "a;b\n1,5;2\n", "1:[a][b]\n2:[1,5][2]\n" },
	{ "a\tb\n1,5\t 2\n\t\n", "1:[a][b]\n2:[1,5][2]\n3:[][]\n" },
	{ "\"a,b,c\";d\n1;2\n", "1:[a,b,c][d]\n2:[1][2]\n" },
	{ "\"a,\nb,c\";d\n1;2\n", "1:[a,\nb,c][d]\n3:[1][2]\n" },
	{ "sep=;\r\na,b;c\r\n1;2\r\n", "2:[a,b][c]\n3:[1][2]\n" },
	{ "sep=a,b\n1,2\n", "1:[sep=a][b]\n2:[1][2]\n" },
	/* marks of the encoding */
	{ "\357\273\277\"a\",b\n1,2\n", "1:[a][b]\n2:[1][2]\n" },
	{ "\357\273\277\n\na\n", "3:[a]\n" },
	{ "\357\273\277sep=;\na;b\n", "2:[a][b]\n" },
	/* bytes */
	{ "a,b\nJürgen,株式会社\n", "1:[a][b]\n2:[Jürgen][株式会社]\n" },
	{ "a,b\nJ\374rgen,x\n1,2\n", "1:[a][b]\n2:!not UTF-8; is the file in windows-1252?\n3:[1][2]\n" },
	/* formulas lose the mark that an export gave them, nothing else does */
	{ "a,b\n'=1+1,'+49 30\n'@x,''-1\n'a,'\n", "1:[a][b]\n2:[=1+1][+49 30]\n3:[@x]['-1]\n4:['a][']\n" },
};

static void test_tables(void **state)
{
	const struct csv_options options = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		check(tables[i].text, strlen(tables[i].text), &options, tables[i].want);
}

static void test_options(void **state)
{
	const struct csv_options semicolon = { .delimiter = ';' };
	const struct csv_options keep = { .keep_prefix = true };
	struct err err = ERR_INIT;
	struct csv *csv;

	(void)state;
	check("a,b;c,d\n1;2\n", 12, &semicolon, "1:[a,b][c,d]\n2:[1][2]\n");
	check("sep=,\na,b;c,d\n", 14, &semicolon, "2:[a,b][c,d]\n");
	check("'=a\n", 4, &keep, "1:['=a]\n");
	assert_int_equal(csv_open_text("", 0, &(struct csv_options){ .encoding = "koi8-r" }, &csv, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.text, "windows-1252"));
}

static void test_nul(void **state)
{
	const struct csv_options options = { 0 };

	(void)state;
	check("a,b\n1\0x,2\n\0\n3,4\n", 16, &options,
	      "1:[a][b]\n2:!a NUL byte in it\n3:!a NUL byte in it\n4:[3][4]\n");
}

static const struct {
	const char *encoding, *text;
	size_t len;
	const char *want;
} encodings[] = {
	{ "utf-8", "ü\n", 3, "1:[ü]\n" },
	{ "UTF-8", "\374\n", 2, "1:!bytes that mean nothing in the encoding of the file\n" },
	{ "windows-1252", "\200 \374 \226\n", 6, "1:[€ ü –]\n" },
	{ "CP1252", "a\n\201\nb\n", 6, "1:[a]\n2:!bytes that mean nothing in the encoding of the file\n3:[b]\n" },
	{ "iso-8859-1", "\344\337\n", 3, "1:[äß]\n" },
	{ "latin9", "\244\275\n", 3, "1:[€œ]\n" },
	{ "utf-16", "\377\376a\0;\0\374\0\n\0", 10, "1:[a][ü]\n" },
	{ "utf-16", "\376\377\0a\0;\0\374\0\n", 10, "1:[a][ü]\n" },
	{ "utf-16le", "a\0\075\330\000\336\n\0", 8, "1:[a😀]\n" },
	{ "utf-16le", "\377\376a\0\n\0", 6, "1:[a]\n" },
	{ "utf-16be", "\0a\0\n", 4, "1:[a]\n" },
	{ "utf-16le", "a\0\n\0b", 5, "1:[a]\n2:!bytes that mean nothing in the encoding of the file\n" },
	{ "utf-16le", "\000\334\n\0b\0\n\0", 8,
	  "1:!bytes that mean nothing in the encoding of the file\n2:[b]\n" },
	{ NULL, "\377\376a\0;\0\374\0\n\0", 10, "1:[a][ü]\n" },
	{ NULL, "\376\377\0a\0;\0\374\0\n", 10, "1:[a][ü]\n" },
};

static void test_encodings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(encodings); i++) {
		const struct csv_options options = { .encoding = encodings[i].encoding };

		check(encodings[i].text, encodings[i].len, &options, encodings[i].want);
	}
}

static void decode_in_pieces(const char *name, const char *s, size_t len, size_t piece, struct buf *out)
{
	struct encoding *e;
	struct err err = ERR_INIT;

	assert_int_equal(encoding_open(name, &e, &err), 0);
	for (size_t i = 0; i < len; i += piece)
		encoding_decode(e, s + i, len - i < piece ? len - i : piece, out);
	encoding_finish(e, out);
	encoding_close(e);
}

static void test_pieces(void **state)
{
	static const char text[] = "\377\376a\000\075\330\000\336\374\000\254 \000\334b\000\075\330";

	(void)state;
	for (size_t piece = 1; piece < sizeof text; piece++) {
		BUF_AUTO out = BUF_INIT(1000);

		decode_in_pieces("utf-16", text, sizeof text - 1, piece, &out);
		assert_string_equal(out.s, "a😀ü€\377b\377");
	}
}

static void test_raw(void **state)
{
	static const char text[] = "a,b\r\n\n\"1\n2\",3\r\nx\n4,\"5\n6";
	static const char *const raws[] = { "a,b\r\n", "\"1\n2\",3\r\n", "x\n", "4,\"5\n6" };
	const struct csv_options options = { 0 };
	struct err err = ERR_INIT;
	struct csv_row row;
	struct csv *csv;

	(void)state;
	assert_int_equal(csv_open_text(text, strlen(text), &options, &csv, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(raws); i++) {
		assert_int_equal(csv_next(csv, &row, &err), 1);
		assert_int_equal(row.number, i + 1);
		assert_int_equal(row.raw_len, strlen(raws[i]));
		assert_memory_equal(row.raw, raws[i], row.raw_len);
	}
	assert_int_equal(csv_next(csv, &row, &err), 0);
	assert_int_equal(csv_next(csv, &row, &err), 0);
	csv_close(csv);
}

static void repeat(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_adds(b, s);
}

static void check_limit(const char *cell, size_t n, const char *want)
{
	const struct csv_options options = { 0 };
	BUF_AUTO text = BUF_INIT(8 << 20);
	BUF_AUTO out = BUF_INIT(1 << 20);

	buf_adds(&text, "a\n\"");
	repeat(&text, cell, n);
	buf_adds(&text, "\"\nb\n");
	dump_text(text.s, text.len, &options, &out);
	if (!strstr(out.s, want))
		fail_msg("%.200s, not %s", out.s, want);
	assert_non_null(strstr(out.s, ":[b]\n"));
}

static void test_limits(void **state)
{
	const struct csv_options options = { 0 };
	BUF_AUTO text = BUF_INIT(8 << 20);
	BUF_AUTO out = BUF_INIT(8 << 20);

	(void)state;
	check_limit("x", CSV_CELL_MAX, "2:[xxx");
	check_limit("x", CSV_CELL_MAX + 1, "2:!a cell of more than 65536 bytes");
	check_limit("x\n", CSV_ROW_MAX, "2:!a row of more than 1048576 bytes: is a quote missing?");
	repeat(&text, "x,", CSV_COLUMNS_MAX);
	dump_text(text.s, text.len, &options, &out);
	assert_string_equal(out.s, "1:!more than 1000 cells\n");
	buf_clear(&out);
	dump_text(text.s, text.len - 1, &options, &out);
	assert_int_equal(out.s[2], '[');
}

/* Memory stays bounded and the end is told even when a quote swallows the rest. */
static void test_swallowed(void **state)
{
	const struct csv_options options = { 0 };
	BUF_AUTO text = BUF_INIT(16 << 20);
	BUF_AUTO out = BUF_INIT(1 << 20);

	(void)state;
	buf_adds(&text, "a,b\n\"1,2\n");
	repeat(&text, "some text,in two cells\n", 200000);
	dump_text(text.s, text.len, &options, &out);
	assert_string_equal(out.s, "1:[a][b]\n2:!a row of more than 1048576 bytes: is a quote missing?\n");
}

static void test_no_table(void **state)
{
	const struct csv_options options = { 0 };
	char name[] = "/tmp/test_csv.XXXXXX";
	int fd = mkstemp(name);
	BUF_AUTO out = BUF_INIT(1 << 20);
	struct csv *csv;
	struct err err = ERR_INIT;

	(void)state;
	assert_true(fd >= 0);
	unlink(name);
	assert_int_equal(write(fd, "a\n", 2), 2);
	assert_int_equal(ftruncate(fd, 64 << 20), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(csv_open(fd, &options, &csv, &err), 0);
	dump(csv, &out);
	assert_string_equal(out.s, "1:[a]\nerror: line 2 is longer than 1048576 bytes: this is no table\n");
	csv_close(csv);
	close(fd);
}

static void test_unreadable(void **state)
{
	const struct csv_options options = { 0 };
	struct csv_row row;
	struct csv *csv;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(csv_open(-1, &options, &csv, &err), 0);
	assert_int_equal(csv_next(csv, &row, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	csv_close(csv);
}

static const struct {
	const char *cell, *want, *raw;
} written[] = {
	{ "plain", "x,plain", NULL },
	{ "", "x,", NULL },
	{ "a,b", "x,\"a,b\"", NULL },
	{ "a\"b", "x,\"a\"\"b\"", NULL },
	{ "a\nb", "x,\"a\nb\"", NULL },
	{ " a", "x,\" a\"", NULL },
	{ "a\t", "x,\"a\t\"", NULL },
	{ "=1+1", "x,'=1+1", "x,=1+1" },
	{ "+49 30 1", "x,'+49 30 1", "x,+49 30 1" },
	{ "-1", "x,'-1", "x,-1" },
	{ "@x", "x,'@x", "x,@x" },
	{ "\tx", "x,\"'\tx\"", "x,\"\tx\"" },
	{ "\rx", "x,\"'\rx\"", "x,\"\rx\"" },
	{ "'=1", "x,''=1", "x,'=1" },
	{ "''@", "x,'''@", "x,''@" },
	{ "'a", "x,'a", NULL },
	{ "'", "x,'", NULL },
	{ "a=b", "x,a=b", NULL },
};

static void test_writing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(written); i++) {
		const char *cell = written[i].cell;
		BUF_AUTO out = BUF_INIT(1000);

		csv_write_cell(&out, 0, "x", 1, false);
		csv_write_cell(&out, 1, cell, strlen(cell), false);
		assert_string_equal(out.s, written[i].want);
		buf_clear(&out);
		csv_write_cell(&out, 0, "x", 1, true);
		csv_write_cell(&out, 1, cell, strlen(cell), true);
		assert_string_equal(out.s, written[i].raw ? written[i].raw : written[i].want);
	}
}

enum { COLUMNS = 3, CELL_ROOM = 16 };

static void random_cell(uint64_t *seed, char ret[CELL_ROOM])
{
	static const char letters[] = "abc=+-@\t\r\n'\"', ;";
	size_t n;

	*seed = hash_bytes(seed, sizeof *seed);
	n = *seed >> 60 & 7;
	for (size_t i = 0; i < n; i++)
		ret[i] = letters[(*seed >> (6 * i)) % (sizeof letters - 1)];
	ret[n] = '\0';
}

/* What is written is read back exactly, formulas and all; raw too, when the mark is kept. */
static void round_trip(bool raw)
{
	enum { ROWS = 20000 };
	const struct csv_options options = { .delimiter = ',', .keep_prefix = raw };
	char(*cells)[CELL_ROOM] = xcalloc(ROWS * COLUMNS, CELL_ROOM);
	BUF_AUTO out = BUF_INIT(8 << 20);
	struct err err = ERR_INIT;
	struct csv_row row;
	struct csv *csv;
	uint64_t seed = 7;

	for (size_t i = 0; i < ROWS * COLUMNS; i++) {
		random_cell(&seed, cells[i]);
		csv_write_cell(&out, i % COLUMNS, cells[i], strlen(cells[i]), raw);
		if (i % COLUMNS == COLUMNS - 1)
			csv_write_end(&out);
	}
	assert_int_equal(csv_open_text(out.s, out.len, &options, &csv, &err), 0);
	for (size_t i = 0; i < ROWS * COLUMNS; i++) {
		if (i % COLUMNS == 0) {
			assert_int_equal(csv_next(csv, &row, &err), 1);
			assert_null(row.problem);
			assert_int_equal(row.n, COLUMNS);
		}
		assert_string_equal(row.cells[i % COLUMNS].s, cells[i]);
	}
	assert_int_equal(csv_next(csv, &row, &err), 0);
	csv_close(csv);
	free(cells);
}

static void test_round_trip(void **state)
{
	(void)state;
	round_trip(false);
	round_trip(true);
}

/* Random bytes never end in anything but rows; each line is in exactly one row or blank. */
static void test_random_bytes(void **state)
{
	static const char letters[] = "ab,\"\"\n\r\t ;'\377\0";
	const struct csv_options options = { 0 };
	uint64_t seed = 3;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[40];
		size_t raw = 0, len;
		struct csv_row row;
		struct csv *csv;
		struct err err = ERR_INIT;
		int got;

		seed = hash_bytes(&seed, sizeof seed);
		len = seed % sizeof text;
		for (size_t i = 0; i < len; i++) {
			seed = hash_bytes(&seed, sizeof seed);
			text[i] = letters[(seed >> 20) % sizeof letters];
		}
		assert_int_equal(csv_open_text(text, len, &options, &csv, &err), 0);
		while ((got = csv_next(csv, &row, &err)) > 0)
			raw += row.raw_len;
		assert_int_equal(got, 0);
		assert_true(raw <= len);
		csv_close(csv);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "tables and how they read", test_tables, NULL, NULL, NULL },
		{ "a delimiter, an encoding and marks by option", test_options, NULL, NULL, NULL },
		{ "a NUL spoils its row only", test_nul, NULL, NULL, NULL },
		{ "files in other encodings", test_encodings, NULL, NULL, NULL },
		{ "characters cut by the end of a piece", test_pieces, NULL, NULL, NULL },
		{ "the raw text and number of each row", test_raw, NULL, NULL, NULL },
		{ "limits of cells, columns and rows", test_limits, NULL, NULL, NULL },
		{ "a quote that swallows the rest", test_swallowed, NULL, NULL, NULL },
		{ "a file that is no table", test_no_table, NULL, NULL, NULL },
		{ "a file that cannot be read", test_unreadable, NULL, NULL, NULL },
		{ "cells as they are written", test_writing, NULL, NULL, NULL },
		{ "what is written is read back", test_round_trip, NULL, NULL, NULL },
		{ "random bytes", test_random_bytes, NULL, NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
