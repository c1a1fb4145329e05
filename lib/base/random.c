#include "base/random.h"

#include "base/err.h"

#include <errno.h>
#include <sys/random.h>

void random_bytes(void *ret, size_t len)
{
	unsigned char *p = ret;

	while (len > 0) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			BUG("no random bytes from the kernel");
		p += n;
		len -= (size_t)n;
	}
}

int64_t random_token(void)
{
	uint64_t v;

	random_bytes(&v, sizeof v);
	return (int64_t)(v >> 1) | 1;
}

uint64_t hash_bytes(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * UINT64_C(1099511628211);
	return h;
}

/* Each bit of the sum moves half of the others: the end of MurmurHash3. */
uint64_t hash_share(const void *data, size_t len, uint64_t n)
{
	uint64_t h = hash_bytes(data, len);

	h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return (h ^ h >> 33) % n;
}
