/* CSV: each good row, written again, is read back exactly. The first byte chooses delimiter and encoding. */
#include "fuzz.h"

#include "base/buf.h"
#include "format/csv.h"

#include <string.h>

#define OUTPUT ((size_t)16 << 20)

static void write_row(const struct csv_row *row, struct buf *out)
{
	for (size_t i = 0; i < row->n; i++)
		csv_write_cell(out, i, row->cells[i].s, row->cells[i].len, false);
	csv_write_end(out);
}

static bool is_blank(const struct csv_row *row)
{
	return row->n == 1 && row->cells[0].len == 0;
}

static void read_back(const struct csv_row *row)
{
	const struct csv_options how = { .delimiter = ',' };
	BUF_AUTO text = BUF_INIT(OUTPUT), again = BUF_INIT(OUTPUT);
	struct err err = ERR_INIT;
	struct csv_row got;
	struct csv *csv;
	size_t names;

	for (size_t i = 0; i < row->n; i++)
		csv_write_cell(&text, i, "name", 4, false);
	csv_write_end(&text);
	names = text.len;
	write_row(row, &text);
	HOLD(csv_open_text(text.s, text.len, &how, &csv, &err) == 0);
	HOLD(csv_next(csv, &got, &err) == 1 && csv_next(csv, &got, &err) == 1);
	HOLD(!got.problem && got.n == row->n);
	write_row(&got, &again);
	HOLD(text.len - names == again.len && memcmp(text.s + names, again.s, again.len) == 0);
	csv_close(csv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const encodings[] = { NULL, "windows-1252", "utf-16", "utf-8" };
	struct csv_options how = { 0 };
	struct err err = ERR_INIT;
	struct csv_row row;
	struct csv *csv;

	if (len < 1)
		return 0;
	how.delimiter = "\0,;\t"[data[0] & 3];
	how.encoding = encodings[data[0] >> 2 & 3];
	HOLD(csv_open_text((const char *)data + 1, len - 1, &how, &csv, &err) == 0);
	while (csv_next(csv, &row, &err) == 1)
		if (!row.problem && !is_blank(&row))
			read_back(&row);
	csv_close(csv);
	return 0;
}
