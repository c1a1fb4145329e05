#ifndef PW_MODEL_MAILBOX_H
#define PW_MODEL_MAILBOX_H

#include <stdbool.h>
#include <stdint.h>

/* Where a shared database has the files of its teams: secrets/TEAM and actions/TEAM below it. */
#define SHARED_ETC "/etc/pipewright"

/* Behind the name of the database: the folder where pipe-drop leaves mail, as TEAM/MAILBOX/NAME below it. */
#define DROP_SUFFIX ".drop"

enum mailbox_transport { MAILBOX_SMTP, MAILBOX_SENDMAIL, MAILBOX_MAILDIR };

/* What happens to a message whose last byte left without an answer. */
enum in_doubt_policy { IN_DOUBT_HOLD, IN_DOUBT_ASSUME_SENT, IN_DOUBT_RESEND };

struct mailbox_limit {
	int64_t per_day, per_hour;  /* messages in any 24 hours, 60 minutes; 0: no limit */
	int64_t gap_s, jitter_s;    /* between two messages; jitter is added, by hash of the message id */
	int connections;            /* SMTP connections at once, 1..100; default 4 */
};

/* A server and the account there. NULL: not given. */
struct mailbox_login {
	const char *url, *user;
	const char *password_file, *password_command, *token_command; /* at most one */
	const char *ca_file;       /* the authority of a server of one's own; NULL: the system's */
	bool tls_none;
};

/* Where answers come in. */
enum inbox_kind { INBOX_NONE, INBOX_IMAP, INBOX_MAILDIR, INBOX_MBOX, INBOX_DROP };

/* Whether the return address says which mail it is, signed: not, behind a "+", or in a domain of its own. */
enum verp_kind { VERP_NONE, VERP_PLUS, VERP_DOMAIN };

/* What a Mailbox document says: a sender. NULL: not given. */
struct mailbox {
	const char *name;
	const char *from_name;     /* display name; NULL: the address alone */
	const char *from_address;
	enum mailbox_transport transport;
	const char *path;          /* sendmail: the program; maildir: the folder */
	struct mailbox_login smtp;
	struct {
		enum inbox_kind kind;
		const char *path;      /* Maildir, mbox */
		struct mailbox_login imap;
		const char *sent;      /* IMAP: a folder that is read too; NULL */
	} inbox;
	int64_t inbox_max_age_s;   /* unread for longer: mails of pipelines that stop on a reply wait; 0: never. Default 30 minutes */
	enum verp_kind verp;
	const char *verp_domain;   /* of VERP_DOMAIN */
	struct mailbox_limit limit;
	struct {
		int64_t bounces, complaints; /* shares of the last day's mails, in hundredths of a percent: default 8 %, 0.3 % */
		int64_t over;                /* from so many mails on; default 50 */
	} guard;                         /* beyond them it pauses itself */
	enum in_doubt_policy in_doubt;
	const char *unsubscribe_to; /* NULL: from_address */
};

#endif
