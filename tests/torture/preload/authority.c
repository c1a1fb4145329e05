/* In front of libc: whom this machine trusts stands in $PW_AUTHORITY instead of /etc/ssl/certs/ca-certificates.crt. */
#include "real.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *instead_of(const char *path)
{
	const char *own = getenv("PW_AUTHORITY");

	return own && strcmp(path, "/etc/ssl/certs/ca-certificates.crt") == 0 ? own : path;
}

FILE *fopen(const char *path, const char *mode)
{
	REAL(fopen);
	return real(instead_of(path), mode);
}

FILE *fopen64(const char *path, const char *mode)
{
	REAL(fopen64);
	return real(instead_of(path), mode);
}
