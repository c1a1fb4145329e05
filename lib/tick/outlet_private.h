#ifndef PW_TICK_OUTLET_PRIVATE_H
#define PW_TICK_OUTLET_PRIVATE_H

#include "base/token.h"
#include "engine/parcel.h"
#include "tick/watch.h"

#include <poll.h>

struct maildir;
struct sendmail;
struct smtp;

/* Parcels in order. */
struct parcel_list {
	struct parcel *first, **end;
	int n;
};

void parcel_list_init(struct parcel_list *l);
void parcel_list_add(struct parcel_list *l, struct parcel *p);
struct parcel *parcel_list_take(struct parcel_list *l); /* NULL: empty */

/* One SMTP connection: a message whose content or answer is due, and one begun behind it. */
struct outlet_conn {
	struct smtp *smtp;                /* NULL: free */
	struct parcel *current, *behind;
};

/* One running sendmail program. */
struct outlet_job {
	struct sendmail *sendmail;
	struct parcel *parcel;
};

#define OUTLET_JOBS    4
#define OUTLET_AT_ONCE 64 /* mails that are held ready for a transport without connections */

/*
 * A mailbox that sends in this tick: its lane, what waits, its connections. Parcels move
 * waiting -> (begun on a connection) -> wanting (the fence) -> on the way -> done (to be recorded).
 */
struct outlet {
	struct arena arena;
	struct lane lane;
	struct token_key key;              /* of a mailbox with `verp` */
	const struct mailbox *mailbox;     /* a copy: the documents may be loaded anew */
	struct parcel_list waiting;        /* claimed, by slot */
	struct parcel_list wanting;        /* the server waits for the content, or the transport is ready: fence next */
	struct parcel_list done;           /* result known: record next */
	struct parcel_list back;           /* not offered and not to be tried now: give back */
	int on_the_way;                    /* begun, fenced or offered */
	bool dry;                          /* nothing more is due, or the lane closed */
	bool works;                        /* a connection has logged in during this tick */
	bool down;                         /* it failed during this tick: nothing more is tried */
	bool down_recorded;
	bool watched;                      /* that its secret changes is looked out for */
	char secret_stamp[WATCH_STAMP];    /* of the file that the last login's secret is from */
	int closed_idle;                   /* connections in a row that ended without an answer to any mail */
	struct delivery down_why;
	struct outlet_conn *conns;
	int n_conns;
	struct outlet_job jobs[OUTLET_JOBS];
	struct maildir *maildir;
};

/*
 * How a transport takes mails. What is NULL it has no need of: nothing to connect, hang up, poll or wait for; it holds
 * OUTLET_AT_ONCE mails.
 */
struct outlet_way {
	void (*connect)(struct outlet *o, int64_t now_ms);
	void (*pump)(struct outlet *o, int64_t now_s, int64_t now_ms);
	void (*release)(struct outlet *o, struct parcel *p, int64_t now_s, int64_t now_ms); /* of a parcel that was in `wanting` */
	void (*hang_up)(struct outlet *o);
	size_t (*fds)(const struct outlet *o, struct pollfd *ret, size_t room);
	bool (*can_begin)(const struct outlet *o); /* the first mail that waits, at once */
	int64_t (*wake_ms)(const struct outlet *o);
	int (*hold)(const struct outlet *o);
	void (*close)(struct outlet *o);
};

extern const struct outlet_way outlet_smtp, outlet_sendmail, outlet_maildir;

/* The next one whose slot has come; NULL: none, or the mailbox is down. Those whose slot is long past go to `back`. */
struct parcel *outlet_take_ready(struct outlet *o, int64_t now_s);

/* Its result is known. */
void outlet_finish(struct outlet *o, struct parcel *p, const struct delivery *d);

/* The mailbox does not work now: what waits is given back, what is on the way comes to its end. */
void outlet_go_down(struct outlet *o, const struct delivery *why);

/* The envelope's sender, in the parcel's arena; of a mailbox with `verp` it says which mail it is. */
const char *outlet_sender(const struct outlet *o, struct parcel *p);

/* Opens connections for what waits. It may run a command for the password, so no transaction is open. */
void outlet_connect(struct outlet *o, int64_t now_s, int64_t now_ms);

/*
 * The transport's part of a round. Before the commit: what can be begun is begun, what arrived is read; parcels
 * go to `wanting` and `done`. After it: `wanting` ones that were fenced go out, the others are abandoned and freed.
 */
void outlet_pump(struct outlet *o, int64_t now_s, int64_t now_ms);
void outlet_release_fenced(struct outlet *o, int64_t now_s, int64_t now_ms);

/* What waits is given back: nothing more is begun now. */
void outlet_send_back(struct outlet *o);

/* Connections on which nothing has been offered end, and their mails are given back. */
void outlet_hang_up(struct outlet *o);

/* What to poll for; returns how many (room for OUTLET_FDS). And when to come back at the latest. */
#define OUTLET_FDS 1024
size_t outlet_fds(const struct outlet *o, struct pollfd *ret, size_t room);
int64_t outlet_wake_ms(const struct outlet *o, int64_t now_s, int64_t now_ms);

/* How many parcels it can usefully hold ready. */
int outlet_wants(const struct outlet *o);

void outlet_close(struct outlet *o);

#endif
