#ifndef PW_CONTACTCTL_BULK_H
#define PW_CONTACTCTL_BULK_H

#include "selection.h"

/*
 * Something that is done to each contact of a selection, in transactions of half a second, with a row for each:
 * email, result, and what follows from it for its runs.
 */
struct bulk {
	/* Does it: 1 done, 0 it was so already, -1. ret_note: added to the row when not NULL. */
	int (*act)(struct session *s, struct contact *c, const void *ctx, const char **ret_note, struct err *err);
	const void *ctx;
	const char *done;    /* the result: "tagged"; of what was so already it is "unchanged" */
	const char *already; /* the note then; NULL: none */
	bool dry_run;
};

/* Returns the exit status or -1. */
int bulk_run(const struct bulk *b, struct session *s, struct selection *sel, struct err *err) PW_CHECK;

/* The same for one contact and for operands from the first on: what most verbs are. */
int bulk_named(const struct bulk *b, struct cli *cli, struct err *err) PW_CHECK;

#endif
