#ifndef PW_PIPECTL_PAUSING_H
#define PW_PIPECTL_PAUSING_H

#include "cli/cmd.h"

/* What `pause` and `resume` have alike. */
struct pausing_opts {
	bool all, dry_run;
};
extern const struct opt pausing_opts[];

int pausing(struct cli *cli, bool paused, struct err *err) PW_CHECK;

#endif
