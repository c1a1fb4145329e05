#include "base/packed.h"

#include "base/late.h"
#include "base/mem.h"

#include <endian.h>
#include <limits.h>
#include <lz4.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DICTIONARY_MAX 65536 /* LZ4 looks no further back */

/* How long it is when it is unpacked, in front of what LZ4 makes of it. */
typedef uint32_t length;

struct packer {
	LZ4_stream_t *ready; /* with the dictionary in it, for packing; NULL: nothing has been packed yet */
	size_t len;
	char dictionary[];
};

struct packer *packer_new(const void *dictionary, size_t len)
{
	struct packer *p;

	BUG_ON(len > DICTIONARY_MAX);
	p = xmalloc(sizeof *p + len);
	*p = (struct packer){ .len = len };
	if (len > 0)
		memcpy(p->dictionary, dictionary, len);
	return p;
}

void packer_free(struct packer *p)
{
	if (!p)
		return;
	free(p->ready);
	free(p);
}

const char *packer_dictionary(const struct packer *p, size_t *ret_len)
{
	*ret_len = p->len;
	return p->dictionary;
}

static void make_ready(struct packer *p)
{
	p->ready = xmalloc(sizeof *p->ready);
	LATE(LIBLZ4, LZ4_initStream)(p->ready, sizeof *p->ready);
	LATE(LIBLZ4, LZ4_loadDict)(p->ready, p->dictionary, (int)p->len);
}

void packer_pack(struct packer *p, const void *from, size_t len, struct buf *out)
{
	static LZ4_stream_t stream; /* a copy: what was packed before is not there any more when the next one is */
	length before = htole32((uint32_t)len);
	int bound, n;
	char *to;

	BUG_ON(len > LZ4_MAX_INPUT_SIZE);
	if (!p->ready)
		make_ready(p);
	stream = *p->ready;
	bound = LATE(LIBLZ4, LZ4_compressBound)((int)len);
	to = xmalloc((size_t)bound);
	n = LATE(LIBLZ4, LZ4_compress_fast_continue)(&stream, from, to, (int)len, bound, 1);
	BUG_ON(n <= 0);
	buf_add(out, &before, sizeof before);
	buf_add(out, to, (size_t)n);
	free(to);
}

int packer_unpack(struct packer *p, const void *from, size_t len, size_t max, struct arena *a, const char **ret,
                  size_t *ret_len, struct err *err)
{
	length size = UINT32_MAX;
	const char *packed = from;
	char *to;

	if (len >= sizeof size && len <= INT_MAX)
		memcpy(&size, packed, sizeof size);
	size = le32toh(size);
	if (size > max || size > LZ4_MAX_INPUT_SIZE)
		return err_set(err, ERR_CONFIG, "packed bytes are not as they were written");
	to = arena_alloc(a, (size_t)size + 1);
	if (LATE(LIBLZ4, LZ4_decompress_safe_usingDict)(packed + sizeof size, to, (int)(len - sizeof size), (int)size,
	                                             p->dictionary, (int)p->len) != (int)size)
		return err_set(err, ERR_CONFIG, "packed bytes are not as they were written");
	to[size] = '\0';
	*ret = to;
	*ret_len = size;
	return 0;
}
