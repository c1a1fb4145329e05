#ifndef PW_PIPECTL_SOURCES_H
#define PW_PIPECTL_SOURCES_H

#include "author/author.h"
#include "cli/option.h"

struct cli;
struct err;

/* A file of documents that was read, with the caller's rights; everything in the command's arena. */
struct source {
	const char *path;   /* as named, or in the folder that was named; "-": stdin */
	const char *folder; /* absolute path of its folder; NULL: stdin, or it has none that can be told */
	const char *text;
	size_t len;
};

struct sources {
	struct source *v;
	size_t n;
	struct names folders; /* absolute paths of the operands that are folders */
};

/*
 * Reads all files that operands FILE|DIR|-... mean; of a folder those that end in .yaml or .yml. -1: ERR_NOINPUT,
 * ERR_INVALID (one is larger than any document may be).
 */
int sources_read(struct cli *cli, const struct names *operands, struct sources *ret, struct err *err);

/* The one of this path; it must be one of them. */
const struct source *sources_of_file(const struct sources *sources, const char *path);

/* For struct author_files: reads a file that a document names, relative to the file of the document. */
int sources_read_beside(void *ctx, const char *beside, const char *path, struct buf *out, struct err *err);

/* Prints errors and warnings on stderr; with --json as JSON Lines on stdout. Returns 65 when there was an error, else 0. */
int sources_print_problems(struct cli *cli, struct diags *diags);

#endif
