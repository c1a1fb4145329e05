#ifndef PW_STORE_STENCIL_PRIVATE_H
#define PW_STORE_STENCIL_PRIVATE_H

#include "base/attr.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct db;
struct packer;

/*
 * What the mails of one template have in common is stored once, and each mail as its difference from that
 * (base/packed.h). A stencil holds what authors wrote and nothing of the person who gets the mail, so that one who is
 * erased is in no stencil. There are about as many as versions of templates; none is ever removed.
 */

#define STENCIL_NONE 0 /* the number of the empty one */
#define STENCIL_MAX  65536 /* bytes; what is longer is cut */

/* The stencil of these texts, which is stored when it is new: needs a write transaction then. */
int stencil_of(struct db *db, int64_t team, const char *const *texts, size_t n, int64_t *ret_id, struct packer **ret,
               struct err *err) PW_CHECK;

/* The one of a number that a row has. A packer lives until another stencil is asked for. */
int stencil_load(struct db *db, int64_t team, int64_t id, struct packer **ret, struct err *err) PW_CHECK;

#endif
