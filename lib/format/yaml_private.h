#ifndef PW_FORMAT_YAML_PRIVATE_H
#define PW_FORMAT_YAML_PRIVATE_H

#include "format/yaml.h"

/*
 * Looks through the bytes of a file: its size, its encoding, its controls; notes where lines begin.
 * Sets text, len and lines of f. Returns 0, or -1 with an error in diags.
 */
int yaml_source_check(struct arena *a, struct yaml_file *f, const char *text, size_t len, struct diags *diags);

/* One line (from 1) without its end; "" beyond the last. */
const char *yaml_source_line(const struct yaml_file *f, int line, size_t *ret_len);

/* What the parser could not read. */
struct yaml_problem {
	const char *what, *context; /* in libyaml's words; context may be NULL */
	int line, column;           /* where it gave up */
	int from_line, from_column; /* where what it was reading began; 0: not known */
};

/* Says it in words that help, with one hint, and shows the line. */
void yaml_report(const struct yaml_file *f, const struct yaml_problem *problem, struct diags *diags);

#endif
