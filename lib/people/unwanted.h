#ifndef PW_PEOPLE_UNWANTED_H
#define PW_PEOPLE_UNWANTED_H

#include "engine/chunk.h"
#include "engine/engine.h"
#include "engine/world.h"

struct buf;

/*
 * Addresses of nobody that must not be written to, on their way from one database to another (B17): of people who were
 * deleted or erased. They travel as veils (store/suppression_store.h), in rows of the table of contacts whose `email`
 * is the veil, so that an export names nobody who is gone.
 */

/* Appends all of them to out as rows of export_head()'s table; calls flush when much has gathered. */
int unwanted_export(struct engine *e, const struct world *w, void (*flush)(void *ctx, struct buf *out), void *ctx,
                    struct buf *out, struct err *err) PW_CHECK;

/* Stores one. 1; 0 it was there already; -1. */
int unwanted_take(struct engine *e, int64_t team, const char *veil, unsigned reasons, struct err *err) PW_CHECK;

/* Marks the contacts that they turn out to be, in chunks; *ret: how many. */
int unwanted_mark(struct engine *e, int64_t team, struct chunk *chunk, int64_t *ret, struct err *err) PW_CHECK;

#endif
