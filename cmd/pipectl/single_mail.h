#ifndef PW_PIPECTL_SINGLE_MAIL_H
#define PW_PIPECTL_SINGLE_MAIL_H

#include "cli/cmd.h"
#include "operate/queued.h"

/* What `hold`, `release` and `drop` have alike: they do one thing to each message that is named. */
struct single_mail_opts {
	bool dry_run;
};
extern const struct opt single_mail_opts[];

/* done: "held", for the lines of the result. */
int single_mail(struct cli *cli, int (*act)(struct engine *e, const struct message *m, struct err *err),
                const char *done, struct err *err) PW_CHECK;

#endif
