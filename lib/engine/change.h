#ifndef PW_ENGINE_CHANGE_H
#define PW_ENGINE_CHANGE_H

#include "engine/engine.h"
#include "model/contact.h"

/* What changes about a person with an event (engine/event.h). */
enum change_kind {
	CHANGE_VALUE,      /* field `name` becomes `value`; "" clears */
	CHANGE_TAG,        /* `name` */
	CHANGE_UNTAG,
	CHANGE_KIND,       /* value: lead, contact */
	CHANGE_EMAIL,      /* name: as written, value: folded */
	CHANGE_SUPPRESS,   /* bits */
	CHANGE_UNSUPPRESS,
	CHANGE_DELETE
};

struct change {
	enum change_kind kind;
	const char *name, *value;
	enum suppression bits;
};

/*
 * What an event of this type says of a person by itself, whoever recorded it: who unsubscribed is unsubscribed. NULL:
 * nothing, or it is so already. event_record() adds it.
 */
const struct change *change_of_event(const char *type, const struct contact *c);

/* Makes a change on the view alone. */
void change_view(const struct change *change, struct contact *c, struct arena *a);

/* Makes the changes in the store and on the view, in the caller's write transaction. */
int change_store(struct engine *e, const struct change *changes, size_t n, struct contact *c, struct arena *a,
                 struct err *err) PW_CHECK;

#endif
