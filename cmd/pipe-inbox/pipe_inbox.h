#ifndef PW_PIPE_INBOX_H
#define PW_PIPE_INBOX_H

#include <stdbool.h>

struct cli;
struct err;

struct inbox_opts {
	bool explain;
	const char *mailbox;
};

/* `--explain FILE...`: how each mail is read. */
int explain(struct cli *cli, struct err *err);

/* Reads the inboxes of all mailboxes, of a team, or of one mailbox. */
int read_inboxes(struct cli *cli, struct err *err);

#endif
