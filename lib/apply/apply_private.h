#ifndef PW_APPLY_APPLY_PRIVATE_H
#define PW_APPLY_APPLY_PRIVATE_H

#include "apply/apply.h"

/* The stored row of a document, or NULL. */
const struct document_row *apply_stored(const struct apply *ap, enum doc_kind kind, const char *name);

/* The kind of a stored row. */
enum doc_kind apply_row_kind(const struct document_row *row);

/* Compares the documents of the files with what is stored and fills ap->items. */
int apply_compare(struct apply *ap, struct err *err) PW_CHECK;

/*
 * Would what is stored still hold? Only asked when something goes that others may name. Problems go to the
 * diagnostics. 1, 0, -1.
 */
int apply_check_rest(struct apply *ap, struct err *err) PW_CHECK;

/* Writes one item, in the caller's transaction. */
int apply_write(struct apply *ap, const struct apply_item *item, struct err *err) PW_CHECK;

/*
 * Stops the open runs of a pipeline that is about to be deleted, in transactions of their own. Who has entered since
 * is stopped by apply_write().
 */
int apply_stop_people(struct apply *ap, const struct apply_item *item, struct err *err) PW_CHECK;

#endif
