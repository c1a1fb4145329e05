#ifndef PW_CONTACTCTL_COLUMNS_H
#define PW_CONTACTCTL_COLUMNS_H

#include "cli/table.h"
#include "session.h"

/* The columns of a list of contacts: those of the table below, and any field. */
struct columns {
	struct cli_column *table; /* for cli_table_begin() */
	const struct column **what;
	size_t n;
	bool with_runs;           /* one of them needs to look at the runs */
};

/* text: names divided by commas; NULL: the usual ones. In the session's arena. ERR_MISSING, with the nearest. */
int columns_parse(struct columns *ret, struct session *s, const char *text, struct err *err) PW_CHECK;

/* A row. */
int columns_print(const struct columns *columns, struct cli_table *t, struct session *s, const struct contact *c,
                  struct err *err) PW_CHECK;

#endif
