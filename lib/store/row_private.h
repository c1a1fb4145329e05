#ifndef PW_STORE_ROW_PRIVATE_H
#define PW_STORE_ROW_PRIVATE_H

#include "model/contact.h"
#include "store/run_store.h"
#include "store/stmt_private.h"

/* Rows that more than one question reads: their columns, of aliases `r` and `c`, and how these are read, in order. */
#define RUN_COLS                                                                                                     \
	"r.id, r.team, r.contact, r.pipeline, r.version, r.status, r.reason, r.reason_text, r.step, r.visit, r.due_at,"  \
	" r.lane, r.class, r.put_off, r.started_at, r.since_event, r.last_step, r.last_done_after, r.steps_done,"       \
	" r.mails_sent, r.ended_at, r.mailbox, r.enroller, r.event_ahead, r.held_since"
void run_read_row(struct stmt *st, struct arena *a, struct run *ret);

#define CONTACT_COLS "c.id, c.team, c.email, c.folded, c.kind, c.suppressed, c.created_at, c.updated_at, c.fields"
int contact_read_row(struct stmt *st, struct arena *a, struct contact *ret, struct err *err) PW_CHECK;

/* The messages of contact $2 of team $1: those of its runs have no index of contacts, which a tick would have to keep. */
#define MESSAGES_OF_CONTACT                                                                                          \
	"(SELECT m.id FROM run r JOIN message m ON m.run = r.id WHERE r.contact = $2 AND r.team = $1 AND m.run > 0"      \
	" UNION ALL SELECT m.id FROM message m WHERE m.contact = $2 AND m.team = $1 AND m.run = 0)"

#endif
