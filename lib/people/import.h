#ifndef PW_PEOPLE_IMPORT_H
#define PW_PEOPLE_IMPORT_H

#include "people/intake.h"

#include <stddef.h>

/*
 * People from a table (lib/format/csv): the first row names the fields, and `email`; `tags` and `suppressed` are
 * columns, too, so that an export is imported unchanged. An empty cell changes nothing.
 */
struct import_options {
	struct intake_options intake;
	char delimiter;            /* 0: found out */
	const char *encoding;      /* NULL: UTF-8 */
	struct names map;          /* "COLUMN=FIELD"; "COLUMN=-" leaves one out */
	bool entries_said;         /* it was said whether pipelines may start by themselves */
};

struct import_listener {
	void *ctx;
	/* Something is wrong with a row; line: where it begins. raw: as it stands in the file, in UTF-8; NULL: the
	   first row, so nothing is imported. */
	void (*problem)(void *ctx, size_t line, const char *text, const char *raw, size_t len);
	void (*begin)(void *ctx, const char *raw, size_t len); /* the first row, when it is good */
	void (*row)(void *ctx, int64_t rows);                  /* so many rows were read */
};

/*
 * Imports everything from a file descriptor. Returns 1 when rows were rejected, or somebody was refused by a pipeline
 * that was named, 0 when not, or -1: ERR_INVALID (the first row is unusable, each reason was told; the text sums up),
 * ERR_USAGE (a mapping that names no column, or a pipeline would start by itself and nobody said whether it may),
 * ERR_IO, ERR_BUSY; what was committed before stays.
 */
int import_table(struct engine *e, struct world *w, int fd, const struct import_options *o,
                 const struct import_listener *listener, struct intake_counts *ret, struct err *err) PW_CHECK;

/* What an import brings: which fields it sets and which tags it gives. */
struct import_brings {
	struct names fields;
	struct names tags;
	bool any_tags;   /* it has a column of tags */
	bool suppresses;
};

/* The next pipeline that may start by itself for what is imported; NULL: no more. Begin with *at = 0. */
const struct pipeline *import_starts(const struct world *w, const struct import_brings *brings, size_t *at);

#endif
