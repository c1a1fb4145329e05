#ifndef PW_ENGINE_VIEW_H
#define PW_ENGINE_VIEW_H

#include "engine/progress.h"
#include "format/value.h"

/*
 * What templates see: contact, event, run, sender, team, unsubscribe_url. Values are typed as Fields
 * says; everything is in the arena.
 *
 * run        NULL: without a run
 * mailbox    the sender's name; NULL: none
 * token      what the unsubscribe address carries, to tell the message; NULL: none
 */
struct view {
	const struct contact *contact;
	const struct run *run;
	const char *pipeline;
	const char *mailbox;
	const char *token;
};

/* Adds to the map what this template may look at and the map has not yet. */
int view_provide(struct engine *e, struct world *w, const struct view *v, const struct liquid *tpl, struct value *map,
                 struct err *err) PW_CHECK;

/*
 * Is it sure, without building the view, that this variable ("contact.first_name") has a value that is not blank?
 * false: it may have none.
 */
bool view_surely_has(const struct world *w, const struct view *v, const char *path);

/* "mailto:unsubscribe@example.com?subject=unsubscribe%20TOKEN". In the arena. */
const char *view_unsubscribe(const struct mailbox *mb, const char *token, struct arena *a);

#endif
