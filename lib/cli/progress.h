#ifndef PW_CLI_PROGRESS_H
#define PW_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct cli;

/*
 * How far a long work has come, on stderr: only when that is a terminal, not with -q, only after a second.
 *
 *	struct cli_progress progress;
 *
 *	cli_progress_begin(&progress, cli, "importing", n_rows);
 *	for (...)
 *		cli_progress_at(&progress, i);
 *	cli_progress_end(&progress);
 *
 * cli_progress_end() removes the line, so that the result stands alone; call it before anything is printed.
 */
struct cli_progress {
	const char *what;
	int64_t total;    /* 0: not known */
	int64_t start_ms; /* of the clock that only moves forward */
	int64_t drawn_ms; /* the last time; 0: never */
	int columns;
	bool on;
};

void cli_progress_begin(struct cli_progress *p, const struct cli *cli, const char *what, int64_t total);
void cli_progress_at(struct cli_progress *p, int64_t done);
void cli_progress_end(struct cli_progress *p);

/* What cli_progress_at() writes at this time (for tests); ret has `size` bytes. False: nothing is due. */
bool cli_progress_line(struct cli_progress *p, int64_t done, int64_t now_ms, char *ret, int size);

#endif
