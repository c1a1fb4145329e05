/*
 * In front of libc: what a program draws by chance is the same in each run, so that two runs that came equally far leave the
 * same bytes. SQLite reads /dev/urandom, which gives zeros.
 */
#include "real.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

ssize_t getrandom(void *ret, size_t len, unsigned flags)
{
	static uint64_t n;
	unsigned char *p = ret;

	(void)flags;
	for (size_t i = 0; i < len; i++) {
		n = n * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		p[i] = (unsigned char)(n >> 56);
	}
	return (ssize_t)len;
}

int open64(const char *path, int flags, ...)
{
	REAL(open64);
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
	va_end(more);
	return real(strcmp(path, "/dev/urandom") == 0 ? "/dev/zero" : path, flags, mode);
}
