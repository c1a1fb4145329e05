#include "base/packed.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define LEVEL 1 /* with a dictionary, the next ones take longer for a few bytes */

/* What is made of the dictionary for each direction is made when it is needed. */
struct packer {
	size_t len;
	ZSTD_CDict *in;
	ZSTD_DDict *out;
	char dictionary[];
};

/* A program does one thing at a time: all packers share these. */
static ZSTD_CCtx *packing;
static ZSTD_DCtx *unpacking;

struct packer *packer_new(const void *dictionary, size_t len)
{
	struct packer *p = xmalloc(sizeof *p + len);

	*p = (struct packer){ .len = len };
	if (len > 0)
		memcpy(p->dictionary, dictionary, len);
	return p;
}

void packer_free(struct packer *p)
{
	if (!p)
		return;
	ZSTD_freeCDict(p->in);
	ZSTD_freeDDict(p->out);
	free(p);
}

const char *packer_dictionary(const struct packer *p, size_t *ret_len)
{
	*ret_len = p->len;
	return p->dictionary;
}

void packer_pack(struct packer *p, const void *from, size_t len, struct buf *out)
{
	size_t bound = ZSTD_compressBound(len), n;
	char *to;

	if (!packing)
		packing = ZSTD_createCCtx();
	if (!p->in)
		p->in = ZSTD_createCDict(p->dictionary, p->len, LEVEL);
	if (!packing || !p->in)
		mem_exhausted();
	to = xmalloc(bound);
	n = ZSTD_compress_usingCDict(packing, to, bound, from, len, p->in);
	if (ZSTD_isError(n)) /* the room is large enough: there was no memory */
		mem_exhausted();
	buf_add(out, to, n);
	free(to);
}

int packer_unpack(struct packer *p, const void *from, size_t len, size_t max, struct arena *a, const char **ret,
                  size_t *ret_len, struct err *err)
{
	unsigned long long size = ZSTD_getFrameContentSize(from, len); /* the largest numbers are its errors */
	char *to;

	if (size > max)
		return err_set(err, ERR_CONFIG, "packed bytes are not as they were written");
	if (!unpacking)
		unpacking = ZSTD_createDCtx();
	if (!p->out)
		p->out = ZSTD_createDDict(p->dictionary, p->len);
	if (!unpacking || !p->out)
		mem_exhausted();
	to = arena_alloc(a, (size_t)size + 1);
	if (ZSTD_decompress_usingDDict(unpacking, to, (size_t)size, from, len, p->out) != size)
		return err_set(err, ERR_CONFIG, "packed bytes are not as they were written");
	to[size] = '\0';
	*ret = to;
	*ret_len = (size_t)size;
	return 0;
}
