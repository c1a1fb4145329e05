/* In front of libc: one write does only half of what it was asked for (see tally.h). */
#include "real.h"
#include "tally.h"

#include <sys/socket.h>
#include <sys/types.h>

static struct tally tally;

static size_t less(size_t n)
{
	return tally_hits(&tally) && n > 1 ? n / 2 : n;
}

ssize_t write(int fd, const void *bytes, size_t n)
{
	REAL(write);
	return real(fd, bytes, less(n));
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	REAL(pwrite);
	return real(fd, bytes, less(n), at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
	REAL(pwrite64);
	return real(fd, bytes, less(n), at);
}

ssize_t send(int fd, const void *bytes, size_t n, int flags)
{
	REAL(send);
	return real(fd, bytes, less(n), flags);
}
