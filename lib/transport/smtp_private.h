#ifndef PW_TRANSPORT_SMTP_PRIVATE_H
#define PW_TRANSPORT_SMTP_PRIVATE_H

#include "base/buf.h"
#include "transport/smtp.h"
#include "transport/smtp_connect.h"
#include "transport/smtp_reply.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The mail transaction, in three files: smtp.c has the interface and the ends, smtp_out.c what is said,
 * smtp_in.c what is heard.
 */

/* One message on its way: SLOT_EMPTY -> HELD -> ENVELOPE -> FENCE -> CONTENT -> OFFERED -> EMPTY. */
enum slot_state {
	SLOT_EMPTY,
	SLOT_HELD,     /* taken, nothing written */
	SLOT_ENVELOPE, /* some of RSET, MAIL, RCPT, DATA written, not all answered */
	SLOT_FENCE,    /* 354 received */
	SLOT_CONTENT,  /* content on its way, its dot not yet handed to the connection */
	SLOT_OFFERED,  /* the dot may have left */
};

/* What the server still owes an answer to, in order. */
enum reply_to {
	REPLY_RSET,
	REPLY_MAIL,
	REPLY_RCPT,
	REPLY_DATA,
	REPLY_DOT,
	REPLY_LONE_DOT, /* the end of a message without recipients */
};

enum {
	ADDRESS_ROOM = 256,
	OUT_CHUNK = 32 * 1024,          /* of content at once */
	OUT_LIMIT = 3 * OUT_CHUNK,      /* a chunk with every line stuffed, and an envelope */
	IN_CHUNK = 16 * 1024,
	OWED_MAX = 8,
	EVENTS_MAX = 8,
	TRANSFER_MS = 5 * 60 * 1000,
};

struct slot {
	enum slot_state state;
	int64_t id;
	int64_t deadline_ms;
	char from[ADDRESS_ROOM];
	char rcpt[ADDRESS_ROOM];
	size_t size;
	bool eightbit;
	bool utf8;
	enum reply_to next;      /* the command to write next while in HELD and ENVELOPE */
	bool rcpt_taken;
	bool refused;            /* `fate` is decided, answers to what was pipelined behind are still due */
	struct delivery fate;
	const char *content;     /* borrowed */
	size_t content_len;
	size_t content_at;
};

struct event {
	enum smtp_event kind;
	int64_t id;
	struct delivery delivery;
};

enum conn_state {
	CONN_CONNECTING,
	CONN_UP,
	CONN_DOWN,
};

struct smtp {
	enum conn_state state;
	struct smtp_link *link;
	struct smtp_caps caps;
	int64_t transfer_ms;
	int64_t now_ms;
	struct slot slots[SMTP_AHEAD];
	size_t first;            /* the slot in front; the other one is behind it */
	bool dirty;              /* the server may be inside a transaction: RSET before the next MAIL */
	struct buf out;          /* written up to out_at; only appended to when all is written */
	size_t out_at;
	bool write_failed;
	struct smtp_reply reply;
	enum reply_to owed[OWED_MAX];
	size_t owed_count;
	struct event events[EVENTS_MAX];
	size_t event_count;
};

static inline struct slot *smtp_front(struct smtp *c)
{
	return &c->slots[c->first];
}

static inline struct slot *smtp_behind(struct smtp *c)
{
	return &c->slots[(c->first + 1) % SMTP_AHEAD];
}

static inline bool smtp_drained(const struct smtp *c)
{
	return c->out_at == c->out.len;
}

void smtp_event_add(struct smtp *c, enum smtp_event kind, int64_t id, const struct delivery *d);

/* The message in front has its end; the one behind moves up, and its time begins. */
void smtp_front_done(struct smtp *c, const struct delivery *d);

/* The connection is gone: what was on the way gets its end, then the connection its own. */
void smtp_go_down(struct smtp *c, const struct delivery *why);
void smtp_lose(struct smtp *c, const char *why);

/* Which command the server has to answer next. */
enum delivery_phase smtp_phase(const struct smtp *c);

/* With PIPELINING the whole envelope, else the next command of it. */
void smtp_add_envelope(struct smtp *c, struct slot *s);

void smtp_owe(struct smtp *c, enum reply_to what);

/* Writes until nothing is left to say or the connection takes no more. */
void smtp_flush(struct smtp *c);

/*
 * Reads all there is and acts on it. While a message waits for its fence nothing is read, so that nothing
 * happens to it until its caller has decided.
 */
void smtp_read(struct smtp *c);

/* Before a content is written: whether the server is still there, silent as it has to be. */
void smtp_look(struct smtp *c);

#endif
