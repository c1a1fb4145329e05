#ifndef PW_PEOPLE_DOSSIER_H
#define PW_PEOPLE_DOSSIER_H

#include "engine/engine.h"
#include "model/contact.h"

struct buf;
struct message;

/* What goes into a dossier besides the contact itself: bits. */
enum dossier_part {
	DOSSIER_RUNS = 1u << 0,     /* every pipeline the person is or was in, with the mails that are planned */
	DOSSIER_EVENTS = 1u << 1,   /* everything that happened */
	DOSSIER_MESSAGES = 1u << 2, /* every message with its content */
};

/* Appends what is known of a contact as one JSON object, without a newline. */
int dossier_write(struct engine *e, struct world *w, const struct contact *c, unsigned parts, struct buf *out,
                  struct err *err) PW_CHECK;

/* Appends a message with its content as one JSON object; pipeline, step: their names, or NULL. */
void dossier_write_message(const struct message *m, const char *pipeline, const char *step, struct buf *out);

#endif
