#ifndef PW_PEOPLE_EXPORT_H
#define PW_PEOPLE_EXPORT_H

#include "engine/engine.h"
#include "model/contact.h"

struct buf;

/*
 * Contacts as a table that can be imported again unchanged: `email`, every field that there is, `tags`,
 * `suppressed`. Cells that a spreadsheet would take for formulas are protected, unless raw; an import takes the
 * protection off.
 */
void export_head(const struct world *w, bool raw, struct buf *out);
void export_row(const struct world *w, const struct contact *c, bool raw, struct buf *out);

/* A row of which only `email` and `suppressed` are there (people/unwanted.h). */
void export_nobody(const struct world *w, const struct contact *nobody, struct buf *out);

#endif
