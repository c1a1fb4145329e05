#ifndef PW_BASE_PACKED_H
#define PW_BASE_PACKED_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>

/*
 * Bytes in little room (LZ4): what they have in common with a text that is there at both ends, the dictionary, costs next
 * to nothing. Mails of one template become a tenth of their size or less.
 */
struct packer;

/* A copy of the dictionary is kept; len is 0..65536. */
struct packer *packer_new(const void *dictionary, size_t len);
void packer_free(struct packer *p); /* NULL is fine */
const char *packer_dictionary(const struct packer *p, size_t *ret_len);

/* Adds the packed bytes to out; whether they fit is seen there (buf.h). */
void packer_pack(struct packer *p, const void *from, size_t len, struct buf *out);

/*
 * The other way, with the same dictionary: *ret in the arena, with a NUL behind it. ERR_CONFIG when that is not what was
 * packed, or when it would be longer than max.
 */
int packer_unpack(struct packer *p, const void *from, size_t len, size_t max, struct arena *a, const char **ret,
                  size_t *ret_len, struct err *err) PW_CHECK;

#endif
