#ifndef PW_BASE_DIAG_H
#define PW_BASE_DIAG_H

#include "base/arena.h"
#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>

struct buf;

enum severity { DIAG_ERROR, DIAG_WARNING };

/* Where something stands. file is compared by address: the pointer that diags_file() gave. */
struct place {
	const char *file;
	int line, column; /* from 1; columns count characters; 0: not known */
};

struct diag {
	enum severity severity;
	struct place at;
	const char *text;   /* one line, without place */
	const char *source; /* the line of the file that it is about, or NULL */
	int file_rank;      /* the files in the order in which they came */
};

/*
 * What is wrong with files that people wrote: collected, so that all of it is shown at once, in the order of
 * the files. `struct diags d = { 0 };` is empty. Texts are copied. Beyond DIAGS_MAX nothing is kept,
 * only counted.
 */
#define DIAGS_MAX 500
struct diags {
	struct arena arena;
	struct diag *list;
	size_t n, cap;
	const char **files;
	size_t n_files, cap_files;
	size_t errors, warnings; /* all there were */
};

void diags_release(struct diags *d);

/* Takes a file's name in, in its order, and gives the pointer that places carry. */
const char *diags_file(struct diags *d, const char *name);

/* Adds an error; returns -1, so that a failing reader reads as one line. */
int diag_error(struct diags *d, struct place at, const char *fmt, ...) PW_FORMAT(3, 4);

void diag_warning(struct diags *d, struct place at, const char *fmt, ...) PW_FORMAT(3, 4);

/* The line of the file that the last diagnostic is about is printed below it. */
void diag_show_line(struct diags *d, const char *line, size_t len);

/*
 * Writes all of them as compilers do, in the order of files, lines and columns:
 * `welcome.yaml:12:5: error: a step has no key 'emial'; did you mean 'email'?`
 */
void diags_print(struct diags *d, struct buf *out);

#endif
